// Ten steps of each optimiser against PyTorch's.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "recur/optim/adagrad.h"
#include "recur/optim/adam.h"
#include "recur/optim/asgd.h"
#include "recur/optim/rmsprop.h"
#include "recur/optim/sgd.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

struct GoldenCase {
  std::string name;
  std::function<std::unique_ptr<Optimizer>(const Tensors&)> make;
};

template <class O, class Options>
GoldenCase golden(const std::string& name, const Options& options) {
  return {name, [options](const Tensors& parameters) { return std::make_unique<O>(parameters, options); }};
}

class OptimizerGolden : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(OptimizerGolden, FollowsPyTorchForTenSteps) {
  const testing::Golden file("optim_" + GetParam().name);
  const Tensor a = file["problem.a"], t = file["problem.t"], losses = file["loss"], ws = file["w"], vs = file["v"];
  Tensor w = file["initial.w"], v = file["initial.v"];
  w.set_requires_grad();
  v.set_requires_grad();
  const auto optimizer = GetParam().make({w, v});
  for (int64_t n = 0; n < losses.numel(); ++n) {
    optimizer->zero_grad();
    const Tensor loss = sum(a * square(w - t)) * 0.5 + sum(square(square(v))) * 0.1 + sum(w) * sum(v) * 0.1;
    EXPECT_NEAR(loss.item(), losses.data<double>()[n], 1e-12 * std::abs(loss.item()));
    loss.backward();
    optimizer->step();
    EXPECT_LT(testing::relative_error(w, ws.alias(n * 4, {4})), 1e-12) << "step " << n;
    EXPECT_LT(testing::relative_error(v, vs.alias(n * 6, {2, 3})), 1e-12) << "step " << n;
  }
  if (GetParam().name != "asgd") return;
  const AverageScope scope(*optimizer);
  EXPECT_LT(testing::relative_error(w, file["average.w"].alias(9 * 4, {4})), 1e-8);  // it rounds 1/3 too
}

INSTANTIATE_TEST_SUITE_P(
    PyTorch, OptimizerGolden,
    ::testing::Values(
        golden<Sgd>("sgd", SgdOptions{.rate = 0.05}),
        golden<Sgd>("sgd_momentum", SgdOptions{.rate = 0.05, .momentum = 0.9}),
        golden<Sgd>("sgd_dampening", SgdOptions{.rate = 0.05, .momentum = 0.9, .dampening = 0.3}),
        golden<Sgd>("sgd_nesterov_decay",
                    SgdOptions{.rate = 0.05, .momentum = 0.9, .nesterov = true, .weight_decay = 0.02}),
        // PyTorch rounds this rate to f32, and its average begins with step t0 + 2.
        golden<Asgd>("asgd", AsgdOptions{.rate = 0.05f, .average_after = 5}),
        golden<Adam>("adam", AdamOptions{.rate = 0.1}),
        golden<Adam>("adam_decay",
                     AdamOptions{.rate = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.02}),
        golden<Adam>("adam_amsgrad", AdamOptions{.rate = 0.1, .beta1 = 0.8, .beta2 = 0.9, .amsgrad = true}),
        golden<AdamW>("adamw", AdamOptions{.rate = 0.1, .weight_decay = 0.05}),
        golden<Rmsprop>("rmsprop", RmspropOptions{.rate = 0.05}),
        golden<Rmsprop>("rmsprop_momentum",
                        RmspropOptions{.rate = 0.05, .alpha = 0.9, .momentum = 0.5, .weight_decay = 0.02}),
        golden<Rmsprop>("rmsprop_centered", RmspropOptions{.rate = 0.05, .alpha = 0.9, .centered = true}),
        golden<Adagrad>("adagrad", AdagradOptions{.rate = 0.3}),
        golden<Adagrad>("adagrad_decay",
                        AdagradOptions{.rate = 0.3, .rate_decay = 0.1, .weight_decay = 0.02, .initial_sum = 0.1})),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace recur
