// A task's own metrics of any of its examples, such as the word error rate of a speaker's recordings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/kept_rows.h"

namespace recur {

struct TaskMeasure {
  std::string name;  // as evaluate() calls it
  // Of the examples with these numbers, each as often as it is named; nothing where they do not define it.
  std::function<std::optional<double>(std::span<const int64_t>)> of;
};

// Those of a task, from the rows that its evaluate() writes for the examples. Over all examples they are what
// evaluate() says:
//   lm           perplexity
//   classify     accuracy and macro_f1; of values rmse and mae
//   tag          accuracy, and span_f1 where tags are spans
//   recognize    accuracy and macro_f1; of frames event_f1
//   forecast     smape and mase
//   translate    bleu, chrf, exact_match, token_error_rate
//   transcribe   wer, cer, exact_match
//   caption      cider, with the word frequencies of all examples
//   denoise      psnr and ssim
//   synthesize   mel_distance
// Empty for other tasks.
std::vector<TaskMeasure> task_measures(const std::string& task, const KeptRows& examples);

}  // namespace recur
