#include "recur/tasks/explainable.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/unary.h"

namespace recur {

Tensor class_score(const Tensor& scores, int64_t which, bool probability) {
  const int64_t batch = scores.size(0), classes = scores.size(1);
  const Tensor own = reshape(slice(scores, {1, which}, 1), {batch});
  Tensors others;
  if (which > 0) others.push_back(slice(scores, {1, 0}, which));
  if (which + 1 < classes) others.push_back(slice(scores, {1, which + 1}, classes - which - 1));
  if (others.empty()) return 0.0 * own;  // one class alone is certain
  return label_score(own - logsumexp(concat(others, 1), 1), probability);
}

Tensor label_score(const Tensor& logit, bool probability) { return probability ? sigmoid(logit) : logit; }

int64_t best_class(const Tensor& scores) {
  const Tensor values = scores.clone(DType::kF64);
  const auto all = values.values<double>();
  return std::ranges::max_element(all) - all.begin();
}

int64_t find_target(const ExplainTarget& target, const std::vector<std::string>& names, std::string_view kind,
                    const std::function<int64_t()>& usual) {
  if (target.name.empty()) return usual();
  const auto found = std::ranges::find(names, target.name);
  if (found != names.end()) return found - names.begin();
  constexpr size_t kShown = 20;
  fail_usage("target: the model has no {} {}; it has {}", kind, quoted_cell(target.name), listed(names, kShown));
}

int64_t step_of(const ExplainTarget& target, int64_t steps, int64_t usual) {
  if (!target.step) return usual;
  if (*target.step < 1 || *target.step > steps) {
    fail_usage("step: expected a step from 1 to {} of this record, got {}", steps, *target.step);
  }
  return *target.step - 1;
}

void refuse_step(const ExplainTarget& target, std::string_view task) {
  if (target.step) fail_usage("step: a model of the task {} has one output per record, not one per step", task);
}

void fail_empty_record(std::string_view place, std::string_view id) {
  fail("{}: record {} has no steps: there is nothing to explain", place, quoted_cell(std::string(id)));
}

Tensor steps_tensor(const std::vector<float>& numbers, int64_t features, DType dtype) {
  return Tensor::from(numbers, {std::ssize(numbers) / features, features}).clone(dtype);
}

}  // namespace recur
