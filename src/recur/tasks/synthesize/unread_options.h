// Options that were given, and that what is learnt does not read.
#pragma once

#include "recur/tasks/synthesize/synthesize_options.h"

namespace recur {

// Where the data are strokes: throws UsageError naming the options of speech that are not as in `usual`, those of the
// model that training begins from, or the defaults.
void refuse_speech_options(const SynthesizeOptions& options, const SynthesizeOptions& usual = {});
// Where the data are sounds: the same of the options of handwriting.
void refuse_handwriting_options(const SynthesizeOptions& options, const SynthesizeOptions& usual = {});

}  // namespace recur
