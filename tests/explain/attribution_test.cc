// The methods, against what is known of them and against Captum and shap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/explain/baseline.h"
#include "recur/explain/explain.h"
#include "recur/explain/gradients.h"
#include "recur/explain/occlusion.h"
#include "recur/explain/shapley.h"
#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "tests/explain/records_of.h"
#include "tests/support/golden.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;

double largest_difference(const std::vector<double>& a, std::span<const double> b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

// --- Captum and shap on the same network ---

struct Peer {
  Golden golden{"explain_lstm"};
  Tensor x = golden["input.x"], baseline = golden["input.baseline"];
  NetworkRecord record = make();

  NetworkRecord make() const {
    Recurrent network({.cell = "lstm", .input = x.size(1), .hidden = golden["param.weight_hh_l0"].size(1)});
    Linear head({.in = network.output_features(), .out = 3});
    network.to(DType::kF64);
    head.to(DType::kF64);
    NamedTensors state;
    for (const char* name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}) {
      state.push_back({name, golden[std::string("param.") + name]});
    }
    network.load_state(state);
    head.load_state({{"weight", golden["param.head.weight"]}, {"bias", golden["param.head.bias"]}});
    return {x, network, head, golden.integer("target")};
  }
  Parts parts(std::string_view by) const { return Parts(record.read(), baseline, {.by = by}); }
  double off(const std::vector<double>& values, const std::string& name) const {
    const Tensor expected = golden["output." + name].clone(DType::kF64);  // Captum has some in f32
    return largest_difference(values, expected.values<double>());
  }
};

TEST(Attribution, IntegratedGradientsAreCaptums) {
  const Peer peer;
  const Attribution ours = integrated_gradients(peer.record, peer.baseline, peer.parts("cell"));
  EXPECT_LT(peer.off(ours.values, "integrated_gradients"), 1e-9);
  EXPECT_NEAR(ours.score, peer.golden["output.score"].item(), 1e-12);
  EXPECT_NEAR(ours.baseline_score, peer.golden["output.baseline_score"].item(), 1e-12);
}

TEST(Attribution, OcclusionIsCaptums) {
  const Peer peer;
  EXPECT_LT(peer.off(occlusion(peer.record, peer.baseline, peer.parts("cell")).values, "occlusion"), 1e-6);
  EXPECT_LT(peer.off(occlusion(peer.record, peer.baseline, peer.parts("cell"), 2).values, "occlusion_windows"), 1e-6);
}

TEST(Attribution, ShapleyValuesAreCaptumsAndShaps) {
  const Peer peer;
  EXPECT_LT(peer.off(shapley_exact(peer.record, peer.baseline, peer.parts("step")).values, "shapley_by_step"), 1e-6);
  EXPECT_LT(peer.off(shapley_exact(peer.record, peer.baseline, peer.parts("cell")).values, "shapley_by_cell"), 1e-8);
}

// --- What must hold ---

// h = A h + B x at each step, y = w h: linear in x, with weights that the gradient at any place gives.
Tensor linear_recurrence(const Tensor& x) {
  const Tensor a = Tensor::from({0.6f, -0.3f, 0.2f, 0.5f}, {2, 2}).clone(x.dtype());
  const Tensor b = Tensor::from({1.0f, 0.4f, -0.7f, 0.3f, 0.9f, 0.2f}, {2, 3}).clone(x.dtype());
  Tensor h = Tensor::zeros({x.size(1), 2}, x.dtype());
  for (int64_t t = 0; t < x.size(0); ++t) h = linear(h, a) + linear(row(x, t), b);
  return sum(h * Tensor::from({1.5f, -2.0f}, {1, 2}).clone(x.dtype()), 1);
}

// w (x - baseline), by steps of one.
std::vector<double> expected_of_linear(const Tensor& x, const Tensor& baseline) {
  std::vector<double> out;
  for (int64_t i = 0; i < x.numel(); ++i) {
    Tensor moved = baseline.clone();
    moved.data<double>()[i] = x.values<double>()[static_cast<size_t>(i)];
    const auto score = [&](const Tensor& at) {
      return linear_recurrence(reshape(at, {x.size(0), 1, x.size(1)})).values<double>()[0];
    };
    out.push_back(score(moved) - score(baseline));
  }
  return out;
}

