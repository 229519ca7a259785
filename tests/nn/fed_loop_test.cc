#include "recur/nn/fed_loop.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/base/threads.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

struct FedCase {
  const char* name;
  const char* cell;
  bool additive = false;
  bool masked = false;
  std::vector<int64_t> lengths = {};
  int64_t steps = 4, batch = 3, hidden = 5;
};

class FedLoops : public ::testing::TestWithParam<FedCase> {
 protected:
  static constexpr int64_t kF = 3, kO = 4, kE = 6, kS = 5, kUnits = 7;

  Tensors inputs(DType dtype) const {
    const FedCase& c = GetParam();
    const int64_t gates = cell().gates * c.hidden, D = c.additive ? kUnits : c.hidden, B = c.batch, N = rows();
    Tensors all{normal({N, kF}, 1),    normal({gates, kF + kO}, 2), normal({gates, c.hidden}, 3),
                normal({gates}, 4),    normal({gates}, 5),          normal({B, kO}, 6),
                normal({B, kS, D}, 7), normal({B, kS, kE}, 8),      normal({kO, kE + c.hidden}, 9),
                normal({kO}, 10)};
    if (c.additive) {
      for (const Tensor& each : {normal({D, c.hidden}, 11), normal({D}, 12), normal({D}, 13)}) all.push_back(each);
    }
    for (int k = 0; k < cell().states; ++k) all.push_back(normal({B, c.hidden}, 14 + k));
    for (Tensor& each : all) each = (each * 0.5).clone(dtype);
    return all;
  }
  const Cell& cell() const { return find_cell(GetParam().cell); }
  Packing packing() const { return Packing(GetParam().steps, GetParam().batch, GetParam().lengths); }
  int64_t rows() const { return packing().packed_rows(); }

  FedLoopInput input(const Tensors& in) const {
    const bool additive = GetParam().additive;
    FedLoopInput out;
    out.cell = &cell();
    out.x = in[0];
    out.rnn.weight_ih = in[1];
    out.rnn.weight_hh = in[2];
    out.rnn.bias_ih = in[3];
    out.rnn.bias_hh = in[4];
    out.fed = in[5];
    std::vector<int32_t> lengths;
    for (int64_t b = 0; b < GetParam().batch; ++b) lengths.push_back(static_cast<int32_t>(b % 4 == 3 ? 0 : kS - b % 3));
    out.memory = {in[6], in[7], Tensor::from(lengths, {GetParam().batch})};
    out.combine_weight = in[8];
    out.combine_bias = in[9];
    if (additive) out.query_weight = in[10], out.query_bias = in[11], out.score = in[12];
    out.states = Tensors(in.begin() + (additive ? 13 : 10), in.end());
    if (GetParam().masked) {
      out.mask = Tensor::ones({rows(), kO}, in[0].dtype());
      for (int64_t i = 0; i < out.mask.numel(); i += 3) {
        if (in[0].dtype() == DType::kF64) {
          out.mask.data<double>()[i] = 0;
        } else {
          out.mask.data<float>()[i] = 0;
        }
      }
    }
    return out;
  }
  static Tensors all_of(const FedLoopOutput& out) {
    Tensors all{out.features, out.weights, out.fed};
    all.insert(all.end(), out.states.begin(), out.states.end());
    return all;
  }
};

TEST_P(FedLoops, FusedIsComposed) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    const Tensors in = inputs(dtype);
    ASSERT_TRUE(can_feed(cell(), input(in).rnn, dtype));
    const Tensors fused = all_of(run_fed_loop(input(in), packing()));
    const Tensors composed = all_of(run_composed_fed_loop(input(in), packing()));
    ASSERT_EQ(fused.size(), composed.size());
    for (size_t i = 0; i < fused.size(); ++i) {
      EXPECT_LT(relative_error(fused[i], composed[i]), dtype == DType::kF64 ? 1e-13 : 2e-5) << i;
    }
  }
}

TEST_P(FedLoops, GradientsAreThoseOfTheTwin) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    std::vector<Tensors> gradients;
    for (const bool fused : {true, false}) {
      Tensors in = inputs(dtype);
      for (Tensor& each : in) each.set_requires_grad();
      const Tensors out =
          all_of(fused ? run_fed_loop(input(in), packing()) : run_composed_fed_loop(input(in), packing()));
      Tensor objective = Tensor::zeros({}, dtype);
      for (size_t i = 0; i < out.size(); ++i) {
        objective = objective + sum(out[i] * normal(out[i].shape(), 30 + static_cast<int>(i)).clone(dtype));
      }
      objective.backward();
      gradients.emplace_back();
      for (const Tensor& each : in) gradients.back().push_back(each.grad());
    }
    for (size_t i = 0; i < gradients[0].size(); ++i) {
      ASSERT_EQ(gradients[0][i].defined(), gradients[1][i].defined()) << i;
      EXPECT_LT(relative_error(gradients[0][i], gradients[1][i]), dtype == DType::kF64 ? 1e-12 : 1e-4) << i;
    }
  }
}

TEST_P(FedLoops, GradientsAreExact) {
  if (GetParam().batch > 8) return;  // the twin's comparison covers it
  const auto f = [&](const Tensors& in) { return all_of(run_fed_loop(input(in), packing())); };
  EXPECT_LT(gradient_error(f, inputs(DType::kF64)), 1e-6);
  EXPECT_LT(second_gradient_error(f, inputs(DType::kF64)), 1e-5);
}

TEST_P(FedLoops, AnyNumberOfThreadsGivesTheSameBits) {
  const int before = threads();
  std::vector<Tensors> results;
  for (const int count : {1, 3}) {
    set_threads(count);
    Tensors in = inputs(DType::kF32);
    for (Tensor& each : in) each.set_requires_grad();
    const FedLoopOutput out = run_fed_loop(input(in), packing());
    sum(out.features * out.features).backward();
    results.push_back({out.features.detach()});
    for (const Tensor& each : in) results.back().push_back(each.grad());
  }
  set_threads(before);
  for (size_t i = 0; i < results[0].size(); ++i) EXPECT_EQ(relative_error(results[0][i], results[1][i]), 0) << i;
}

INSTANTIATE_TEST_SUITE_P(
    All, FedLoops,
    ::testing::Values(FedCase{"gru", "gru"}, FedCase{"lstm", "lstm"}, FedCase{"lstm_coupled", "lstm_coupled"},
                      FedCase{"rnn_masked", "rnn", false, true}, FedCase{"gru_additive", "gru", true},
                      FedCase{.name = "ragged", .cell = "gru", .masked = true, .lengths = {1, 4, 3}},
                      FedCase{.name = "ragged_additive", .cell = "lstm", .additive = true, .lengths = {2, 0, 4}},
                      FedCase{.name = "large",
                              .cell = "gru",
                              .masked = true,
                              .lengths = std::vector<int64_t>(100, 3),
                              .steps = 4,
                              .batch = 100,
                              .hidden = 33}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace recur
