#include "recur/ops/cross_entropy.h"
#include "recur/ops/linear_cross_entropy.h"
#include "recur/ops/losses.h"
#include "recur/ops/softmax.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

const Register softmaxes({
    of("softmax", [](const Tensors& in) { return softmax(in[0]); }, {normal({3, 4, 5})}),
    of("softmax_middle_axis", [](const Tensors& in) { return softmax(in[0], 1); }, {normal({3, 4, 5})}),
    of("softmax_wide", [](const Tensors& in) { return softmax(in[0]); }, {uniform({2, 70}, -30, 30)}),
    of("log_softmax", [](const Tensors& in) { return log_softmax(in[0]); }, {normal({3, 4, 5})}),
    of("log_softmax_first_axis", [](const Tensors& in) { return log_softmax(in[0], 0); }, {normal({3, 4})}),
    of("log_softmax_wide", [](const Tensors& in) { return log_softmax(in[0]); }, {uniform({2, 70}, -30, 30)}),
    of("logsumexp", [](const Tensors& in) { return logsumexp(in[0], 1); }, {normal({3, 4, 5})}),
    of("logsumexp_last_axis", [](const Tensors& in) { return logsumexp(in[0], -1, true); },
       {uniform({2, 70}, -30, 30)}),
});

OpCase entropy(const char* name, const CrossEntropyOptions& options) {
  return of(name, [options](const Tensors& in) { return cross_entropy(in[0], in[1], options); },
            {normal({6, 35}), Tensor::from(std::vector<int32_t>{3, -1, 34, 0, -1, 3}, {6})});
}

const Register cross_entropies({
    entropy("cross_entropy", {}),
    entropy("cross_entropy_sum", {.reduction = Reduction::kSum}),
    entropy("cross_entropy_each", {.reduction = Reduction::kNone}),
    entropy("cross_entropy_smooth", {.smoothing = 0.2}),
    of("cross_entropy_ignoring_a_class",
       [](const Tensors& in) {
         return cross_entropy(in[0], in[1], {.ignored = 3, .smoothing = 0.1, .reduction = Reduction::kNone});
       },
       {normal({3, 5}), Tensor::from(std::vector<int32_t>{3, 0, 4}, {3})}),
    of("cross_entropy_over_time", [](const Tensors& in) { return cross_entropy(in[0], in[1]); },
       {normal({2, 3, 4}), Tensor::from(std::vector<int32_t>{3, 2, 1, 0, 2, 2}, {2, 3})}),
});

OpCase linear_entropy(const char* name, const CrossEntropyOptions& options) {
  return of(name, [options](const Tensors& in) { return linear_cross_entropy(in[0], in[1], in[2], in[3], options); },
            {normal({2, 3, 4}), normal({5, 4}, 2), normal({5}, 3),
             Tensor::from(std::vector<int32_t>{3, -1, 4, 0, -1, 3}, {2, 3})});
}

const Register linear_cross_entropies({
    linear_entropy("linear_cross_entropy", {}),
    linear_entropy("linear_cross_entropy_sum", {.reduction = Reduction::kSum}),
    linear_entropy("linear_cross_entropy_each", {.reduction = Reduction::kNone}),
    linear_entropy("linear_cross_entropy_smooth", {.smoothing = 0.2}),
    of("linear_cross_entropy_without_bias",
       [](const Tensors& in) { return linear_cross_entropy(in[0], in[1], {}, in[2]); },
       {normal({3, 4}), normal({5, 4}, 2), Tensor::from(std::vector<int32_t>{3, 0, 4}, {3})}),
});

OpCase loss(const char* name, Tensor (*f)(const Tensor&, const Tensor&, Reduction), Reduction reduction) {
  return of(name, [=](const Tensors& in) { return f(in[0], in[1], reduction); }, {normal({4, 3}), normal({4, 3}, 2)});
}

const Register losses({
    of("binary_cross_entropy_with_logits",
       [](const Tensors& in) { return binary_cross_entropy_with_logits(in[0], in[1]); },
       {uniform({12}, -9, 9), uniform({12}, 0, 1, 2)}),
    loss("mse", mse, Reduction::kMean),
    loss("mse_sum", mse, Reduction::kSum),
    loss("mae", mae, Reduction::kMean),
    loss("mae_each", mae, Reduction::kNone),
    of("huber", [](const Tensors& in) { return huber(in[0], in[1]); }, {normal({4, 3}), normal({4, 3}, 2)}),
    of("huber_each", [](const Tensors& in) { return huber(in[0], in[1], 0.5, Reduction::kNone); },
       {normal({4, 3}), normal({4, 3}, 2)}),
});

}  // namespace
}  // namespace recur::testing