TEST(Attribution, OfALinearRecurrenceAllMethodsGiveTheWeightTimesTheDifference) {
  const Tensor x = some_numbers({4, 3}, 1), baseline = some_numbers({4, 3}, 2);
  const FunctionRecord record(x, linear_recurrence);
  const std::vector<double> expected = expected_of_linear(x, baseline);
  const Parts parts(record.read(), baseline, {});
  const ShapleySampling few{.samples = 100};
  EXPECT_LT(largest_difference(integrated_gradients(record, baseline, parts, {.points = 1}).values, expected), 1e-12);
  EXPECT_LT(largest_difference(occlusion(record, baseline, parts).values, expected), 1e-12);
  EXPECT_LT(largest_difference(shapley_exact(record, baseline, parts).values, expected), 1e-12);
  EXPECT_LT(largest_difference(shapley_by_orders(record, baseline, parts, few).values, expected), 1e-12);
  EXPECT_LT(largest_difference(shapley_by_kernel(record, baseline, parts, few).values, expected), 1e-8);
  // In f32 as models have it.
  const FunctionRecord single(x.clone(DType::kF32), linear_recurrence);
  const Tensor base = baseline.clone(DType::kF32);
  const Parts own(single.read(), base, {});
  EXPECT_LT(largest_difference(integrated_gradients(single, base, own).values, expected), 1e-5);
  EXPECT_LT(largest_difference(shapley_exact(single, base, own).values, expected), 1e-5);
}

TEST(Attribution, IntegratedGradientsAddUp) {
  const Tensor x = some_numbers({30, 4}, 3);
  const NetworkRecord record = network_record(x, 4);
  const Tensor baseline = baseline_of(record.read(), "first");
  const Parts parts(record.read(), baseline, {});
  EXPECT_LT(*integrated_gradients(record, baseline, parts, {.points = 200}).residual, 1e-8);
  const NetworkRecord single = network_record(x.clone(DType::kF32), 4);
  const Tensor base = baseline_of(single.read(), "first");
  EXPECT_LT(*integrated_gradients(single, base, Parts(single.read(), base, {}), {.points = 50}).residual, 1e-3);
}

TEST(Attribution, ARoughPathIsCutIntoPieces) {
  // A kink that few points step over.
  const Tensor x = Tensor::ones({1, 1}, DType::kF64), zeros = Tensor::zeros({1, 1}, DType::kF64);
  const FunctionRecord record(x, [](const Tensor& at) { return sum(sum(relu(at - 0.777), 2), 0); });
  const Attribution found = integrated_gradients(record, zeros, Parts(record.read(), zeros, {}), {.points = 4});
  EXPECT_THAT(found.note, HasSubstr("points instead of 4"));
  EXPECT_NEAR(found.values[0], 1 - 0.777, 1e-3 * (1 - 0.777));
}

// A latch: the score rises from 0 to 1 within a thousandth of the path.
TEST(Attribution, ASteepPlaceGetsMorePoints) {
  const Tensor x = Tensor::ones({1, 1}, DType::kF64), zeros = Tensor::zeros({1, 1}, DType::kF64);
  const FunctionRecord record(x, [](const Tensor& at) { return sum(sum(sigmoid((at - 0.3217) * 1e4), 2), 0); });
  const Attribution found = integrated_gradients(record, zeros, Parts(record.read(), zeros, {}));
  EXPECT_LT(*found.residual, 1e-3);
  EXPECT_LT(found.evaluations, 2000);
}

TEST(Attribution, KernelOverAllCoalitionsIsEnumeration) {
  const Tensor x = some_numbers({3, 3}, 5);
  const NetworkRecord record = network_record(x, 6);
  const Tensor baseline = baseline_of(record.read(), "zero");
  for (const char* by : {"cell", "step", "channel"}) {
    const Parts parts(record.read(), baseline, {.by = by});
    const Attribution kernel = shapley_by_kernel(record, baseline, parts, {.samples = 1 << 12});
    EXPECT_LT(largest_difference(kernel.values, shapley_exact(record, baseline, parts).values), 1e-8) << by;
    EXPECT_TRUE(kernel.low.empty());
  }
}

