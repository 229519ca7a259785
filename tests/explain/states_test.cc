// What is said of the inside of a model: states, gates, memory, neighbours.
#include "recur/explain/states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/explain/gates.h"
#include "recur/explain/memory.h"
#include "recur/explain/neighbours.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/sum.h"
#include "tests/explain/records_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(States, AreThoseOfTheWholeRun) {
  const Tensor x = some_numbers({7, 3}, 1);
  const NetworkRecord record = network_record(x, 2, {.cell = "lstm", .hidden = 4, .layers = 2, .bidirectional = true});
  const auto traces = trace_states(record);
  ASSERT_EQ(traces.size(), 8u);  // two layers, two directions, h and c
  EXPECT_EQ(traces[2].layer, "rnn.l0.reverse");
  const auto reading = record.recurrent(reshape(x, {7, 1, 3}))[0];
  const RecurrentOutput whole = reading.network(reading.x, {.mode = Mode::evaluation()});
  const Tensor h = whole.y.clone(DType::kF64);  // [T, 1, 2 H] of the last layer
  for (int64_t t = 0; t < 7; ++t) {
    for (int64_t u = 0; u < 4; ++u) {
      EXPECT_NEAR(traces[4].at(t, u), h.values<double>()[static_cast<size_t>(t * 8 + u)], 1e-12);
      EXPECT_NEAR(traces[6].at(t, u), h.values<double>()[static_cast<size_t>(t * 8 + 4 + u)], 1e-12);
    }
  }
  EXPECT_NEAR(traces[5].at(6, 0), whole.state.layers[2][1].values<double>()[0], 1e-12);
  EXPECT_NEAR(traces[7].at(0, 0), whole.state.layers[3][1].values<double>()[0], 1e-12);
}

StateTrace trace_of(std::vector<double> values, int64_t units) {
  const int64_t steps = std::ssize(values) / units;
  return {.layer = "rnn.l0", .state = "h", .steps = steps, .units = units, .values = std::move(values)};
}

TEST(States, RunsWhereUnitsAreOn) {
  const StateTrace trace = trace_of({1, 0, 1, 1, 1, 1, 0, 1, 1, 1}, 2);
  const int64_t both[] = {0, 1}, none[] = {2};
  EXPECT_THAT(runs_where_on(trace, both, 0.5), ElementsAre(StepRun{1, 2}, StepRun{4, 4}));
  EXPECT_THAT(units_on_throughout(trace, {1, 2}, 0.5), IsEmpty());  // unit 1 is on at step 3 too
  EXPECT_THAT(units_on_throughout(trace, {0, 2}, 0.5), ElementsAre(0));
  EXPECT_ERROR(runs_where_on(trace, none, 0.5), "has units 1 to 2, got 3");
}

TEST(States, FollowChannels) {
  const ReadRecord read = record_of(Tensor::from({1, 5, 2, 3, 3, 9, 4, 1}, {4, 2}));
  const StateTrace trace = trace_of({2, -1, 4, -2, 6, -3, 8, -4}, 2);  // twice the first channel, and it negated
  const std::vector<double> found = channel_correlations(trace, read);
  EXPECT_NEAR(found[0], 1, 1e-12);
  EXPECT_NEAR(found[2], -1, 1e-12);
  EXPECT_NEAR(found[1], -found[3], 1e-12);
  EXPECT_EQ(channel_correlations(trace_of({1, 1, 1, 1}, 1), record_of(Tensor::from({1, 2, 3, 4}, {4, 1})))[0], 0);
}

TEST(States, NamesWhatThereIs) {
  const NetworkRecord record = network_record(some_numbers({3, 2}, 3), 4);
  const auto traces = trace_states(record);
  EXPECT_EQ(find_state(traces, "", "h").layer, "rnn.l0");
  EXPECT_ERROR(find_state(traces, "rnn.l1", "h"), "it has rnn.l0 h");
  const FunctionRecord plain(some_numbers({3, 2}, 3), [](const Tensor& x) { return sum(sum(x, 2), 0); });
  EXPECT_ERROR(trace_states(plain), "no recurrent layers");
}

// By hand for one unit: h before the step, and the gate's own rows.
TEST(Gates, AreSigmoidsOfTheirRows) {
  const Tensor x = some_numbers({4, 2}, 5);
  const NetworkRecord record = network_record(x, 6, {.cell = "lstm", .hidden = 1});
  const auto gates = gate_statistics(record);
  ASSERT_EQ(gates.size(), 3u);
  EXPECT_EQ(gates[1].gate, "forget");
  const auto reading = record.recurrent(reshape(x, {4, 1, 2}))[0];
  const NamedTensors parameters = reading.network.named_parameters();
  const auto value = [&](size_t tensor, size_t at) { return parameters[tensor].value.values<double>()[at]; };
  const StateTrace h = trace_states(record)[0];
  for (int64_t t = 0; t < 4; ++t) {
    double sum = value(2, 1) + value(3, 1) + (t > 0 ? h.at(t - 1, 0) * value(1, 1) : 0);
    for (size_t f = 0; f < 2; ++f) sum += x.values<double>()[static_cast<size_t>(t) * 2 + f] * value(0, 2 + f);
    EXPECT_NEAR(gates[1].mean_at[static_cast<size_t>(t)], 1 / (1 + std::exp(-sum)), 1e-12);
  }
  EXPECT_ERROR(gate_statistics(network_record(x, 6, {.cell = "rnn"})), "no LSTM or GRU layers");
}

// h = a h + x: the gradient fades by a at each step back.
TEST(Memory, OfALinearRecurrenceFadesByItsFactor) {
  const FunctionRecord record(some_numbers({6, 1}, 7), [](const Tensor& x) {
    Tensor h = Tensor::zeros({x.size(1), 1}, x.dtype());
    for (int64_t t = 0; t + 1 < x.size(0); ++t) h = h * 0.5 + row(x, t);  // the last step is not looked at
    return reshape(h, {x.size(1)});
  });
  const MemoryCurve curve = memory_of(record);
  EXPECT_EQ(curve.last_step, 4);
  ASSERT_EQ(curve.norms.size(), 5u);
  for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(curve.norms[k], std::pow(0.5, k), 1e-12);
  EXPECT_EQ(curve.steps_of(0.5), 1);
  EXPECT_EQ(curve.steps_of(0.9), 3);
  EXPECT_NEAR(mean_curve({curve, curve}).norms[0], 16.0 / 31, 1e-12);
  EXPECT_EQ(mean_curve({}).steps_of(0.9), 0);
}

TEST(Neighbours, AreTheNearestEndStates) {
  const std::vector<double> state{0, 0};
  const std::vector<std::vector<double>> others{{3, 4}, {1, 0}, {0, 1}};
  const auto found = nearest(state, others, 2);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].record, 1);
  EXPECT_EQ(found[1].record, 2);
  EXPECT_NEAR(nearest(state, others, 9)[2].distance, 5, 1e-12);
}

TEST(Neighbours, EndStatesAreOfBothDirections) {
  const Tensor x = some_numbers({5, 2}, 8);
  const NetworkRecord record = network_record(x, 9, {.cell = "gru", .hidden = 3, .layers = 2, .bidirectional = true});
  const auto traces = trace_states(record);
  const std::vector<double> state = end_state(traces);
  ASSERT_EQ(state.size(), 6u);
  EXPECT_EQ(state[0], traces[2].at(4, 0));
  EXPECT_EQ(state[3], traces[3].at(0, 0));
}

}  // namespace
}  // namespace recur
