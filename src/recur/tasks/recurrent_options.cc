#include "recur/tasks/recurrent_options.h"

#include "recur/base/error.h"

namespace recur {

double least_parameters(const RecurrentOptions& rnn) {
  std::vector<int64_t> widths = rnn.widths;
  if (widths.empty()) widths.assign(static_cast<size_t>(rnn.layers), rnn.hidden);
  double count = 0, input = 1;
  for (size_t l = 0; l < widths.size(); ++l) {
    const auto width = static_cast<double>(widths[l]);
    const double recurrent = rnn.projection > 0 ? static_cast<double>(rnn.projection) : width;
    const std::string& name = l < rnn.cells.size() ? rnn.cells[l] : rnn.cell;
    count += width * (find_layer_kind(name).is_square ? recurrent + 1 : input);
    input = width;
  }
  return count;
}

void check_least_parameters(double least, int64_t elements) {
  if (least > static_cast<double>(elements)) {
    fail("the options need a model of at least {:.0f} parameters, but the file has {}", least, elements);
  }
}

}  // namespace recur
