#include "recur/tasks/recurrent_options.h"

#include "recur/base/error.h"

namespace recur {

double least_parameters(const RecurrentOptions& rnn) {
  std::vector<int64_t> widths = rnn.widths;
  if (widths.empty()) widths.assign(static_cast<size_t>(rnn.layers), rnn.hidden);
  double count = 0;
  for (const int64_t width : widths) {
    const int64_t recurrent = rnn.projection > 0 ? rnn.projection : width;
    count += static_cast<double>(width) * static_cast<double>(recurrent + 1);
  }
  return count;
}

void check_least_parameters(double least, int64_t elements) {
  if (least > static_cast<double>(elements)) {
    fail("the options need a model of at least {:.0f} parameters, but the file has {}", least, elements);
  }
}

}  // namespace recur
