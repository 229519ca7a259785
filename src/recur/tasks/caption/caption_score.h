// What a model says of images, and how good that is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/caption/caption_encoder.h"
#include "recur/tasks/caption/caption_model.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur {

// A network and what it needs; all must outlive this.
struct Captioner {
  const CaptionModel& model;
  const CaptionEncoder& encoder;
  const CaptionOptions& options;
};

struct SaidCaption {
  std::string text;
  double score = 0;                                // of the search
  std::vector<std::string> tokens = {};            // without the end
  std::vector<std::vector<float>> attention = {};  // [tokens + 1][regions]; empty where nobody asks for it
};

// The best captions of each of these images, as many as the options ask for, best first.
std::vector<std::vector<SaidCaption>> say(const Captioner& captioner, const CaptionSet& set,
                                          std::span<const int64_t> which);

// BLEU-1 .. 4, METEOR of equal words, ROUGE-L and CIDEr-D, each times 100, of a caption for each of these images.
std::vector<Metric> caption_metrics(const CaptionSet& set, std::span<const int64_t> which,
                                    std::span<const std::string> said);

// The loss in nats per symbol, teacher forced, over all captions of the images, the scores of what is said, and those
// of the most usual caption beside them. With `rows`, writes one an image.
Evaluation measure(const Captioner& captioner, const CaptionSet& set, std::span<const int64_t> which,
                   Sink* rows = nullptr);
// The loss over all of `which`, and the scores of a greedy search for those of `sample`.
Evaluation measure_sample(const Captioner& captioner, const CaptionSet& set, std::span<const int64_t> which,
                          std::span<const int64_t> sample);

// What the most usual caption of the training data scores on these images.
BaselineResults usual_caption_baseline(const Captioner& captioner, const CaptionSet& set,
                                       std::span<const int64_t> which);

// The columns of predictions, and the rows of an image.
std::vector<std::string> caption_columns(const CaptionUseOptions& options);
void write_captions(const Captioner& captioner, const std::string& id, std::span<const SaidCaption> said, Sink& out);

}  // namespace recur
