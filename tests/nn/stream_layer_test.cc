// One layer's step against the composed layer, and the arrays that are its caller's: their sizes, their places, and
// that nothing else is touched.
#include "recur/nn/stream_layer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "recur/autograd/node.h"
#include "tests/support/guarded.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

constexpr int64_t F = 3;

// Parameters of a layer, P 0 without a projection.
LayerParameters parameters_of(const Cell& cell, int64_t hidden, int64_t projection = 0, bool norm = false) {
  const int64_t width = cell.gates * hidden, h = projection > 0 ? projection : hidden;
  const auto drawn = [](const Shape& shape, uint64_t seed) { return normal(shape, seed, DType::kF32); };
  LayerParameters p;
  p.weight_ih = drawn({width, F}, 1);
  p.weight_hh = drawn({width, h}, 2);
  p.bias_ih = drawn({width}, 3);
  p.bias_hh = drawn({width}, 4);
  if (cell.unit_weights > 0) p.unit_weights = drawn({cell.unit_weights, hidden}, 5);
  if (projection > 0) p.projection = drawn({projection, hidden}, 6);
  if (!norm) return p;
  p.norm_ih = drawn({2, width}, 7);
  p.norm_hh = drawn({2, width}, 8);
  p.norm_inner = drawn({2, hidden}, 9);
  return p;
}

// A layer with room for its states and work that ends where memory ends.
struct Running {
  explicit Running(StreamLayer of)
      : layer(std::move(of)),
        state(arrays.make(kernels::round_up(layer.state_size(), 16))),
        scratch(arrays.make(kernels::round_up(layer.scratch_size(), 16))) {}

  // One step of `rows` rows of x [rows, F], whose rows lie `stride` apart; h [rows, P].
  std::vector<float> step(const float* x, int64_t rows, int64_t stride = F) {
    const float* h =
        layer.step({.rows = rows, .x = x, .x_stride = stride, .state = state, .scratch = scratch, .half = half});
    EXPECT_EQ(h, state + layer.part_offset(0, 1 - half, 0));
    half = 1 - half;
    std::vector<float> out;
    for (int64_t r = 0; r < rows; ++r) {
      const float* row = h + r * layer.h_stride();
      out.insert(out.end(), row, row + layer.output_features());
    }
    return out;
  }

  StreamLayer layer;
  GuardedArrays<float> arrays;
  float *state, *scratch;
  int half = 0;
};

Tensors zero_states(const Cell& cell, int64_t rows, int64_t hidden, int64_t h) {
  Tensors states{Tensor::zeros({rows, h})};
  while (std::ssize(states) < cell.states) states.push_back(Tensor::zeros({rows, hidden}));
  return states;
}

void expect_as_composed(const Cell& cell, int64_t hidden, int64_t rows, int64_t projection = 0, bool norm = false) {
  constexpr int64_t kSteps = 4;
  const autograd::NoGrad no_grad;
  const LayerParameters p = parameters_of(cell, hidden, projection, norm);
  const Tensor x = normal({kSteps * rows, F}, 10, DType::kF32);
  const int64_t h = projection > 0 ? projection : hidden;
  const LayerOutput want =
      run_composed_layer(x, zero_states(cell, rows, hidden, h), p, Packing(kSteps, rows, {}), {.cell = &cell});
  Running running(StreamLayer(p, {.cell = &cell, .rows = rows}));
  EXPECT_EQ(running.layer.output_features(), h);
  for (int64_t t = 0; t < kSteps; ++t) {
    const std::vector<float> got = running.step(x.values<float>().data() + t * rows * F, rows);
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], want.y.values<float>()[t * rows * h + i], 2e-4)
          << cell.name << ' ' << hidden << " step " << t;
  }
  for (int k = 0; k < cell.states; ++k) {
    const int64_t size = running.layer.part_size(k);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = 0; i < size; ++i)
        ASSERT_NEAR(running.state[running.layer.part_offset(k, running.half, r) + i],
                    want.states[k].values<float>()[r * size + i], 2e-4)
            << cell.name << " part " << k;
  }
}

TEST(StreamLayer, EveryCellStepsAsComposedWhateverRemainsOfAVector) {
  for (const Cell* cell : cells()) {
    for (const int64_t hidden : {1, 7, 16, 33}) expect_as_composed(*cell, hidden, 3);
    expect_as_composed(*cell, 9, 2, 0, true);
  }
}

TEST(StreamLayer, AProjectionStepsAsComposed) {
  for (const int64_t projection : {1, 5, 20}) expect_as_composed(find_cell("lstm"), 18, 2, projection);
  expect_as_composed(find_cell("lstm"), 18, 2, 5, true);
}

TEST(StreamLayer, PartsOfAllRowsLieApartAndWithinTheState) {
  for (const Cell* cell : cells()) {
    for (const int64_t projection : {0, 4}) {
      if (projection > 0 && cell->name != "lstm") continue;
      const StreamLayer layer(parameters_of(*cell, 11, projection), {.cell = cell, .rows = 3});
      std::set<int64_t> taken;
      int64_t floats = 0;
      const auto take = [&](int k, int half, int64_t row) {
        const int64_t begin = layer.part_offset(k, half, row);
        EXPECT_EQ(begin % cell->stream.lanes, 0) << "not aligned to vectors";
        for (int64_t i = 0; i < layer.part_size(k); ++i) taken.insert(begin + i);
        floats += layer.part_size(k);
      };
      for (int64_t row = 0; row < 3; ++row) {
        for (const int half : {0, 1}) take(0, half, row);
        for (int k = 1; k < layer.parts(); ++k) take(k, 0, row);
      }
      EXPECT_EQ(std::ssize(taken), floats) << cell->name;
      EXPECT_LE(*taken.rbegin(), layer.state_size() - 1) << cell->name;
      EXPECT_EQ(*taken.begin(), 0);
    }
  }
}