// Both kinds of sampling hold the exact values within their intervals about as often as they say.
TEST(Attribution, SampledShapleyValuesLieInTheirIntervals) {
  const Tensor x = some_numbers({4, 3}, 7);
  const NetworkRecord record = network_record(x, 8);
  const Tensor baseline = baseline_of(record.read(), "zero");
  const Parts parts(record.read(), baseline, {});
  const Attribution exact = shapley_exact(record, baseline, parts);
  for (const bool kernel : {false, true}) {
    int64_t inside = 0, all = 0;
    double widest = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      const ShapleySampling options{.samples = 800, .level = 0.95, .seed = seed};
      const Attribution sampled = kernel ? shapley_by_kernel(record, baseline, parts, options)
                                         : shapley_by_orders(record, baseline, parts, options);
      EXPECT_LT(*sampled.residual, 1e-8);
      for (size_t i = 0; i < exact.values.size(); ++i, ++all) {
        inside += sampled.low[i] <= exact.values[i] && exact.values[i] <= sampled.high[i];
        widest = std::max(widest, sampled.high[i] - sampled.low[i]);
      }
    }
    EXPECT_GT(static_cast<double>(inside) / static_cast<double>(all), 0.9) << kernel;
    double largest = 0;
    for (const double each : exact.values) largest = std::max(largest, std::abs(each));
    EXPECT_LT(widest, largest) << kernel;
  }
}

TEST(Attribution, OfFewPartsShapleyIsExact) {
  const Tensor x = some_numbers({5, 1}, 9);
  const NetworkRecord record = network_record(x, 10);
  const Attribution found = attribute(record, {.method = "shapley", .by = "step"});
  EXPECT_TRUE(found.low.empty());
  EXPECT_LT(*found.residual, 1e-10);
}

TEST(Attribution, GradientTimesInputIsThat) {
  const Tensor x = some_numbers({4, 3}, 11);
  const FunctionRecord record(x, linear_recurrence);
  const Tensor zeros = Tensor::zeros(x.shape(), DType::kF64);
  const Attribution found = attribute(record, {.method = "gradient-input"});
  EXPECT_LT(largest_difference(found.values, expected_of_linear(x, zeros)), 1e-12);
}

TEST(Attribution, OneRecordOfOnePartHasAllOfTheDifference) {
  const Tensor x = some_numbers({1, 1}, 12);
  const NetworkRecord record = network_record(x, 13);
  for (const std::string& method : attribution_methods()) {
    if (method == "gradient-input") continue;
    const Attribution found = attribute(record, {.method = method});
    ASSERT_EQ(found.values.size(), 1u) << method;
    EXPECT_NEAR(found.values[0], found.score - found.baseline_score, 1e-6) << method;
  }
}

TEST(Attribution, ARecordThatIsItsBaselineHasNothingToAttribute) {
  const FunctionRecord record(Tensor::zeros({2, 3}, DType::kF64), linear_recurrence);
  for (const std::string& method : attribution_methods()) {
    const Attribution found = attribute(record, {.method = method});
    EXPECT_TRUE(found.values.empty()) << method;
    EXPECT_EQ(found.residual.value_or(0), 0) << method;
  }
}

TEST(Attribution, SaysWhatItCannotDo) {
  const NetworkRecord record = network_record(some_numbers({20, 3}, 14), 15);
  EXPECT_ERROR((attribute(record, {.method = "shapley-exact"})),
               "at most 12 parts (2^n coalitions); this record has 60");
  EXPECT_ERROR((attribute(record, {.method = "magic"})), "method: expected one of");
  EXPECT_ERROR((attribute(record, {.by = "word"})), "by: expected cell, step or channel");
  EXPECT_ERROR((attribute(record, {.baseline = "padding"})), "no input for padding");
  EXPECT_ERROR((attribute(record, {.baseline = "blur"})), "baseline: expected auto or one of");
  const FunctionRecord broken(some_numbers({2, 1}, 16), [](const Tensor& x) { return sum(sum(log(x * x), 2), 0); });
  EXPECT_ERROR((attribute(broken, {.method = "occlusion"})), "choose another baseline");
}

}  // namespace
}  // namespace recur
