#include "recur/tasks/act/rollout.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/ops/concat.h"
#include "recur/tasks/act/state_parts.h"

namespace recur {
namespace {

// [T, P, width] with the rows of the pieces, zeros behind their ends.
Tensor columns_of(const Rollout& rollout, const std::vector<int64_t>& pieces, const std::vector<float>& rows,
                  const Shape& shape) {
  const auto width = shape.rank() > 2 ? shape[2] : 1;
  Tensor out = Tensor::zeros(shape);
  float* to = out.data<float>();
  for (size_t p = 0; p < pieces.size(); ++p) {
    const Piece& piece = rollout.pieces[static_cast<size_t>(pieces[p])];
    for (int64_t t = 0; t < piece.steps; ++t) {
      const float* from = rows.data() + static_cast<int64_t>(rollout.row(piece.begin + t, piece.agent)) * width;
      std::copy_n(from, width, to + (t * std::ssize(pieces) + static_cast<int64_t>(p)) * width);
    }
  }
  return out;
}

// The states of the pieces, one below the other; those that begin an episode have zeros.
AgentState states_of(const Rollout& rollout, const std::vector<int64_t>& pieces, DType dtype) {
  const auto of = [&](int64_t p) -> const AgentState& { return rollout.pieces[static_cast<size_t>(p)].state; };
  const auto some = std::ranges::find_if(pieces, [&](int64_t p) { return of(p).defined(); });
  if (some == pieces.end()) return {};
  AgentState out = of(*some);
  for (size_t l = 0; l < out.layers.size(); ++l) {
    for (size_t k = 0; k < out.layers[l].size(); ++k) {
      Tensors parts;
      for (const int64_t p : pieces) {
        const Tensor zeros = Tensor::zeros(of(*some).layers[l][k].shape(), dtype);
        parts.push_back(of(p).defined() ? of(p).layers[l][k].clone(dtype) : zeros);
      }
      out.layers[l][k] = concat(parts, 0);
    }
  }
  return out;
}

}  // namespace

PieceBatch batch_of(const Rollout& rollout, const std::vector<int64_t>& pieces, const BatchSizes& sizes) {
  PieceBatch batch;
  int64_t longest = 0;
  for (const int64_t p : pieces) {
    const int64_t steps = rollout.pieces[static_cast<size_t>(p)].steps;
    batch.lengths.push_back(steps);
    batch.steps += steps;
    longest = std::max(longest, steps);
  }
  const Shape flat{longest, std::ssize(pieces)};
  const auto columns = [&](const std::vector<float>& rows, int64_t width) {
    const Shape shape = width > 0 ? Shape{flat[0], flat[1], width} : flat;
    return columns_of(rollout, pieces, rows, shape).clone(sizes.dtype);
  };
  batch.x = columns(rollout.observations, sizes.features);
  batch.drawn = columns(rollout.drawn, sizes.drawn);
  batch.log_probabilities = columns(rollout.log_probabilities, 0);
  batch.values = columns(rollout.values, 0);
  batch.advantages = columns(rollout.advantages, 0);
  batch.returns = columns(rollout.returns, 0);
  batch.mask = columns(std::vector<float>(static_cast<size_t>(rollout.size()), 1.0f), 0);
  batch.state = states_of(rollout, pieces, sizes.dtype);
  return batch;
}

std::vector<std::vector<int64_t>> groups_of(const Rollout& rollout, const std::vector<int64_t>& order, int64_t groups) {
  const int64_t count = std::min(groups, std::ssize(order));
  std::vector<std::vector<int64_t>> out(1);
  int64_t steps = 0, placed = 0;
  for (const int64_t p : order) {
    const int64_t full = std::ssize(out) * rollout.size() / count;
    const bool needs_all_left = std::ssize(order) - placed == count - std::ssize(out);
    if (!out.back().empty() && (steps >= full || needs_all_left)) out.emplace_back();
    out.back().push_back(p);
    steps += rollout.pieces[static_cast<size_t>(p)].steps;
    ++placed;
  }
  return out;
}

void save(StateWriter& state, const std::string& name, const Rollout& rollout) {
  state.integer(name + ".steps", rollout.steps);
  state.integer(name + ".agents", rollout.agents);
  save_floats(state, name + ".observations", rollout.observations);
  save_floats(state, name + ".drawn", rollout.drawn);
  save_floats(state, name + ".log_probabilities", rollout.log_probabilities);
  save_floats(state, name + ".values", rollout.values);
  save_floats(state, name + ".advantages", rollout.advantages);
  save_floats(state, name + ".returns", rollout.returns);
  std::vector<uint64_t> places;
  for (size_t p = 0; p < rollout.pieces.size(); ++p) {
    const Piece& piece = rollout.pieces[p];
    for (const int64_t each : {piece.agent, piece.begin, piece.steps}) places.push_back(static_cast<uint64_t>(each));
    save_recurrent(state, fmt::format("{}.piece.{}", name, p), piece.state);
  }
  state.words(name + ".places", places);
}

Rollout load_rollout(const StateReader& state, const std::string& name, const BatchSizes& sizes) {
  constexpr int64_t kMost = 1 << 30;
  Rollout rollout{.steps = state.integer(name + ".steps"), .agents = state.integer(name + ".agents")};
  if (rollout.steps < 0 || rollout.agents < 0 || rollout.steps > kMost || rollout.agents > kMost) {
    fail("{}: {} steps of {} agents cannot be", name, rollout.steps, rollout.agents);
  }
  const auto rows = static_cast<size_t>(rollout.size());
  rollout.observations = load_floats(state, name + ".observations", rows * static_cast<size_t>(sizes.features));
  rollout.drawn = load_floats(state, name + ".drawn", rows * static_cast<size_t>(sizes.drawn));
  rollout.log_probabilities = load_floats(state, name + ".log_probabilities", rows);
  rollout.values = load_floats(state, name + ".values", rows);
  rollout.advantages = load_floats(state, name + ".advantages", rows);
  rollout.returns = load_floats(state, name + ".returns", rows);
  const std::vector<uint64_t> places = state.words(name + ".places");
  for (size_t i = 0; i + 2 < places.size(); i += 3) {
    const bool inside = places[i] < static_cast<uint64_t>(rollout.agents) &&
                        places[i + 1] < static_cast<uint64_t>(rollout.steps) &&
                        places[i + 2] <= static_cast<uint64_t>(rollout.steps) - places[i + 1];
    if (!inside) fail("{}.places: piece {} lies outside of the rollout", name, i / 3 + 1);
    rollout.pieces.push_back({.agent = static_cast<int64_t>(places[i]),
                              .begin = static_cast<int64_t>(places[i + 1]),
                              .steps = static_cast<int64_t>(places[i + 2]),
                              .state = load_recurrent(state, fmt::format("{}.piece.{}", name, i / 3))});
  }
  return rollout;
}

}  // namespace recur
