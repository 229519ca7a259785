// How well a model speaks, beside simple ways to do so.
#pragma once

#include "recur/tasks/evaluation.h"
#include "recur/tasks/synthesize/synthesize_trained.h"

namespace recur {

// With `examples`, a row for each sound. Unless it `validates`, which happens often: some sounds are made again of
// their frames, and what is left out of texts is said.
Evaluation measure(const SynthesizeTrained& trained, const SpeechSet& set, Sink* examples = nullptr,
                   bool validates = false);

// Mean absolute difference of log-mel frames in decibels along the best path of dynamic time warping, whose steps are
// one frame of one of both or of both; both have frames.
double warped_distance(const FrameRows& a, const FrameRows& b);

// Mean absolute difference of two sounds' log spectra in decibels, of windows of 25 ms, over as many frames as both
// have; what is 80 dB below a full sine counts as that.
double spectral_distance(std::span<const float> a, std::span<const float> b, int64_t rate);

}  // namespace recur
