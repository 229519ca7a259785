#include "recur/tasks/adapt/adapt_model.h"

#include <fmt/format.h>

#include "recur/base/error.h"
#include "recur/ops/concat.h"

namespace recur {
namespace {

RecurrentOptions reader_options(RecurrentOptions options, int64_t input) {
  options.input = input;
  options.bidirectional = false;
  return options;
}

// A module of buffers.
class Parts : public Module {
 public:
  void add(const std::string& name, const Tensor& value) { register_buffer(name, value); }
};

}  // namespace

AdaptModel::AdaptModel(const AdaptOptions& options, const AdaptSizes& sizes, Random& random)
    : sizes_(sizes), body_(options.model, sizes.shape, random) {
  const std::string& learner = options.learning.learner;
  const int64_t features = body_.features(), outputs = shape().outputs;
  register_module("body", body_);
  if (options.is_gradient()) {
    if (learner == "pretrained" && shape().is_class()) {
      classes_.emplace(LinearOptions{.in = features, .out = sizes.categories}, random);
      register_module("classes", *classes_);
    }
    head_.emplace(LinearOptions{.in = features, .out = outputs}, random);
    register_module("head", *head_);
  } else if (learner == "reader") {
    reader_.emplace(reader_options(options.model.rnn, features + outputs + 1), random);
    register_module("reader", *reader_);
    out_.emplace(LinearOptions{.in = reader_->output_features(), .out = outputs}, random);
    register_module("out", *out_);
  }
  const Tensors all = parameters();
  if (all.empty()) fail_usage("network: expected layers with learner = {}, got none", learner);
  dtype_of_ = Parameter(all.front());
  if (!sizes.fitted) return;
  Parts parts;
  for (const int64_t channels : body_.norm_sizes()) {
    for (const double start : {0.0, 1.0}) {
      fitted_.norms.push_back(Tensor::full({channels}, start));
      parts.add(fmt::format("norm_{}", fitted_.norms.size() - 1), fitted_.norms.back());
    }
  }
  if (learner == "prototypes") {
    fitted_.prototypes = Tensor::zeros({sizes.fitted->classes, features});
    parts.add("prototypes", fitted_.prototypes);
  } else if (learner == "reader") {
    fitted_.told = Tensor::zeros({2 * sizes.fitted->shots, features + outputs + 1});
    parts.add("told", fitted_.told);
  }
  register_module("fitted", parts);
}

void AdaptModel::set_fitted(const FittedParts& parts) {
  for (size_t i = 0; i < fitted_.norms.size(); ++i) fitted_.norms[i].copy_from(parts.norms[i]);
  if (fitted_.prototypes) fitted_.prototypes.copy_from(parts.prototypes);
  if (fitted_.told) fitted_.told.copy_from(parts.told);
}

Tensor AdaptModel::asked(const Tensor& features) const {
  const int64_t count = features.size(0);
  const DType dtype = features.dtype();
  return concat({features, Tensor::zeros({count, shape().outputs}, dtype), Tensor::ones({count, 1}, dtype)}, 1);
}

Tensor AdaptModel::told(const Tensor& features, const Tensor& y) const {
  return concat({features, y, Tensor::zeros({features.size(0), 1}, features.dtype())}, 1);
}

}  // namespace recur
