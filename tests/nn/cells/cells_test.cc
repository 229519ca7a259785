#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "recur/nn/cells/cell.h"
#include "recur/nn/recurrent.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

TEST(Cells, AreFoundByTheirOwnNames) {
  std::set<std::string> names;
  for (const Cell* cell : cells()) {
    EXPECT_EQ(&find_cell(cell->name), cell);
    EXPECT_TRUE(names.insert(cell->name).second) << cell->name;
    EXPECT_FALSE(cell->description.empty()) << cell->name;
  }
  for (const char* name : {"rnn", "rnn_relu", "lstm", "lstm_peephole", "lstm_coupled", "gru", "gru_reset_before"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Cells, AnUnknownNameBringsTheNearestAndAll) {
  EXPECT_THROW(find_cell("lstn"), UsageError);
  EXPECT_ERROR(find_cell("lstn"), "unknown cell 'lstn': did you mean 'lstm'?; known: rnn, rnn_relu, lstm,");
  EXPECT_ERROR(find_cell("GRU"), "did you mean 'gru'?");
  EXPECT_ERROR(find_cell("transformer"), "unknown cell 'transformer'; known:");
  EXPECT_ERROR(find_cell(""), "unknown cell ''; known:");
}

TEST(Cells, DescribeThemselvesConsistently) {
  for (const Cell* cell : cells()) {
    SCOPED_TRACE(cell->name);
    EXPECT_GE(cell->gates, 1);
    EXPECT_GE(cell->states, 1);
    EXPECT_LT(cell->forget_gate, cell->gates);
    EXPECT_LT(cell->input_gate, cell->gates);
    EXPECT_NE(cell->step, nullptr);
    EXPECT_EQ(cell->f32.forward != nullptr, cell->f64.forward != nullptr);
  }
}

TEST(Cells, TheirStepHasTheStatesItSaysAndKeepsTheShapes) {
  constexpr int64_t B = 2, H = 3;
  for (const Cell* cell : cells()) {
    SCOPED_TRACE(cell->name);
    const Tensor weight = normal({cell->gates * H, H}, 1);
    Tensors states, units;
    for (int k = 0; k < cell->states; ++k) states.push_back(normal({B, H}, 2 + k));
    for (int k = 0; k < cell->unit_weights; ++k) units.push_back(normal({H}, 5 + k));
    int64_t gates_asked_for = 0;
    ComposedStep in{.x = normal({B, cell->gates * H}, 9), .product = {}, .unit_weights = units, .normalize_inner = {}};
    in.product = [&](const Tensor& h, int first, int count) {
      EXPECT_EQ(h.shape(), (Shape{B, H}));
      EXPECT_EQ(first, gates_asked_for);
      gates_asked_for += count;
      return normal({B, count * H}, 20);
    };
    cell->step(in, states);
    EXPECT_EQ(gates_asked_for, cell->gates);
    for (const Tensor& state : states) EXPECT_EQ(state.shape(), (Shape{B, H}));
  }
}

TEST(Cells, GateTakesItsColumns) {
  const Tensor all = Tensor::from({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {2, 6});
  const Tensor middle = gate(all, 1, 2);
  EXPECT_EQ(middle.shape(), (Shape{2, 2}));
  EXPECT_THAT(middle.values<float>(), ::testing::ElementsAre(3, 4, 9, 10));
}

// One unit, one input, by the equations at the head of each cell's file.
struct Single {
  double x, h, c;
  double gate(int g) const { return w[g] * x + u[g] * h + b[g]; }
  double w[4] = {0.5, -0.3, 0.8, 0.2}, u[4] = {0.1, 0.7, -0.6, 0.4}, b[4] = {0.05, 0.3, -0.1, 0.2};
};
double squash(double x) { return 1 / (1 + std::exp(-x)); }

double expected_h(const std::string& cell, const Single& s) {
  if (cell == "rnn") return std::tanh(s.gate(0));
  if (cell == "rnn_relu") return std::max(0.0, s.gate(0));
  if (cell == "lstm") {
    const double c = squash(s.gate(1)) * s.c + squash(s.gate(0)) * std::tanh(s.gate(2));
    return squash(s.gate(3)) * std::tanh(c);
  }
  if (cell == "lstm_coupled") {
    const double f = squash(s.gate(0)), c = f * s.c + (1 - f) * std::tanh(s.gate(1));
    return squash(s.gate(2)) * std::tanh(c);
  }
  const double r = squash(s.gate(0)), z = squash(s.gate(1));
  const auto after = [&](double n) { return (1 - z) * std::tanh(n) + z * s.h; };
  if (cell == "gru") return after(s.w[2] * s.x + r * (s.u[2] * s.h + s.b[2]));
  if (cell == "gru_reset_before") return after(s.w[2] * s.x + s.u[2] * r * s.h + s.b[2]);
  ADD_FAILURE() << "write down the equations of " << cell;
  return NAN;
}

TEST(Cells, ComputeTheirEquations) {
  for (const Cell* cell : cells()) {
    if (cell->name == "lstm_peephole") continue;  // its equations need weights of their own: see the golden tests
    const Single s{.x = 0.9, .h = -0.4, .c = 1.3};
    Random random(1);
    Recurrent network({.cell = cell->name, .input = 1, .hidden = 1}, random);
    network.to(DType::kF64);
    Tensor w = network.parameters()[0], u = network.parameters()[1], b_ih = network.parameters()[2],
           b_hh = network.parameters()[3];
    for (int g = 0; g < cell->gates; ++g) {
      w.data<double>()[g] = s.w[g];
      u.data<double>()[g] = s.u[g];
      b_ih.data<double>()[g] = 0;  // all in b_hh, which the reset gate of a GRU is applied to
      b_hh.data<double>()[g] = s.b[g];
    }
    RecurrentState state = network.zero_state(1, DType::kF64);
    state.layers[0][0] = Tensor::full({1, 1}, s.h, DType::kF64);
    if (cell->states > 1) state.layers[0][1] = Tensor::full({1, 1}, s.c, DType::kF64);
    const double h = network(Tensor::full({1, 1, 1}, s.x, DType::kF64), {.state = state}).y.item();
    EXPECT_NEAR(h, expected_h(cell->name, s), 1e-12) << cell->name;
  }
}

}  // namespace
}  // namespace recur::testing
