// One time step of a recurrent layer: its arguments, the packed weights it reads, and the functions that every cell
// has.
//
// A step is one pass over the weights of [x; h], kept together in panels: a panel is the weights of a few vectors of
// hidden units, from their biases to the last input, in the order in which they are read. When it has been multiplied
// its units are finished in registers. Units are padded with zero weights to whole panels, so nothing is masked.
#pragma once

#include <cstddef>
#include <cstdint>

namespace recur::kernels {

// What packed weights are stored as. Sums and gates are f32 in all of them.
enum class WeightFormat : uint8_t {
  kF32,
  kBF16,
  // A scale for each output (row of a weight). x and h are quantised at every step, with a scale for each row; the
  // products of integers are exact, so they are the same on every CPU.
  kI8,
};
inline constexpr int kWeightFormats = 3;

// The inputs (k) that lie side by side for one unit, and their size in bytes.
constexpr int64_t inputs_together(WeightFormat format) {
  return format == WeightFormat::kI8 ? 4 : format == WeightFormat::kBF16 ? 2 : 1;
}
constexpr int64_t weight_bytes(WeightFormat format) { return 4 / inputs_together(format); }
constexpr int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// I8 adds up to 2^15 for each input in 32 bits.
inline constexpr int64_t kMostI8Inputs = 65536;

// What a panel is made of, all in 4-byte lanes; j counts the G * width vectors gate by gate.
//   constants  bias_x [j], bias_r [j], unit weights [U * width]; I8 adds scale_x [j], scale_r [j], and as integers
//              offset_x [j], offset_r [j]: 128 times the sum of the output's weights
//   weights    of x, then of h: [inputs / together][j][lanes][together]
// All panels are as wide as the first, but for the last, which has what is left.
struct PanelLayout {
  WeightFormat format = WeightFormat::kF32;
  int gates = 0, unit_weights = 0;               // G, U
  int64_t input = 0, recurrent = 0, hidden = 0;  // F, P, H

  // By cut_for(), kept since a step of a small layer has no time for divisions.
  int64_t lanes = 0;                              // units a vector
  int64_t vectors = 0;                            // of units
  int64_t panels = 0, width = 0, last_width = 0;  // vectors of units a panel

  void cut_for(int64_t lanes_of_vectors);

  int64_t width_of(int64_t panel) const { return panel + 1 < panels ? width : last_width; }
  int64_t padded_hidden() const { return vectors * lanes; }
  // The following of a panel of `of_width` vectors of units.
  int64_t constant_vectors(int64_t of_width) const {
    return ((format == WeightFormat::kI8 ? 6 : 2) * gates + unit_weights) * of_width;
  }
  // Bytes of the weights of `inputs` inputs.
  int64_t part_bytes(int64_t inputs, int64_t of_width) const {
    return round_up(inputs, inputs_together(format)) * weight_bytes(format) * gates * of_width * lanes;
  }
  int64_t panel_bytes(int64_t of_width) const {
    return constant_vectors(of_width) * lanes * 4 + part_bytes(input, of_width) + part_bytes(recurrent, of_width);
  }
  int64_t bytes() const { return panel_bytes(1) * vectors; }
};

// Vectors of units in a panel: more than one keeps the pipeline filled where a cell has few gates, and shares what is
// loaded of x and h. Twelve sums are what 16 registers hold.
constexpr int widest_panel(int gates) { return gates == 1 ? 4 : gates <= 4 ? 3 : 12 / gates; }

// As few panels as can be, of nearly equal width.
inline void PanelLayout::cut_for(int64_t lanes_of_vectors) {
  lanes = lanes_of_vectors;
  vectors = (hidden + lanes - 1) / lanes;
  const int64_t widest = widest_panel(gates);
  panels = (vectors + widest - 1) / widest;
  width = panels > 0 ? (vectors + panels - 1) / panels : 1;
  panels = (vectors + width - 1) / width;
  last_width = vectors - (panels - 1) * width;
}

// The weights of one layer, as PyTorch has them.
struct StreamSource {
  const float* weight_ih = nullptr;     // [G H, F]
  const float* weight_hh = nullptr;     // [G H, P], or null with P = 0
  const float* bias_x = nullptr;        // [G H], or null
  const float* bias_r = nullptr;        // [G H], or null
  const float* unit_weights = nullptr;  // [U, H], or null with U = 0
};

// packed: layout.bytes(), aligned to 64.
void pack_panels(const PanelLayout& layout, const StreamSource& source, std::byte* packed);

// What StreamSource has, to be written; null: not wanted.
struct StreamTarget {
  float* weight_ih = nullptr;
  float* weight_hh = nullptr;
  float* bias_x = nullptr;
  float* bias_r = nullptr;
};

// The other way. REQUIRES: kF32.
void unpack_panels(const PanelLayout& layout, const std::byte* packed, const StreamTarget& target);

// A step of `rows` independent streams. Strides are in elements; h, next and inner have padded_hidden() elements a row
// (h may have fewer where the cell does not read its own h, as under a projection) and do not overlap.
struct StreamStep {
  static constexpr int kMaxStates = 4;

  PanelLayout layout = {};
  const std::byte* packed = nullptr;
  bool last_panel_first = false;  // the other way round, so that what is in the cache from the step before is used
  int64_t rows = 1;
  const float* x = nullptr;  // [rows, F]
  int64_t x_stride = 0;
  const float* h = nullptr;  // [rows, P]
  int64_t h_stride = 0;
  float* next = nullptr;  // h after the step
  int64_t next_stride = 0;
  float* inner[kMaxStates] = {};  // k >= 1: before and, in place, after
  int64_t inner_stride = 0;
  std::byte* scratch = nullptr;  // stream_scratch_bytes(), aligned to 64
};

// Room for what I8 quantises of one row of x or h, whole vectors of it, and for all of a step.
constexpr int64_t quantised_bytes(int64_t inputs) { return round_up(inputs, 64); }
constexpr int64_t stream_scratch_bytes(const PanelLayout& layout, int64_t rows) {
  if (layout.format != WeightFormat::kI8) return 0;
  return round_up(rows * 2 * 4, 64) + rows * (quantised_bytes(layout.input) + quantised_bytes(layout.recurrent));
}

// For cells with late gates, and layers that work on the products before the gates, a step is made of affine maps and
// the cell's passes over rows (cell_passes.h).
struct StreamKernels {
  int64_t lanes = 0;
  // By WeightFormat; null for cells with late gates.
  void (*step[kWeightFormats])(const StreamStep& step) = {};
  // h [n] = what the output gate lets through of the (normalised) inner state; null for cells without.
  void (*output)(const float* gate, const float* inner, float* h, int64_t n) = nullptr;
};

// An affine map [rows, F] -> [rows, H] in the same panels: G is 1, P is 0, bias_x the bias.
const StreamKernels& linear_kernels();

}  // namespace recur::kernels
