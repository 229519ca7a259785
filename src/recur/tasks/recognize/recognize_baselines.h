// What recognition is held against: the most frequent class, and of clips of few numbers the nearest neighbour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/baselines/nearest_neighbour.h"
#include "recur/tasks/recognize/recognize_data.h"

namespace recur {

class RecognizeBaselines {
 public:
  static RecognizeBaselines fit(const RecognizeData& train, const ClipEncoder& encoder, const RecognizeOptions& options,
                                int64_t classes, bool each_frame);

  // Accuracy and macro_f1. Dynamic time warping is left out where it would take long.
  BaselineResults measure(const RecognizeData& data, const ClipEncoder& encoder, const RecognizeOptions& options,
                          int64_t classes, bool each_frame) const;

  std::string to_text() const;
  // Throws Error: it is untrusted input.
  static RecognizeBaselines from_text(std::string_view json, int64_t classes, int64_t features);

 private:
  int32_t usual_ = 0;
  std::optional<NearestNeighbour> nearest_;
  int64_t clips_ = 0;  // of the training part, of which nearest_ may have a part only
};

}  // namespace recur