TEST(StreamLayer, FewerRowsThanItHasRoomForLeaveTheOthersAlone) {
  for (const Cell* cell : cells()) {
    const LayerParameters p = parameters_of(*cell, 9);
    Running room(StreamLayer(p, {.cell = cell, .rows = 3})), exact(StreamLayer(p, {.cell = cell, .rows = 1}));
    const Tensor x = normal({5, F}, 11, DType::kF32);
    const auto third = [&](int k) { return room.state + room.layer.part_offset(k, 0, 2); };
    for (int k = 0; k < cell->states; ++k) std::fill_n(third(k), room.layer.part_size(k), 0.625f);
    for (int64_t t = 0; t < 5; ++t) {
      const float* now = x.values<float>().data() + t * F;
      EXPECT_EQ(room.step(now, 1), exact.step(now, 1)) << cell->name;
    }
    for (int k = 1; k < cell->states; ++k)
      for (int64_t i = 0; i < room.layer.part_size(k); ++i) EXPECT_EQ(third(k)[i], 0.625f) << cell->name;
  }
}

TEST(StreamLayer, RowsMayLieApartInTheInput) {
  const Cell& cell = find_cell("gru");
  const LayerParameters p = parameters_of(cell, 5);
  Running close(StreamLayer(p, {.cell = &cell, .rows = 2})), apart(StreamLayer(p, {.cell = &cell, .rows = 2}));
  const std::vector<float> x{1, 2, 3, 4, 5, 6}, wide{1, 2, 3, 99, 99, 4, 5, 6};
  EXPECT_EQ(close.step(x.data(), 2), apart.step(wide.data(), 2, 5));
}

TEST(StreamLayer, OfOtherRowsSharesTheWeightsAndGivesTheSameBits) {
  for (const Cell* cell : cells()) {
    const StreamLayer one(parameters_of(*cell, 9), {.cell = cell, .rows = 1});
    Running alone(one), many(one.with_rows(4));
    EXPECT_EQ(many.layer.weight_bytes(), one.weight_bytes());
    EXPECT_GT(many.layer.state_size(), one.state_size());
    const Tensor x = normal({4, F}, 12, DType::kF32);
    const std::vector<float> got = many.step(x.values<float>().data(), 4);
    const std::vector<float> want = alone.step(x.values<float>().data(), 1);
    EXPECT_EQ(std::vector<float>(got.begin(), got.begin() + 9), want) << cell->name;
  }
}

TEST(StreamLayer, KeepsNothingOfTheParameters) {
  const Cell& cell = find_cell("lstm");
  LayerParameters p = parameters_of(cell, 6, 2, true);
  Running before(StreamLayer(p, {.cell = &cell}));
  const StreamLayer same(p, {.cell = &cell});
  for (Tensor* each :
       {&p.weight_ih, &p.weight_hh, &p.bias_ih, &p.bias_hh, &p.projection, &p.norm_ih, &p.norm_hh, &p.norm_inner})
    each->copy_from(Tensor::full(each->shape(), 9));
  Running after(same);
  const std::vector<float> x{1, -1, 0.5f};
  EXPECT_EQ(before.step(x.data(), 1), after.step(x.data(), 1));
}

TEST(StreamLayer, ZoneoutKeepsItsShareOfTheOldState) {
  const Cell& cell = find_cell("lstm");
  const LayerParameters p = parameters_of(cell, 5);
  Running plain(StreamLayer(p, {.cell = &cell})),
      zoned(StreamLayer(p, {.cell = &cell, .zoneout = 0.25f, .zoneout_inner = 0.5f}));
  const std::vector<float> x{1, -1, 0.5f};
  // From states of zero a step leaves three quarters of h and half of c.
  const std::vector<float> h = plain.step(x.data(), 1), kept = zoned.step(x.data(), 1);
  for (size_t i = 0; i < h.size(); ++i) EXPECT_NEAR(kept[i], 0.75f * h[i], 1e-6);
  for (int64_t i = 0; i < 5; ++i)
    EXPECT_NEAR(zoned.state[zoned.layer.part_offset(1, 0, 0) + i],
                0.5f * plain.state[plain.layer.part_offset(1, 0, 0) + i], 1e-6);
}

TEST(StreamLayer, RefusesMoreInputsThanIntegersCanAddUp) {
  const Cell& cell = find_cell("rnn");
  const int64_t many = kernels::kMostI8Inputs + 1;
  LayerParameters p;
  p.weight_ih = Tensor::zeros({1, many});
  p.weight_hh = Tensor::zeros({1, 1});
  EXPECT_ERROR(StreamLayer(p, {.cell = &cell, .weights = WeightFormat::kI8}), "expected at most 65536 inputs");
  EXPECT_NO_THROW(StreamLayer(p, {.cell = &cell}));
}

}  // namespace
}  // namespace recur::testing
