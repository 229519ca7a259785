// Where a static step (static_step.h) finds its weights and its state: what those who pack them and the kernels know.
//
// A step has one or two phases, each the products of some gates followed by their arithmetic: one phase with all gates,
// but for the GRU that resets h before the product, whose candidate needs every reset gate first. A phase is divided
// into panels of nearly equal width, as many vectors of units as have their sums in registers at once:
//
//   panel      biases [sums][width], then for each input of x, then of h: weights [gates][width]; all of vectors
//   sums       one for each gate; one more where the last gate keeps the product of h apart (GRU: n = tanh(x + r h))
//
// Gates that are a sigmoid have half of their weights and biases: sigmoid(2 s) = (1 + tanh(s)) / 2.
#pragma once

#include <algorithm>
#include <cstdint>

#include "recur/kernels/stream.h"

namespace recur::kernels {

enum class StaticCell : uint8_t { kLstm, kGru, kGruResetBefore };

struct StaticPhase {
  int first_gate = 0, gates = 0, sums = 0;
};

constexpr int static_gates(StaticCell cell) { return cell == StaticCell::kLstm ? 4 : 3; }
constexpr int static_phases(StaticCell cell) { return cell == StaticCell::kGruResetBefore ? 2 : 1; }
constexpr StaticPhase static_phase(StaticCell cell, int phase) {
  if (cell == StaticCell::kLstm) return {.gates = 4, .sums = 4};
  if (cell == StaticCell::kGru) return {.gates = 3, .sums = 4};
  if (phase == 0) return {.gates = 1, .sums = 1};
  return {.first_gate = 1, .gates = 2, .sums = 2};
}
constexpr bool is_static_tanh(StaticCell cell, int gate) {
  return gate == 2 || (cell == StaticCell::kGru && gate == 3);
}

// The panels of a phase: the first `wide` of them are narrow + 1 vectors wide, the others `narrow`.
struct StaticPanels {
  StaticPhase phase = {};
  int lanes = 0, input = 0, hidden = 0;
  int count = 0, wide = 0, narrow = 0;

  constexpr StaticPanels(StaticCell cell, int phase_index, int lanes_, int input_, int hidden_)
      : phase(static_phase(cell, phase_index)), lanes(lanes_), input(input_), hidden(hidden_) {
    const int vectors = (hidden + lanes - 1) / lanes;
    const int most = (lanes == 16 ? 24 : 12) / phase.sums;  // of 32 and 16 registers
    count = (vectors + most - 1) / most;
    wide = vectors % count;
    narrow = vectors / count;
  }

  constexpr int width(int panel) const { return panel < wide ? narrow + 1 : narrow; }
  constexpr int first_vector(int panel) const { return panel * narrow + std::min(panel, wide); }
  // Floats of the first `panels` panels.
  constexpr int64_t size(int panels) const {
    return static_cast<int64_t>(first_vector(panels)) * lanes * (phase.sums + phase.gates * (input + hidden));
  }
  constexpr int64_t size() const { return size(count); }
};

constexpr int64_t static_weights_size(StaticCell cell, int lanes, int input, int hidden) {
  int64_t size = 0;
  for (int p = 0; p < static_phases(cell); ++p) size += StaticPanels(cell, p, lanes, input, hidden).size();
  return size;
}

// A state is h, then c (LSTM); each so many floats.
constexpr int64_t static_state_part(int64_t hidden) { return round_up(hidden, 16); }
constexpr int64_t static_state_size(int64_t hidden) { return 2 * static_state_part(hidden); }

// The lanes that a step uses of those there are (16: AVX-512, 8: AVX2).
constexpr int static_lanes(int64_t lanes, int64_t hidden) { return lanes == 16 && hidden > 8 ? 16 : 8; }

// packed: static_weights_size() floats, aligned to 64 bytes.
void pack_static(StaticCell cell, int lanes, int input, int hidden, const StreamSource& source, float* packed);

}  // namespace recur::kernels
