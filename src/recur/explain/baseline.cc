#include "recur/explain/baseline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {

const std::vector<std::string>& baseline_kinds() {
  static const std::vector<std::string> kinds{"zero", "mean", "padding", "first"};
  return kinds;
}

std::string chosen_baseline(const ReadRecord& read, std::string_view kind) {
  return kind == "auto" ? read.usual_baseline : std::string(kind);
}

Tensor baseline_of(const ReadRecord& read, std::string_view kind) {
  const autograd::NoGrad no_grad;
  const std::string chosen = chosen_baseline(read, kind);
  Tensor zeros = Tensor::zeros(read.x.shape(), read.x.dtype());
  if (chosen == "zero") return zeros;
  if (chosen == "first") return zeros + row(read.x, 0);
  if (chosen == "mean") return read.mean.defined() ? read.mean : zeros + mean(read.x, 0);
  if (chosen != "padding") {
    fail_usage("baseline: expected auto or one of {}, got '{}'", fmt::join(baseline_kinds(), ", "), chosen);
  }
  if (!read.padding.defined()) {
    fail_usage("baseline: padding: this model has no input for padding; choose zero, mean or first");
  }
  return read.padding;
}

}  // namespace recur
