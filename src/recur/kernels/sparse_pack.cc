#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "recur/base/bf16.h"
#include "recur/kernels/quantize.h"
#include "recur/kernels/sparse_affine.h"

namespace recur::kernels {
namespace {

// A weight cut into blocks.
class BlockGrid {
 public:
  BlockGrid(const float* weight, int64_t outputs, int64_t inputs, BlockShape shape)
      : weight_(weight), outputs_(outputs), inputs_(inputs), shape_(shape) {}

  // Whether anything is in block `column` of a row of blocks.
  bool is_kept(int64_t panel, int64_t column) const {
    const int64_t end = std::min((panel + 1) * shape_.rows, outputs_);
    const int64_t first = column * shape_.columns, last = std::min(first + shape_.columns, inputs_);
    for (int64_t row = panel * shape_.rows; row < end; ++row)
      for (int64_t k = first; k < last; ++k)
        if (weight_[row * inputs_ + k] != 0) return true;  // NaN too
    return false;
  }

  std::vector<uint16_t> kept(int64_t panel) const {
    std::vector<uint16_t> columns;
    for (int64_t c = 0; c < shape_.across(inputs_); ++c)
      if (is_kept(panel, c)) columns.push_back(static_cast<uint16_t>(c));
    return columns;
  }

 private:
  const float* weight_;
  int64_t outputs_, inputs_;
  BlockShape shape_;
};

bool is_paired(const SparseLayout& layout) {
  return layout.format == WeightFormat::kI8 && layout.kind == SparseBlocks::k16x1;
}

// The columns of a panel as they are packed: where they go in pairs, the last may come twice, the second time with
// zeros.
std::vector<uint16_t> packed_columns(const SparseLayout& layout, const BlockGrid& grid, int64_t panel) {
  std::vector<uint16_t> columns = grid.kept(panel);
  if (is_paired(layout) && columns.size() % 2 != 0) columns.push_back(columns.back());
  return columns;
}

BlockGrid grid_of(const SparseLayout& layout, const float* weight) {
  return {weight, layout.outputs, layout.inputs, shape_of(layout.kind)};
}

// The places of the arrays of a layout.
template <class Byte>
struct SparsePlaces {
  SparsePlaces(const SparseLayout& layout, Byte* packed)
      : begin(packed),
        bias(begin + layout.begin_bytes()),
        scale(bias + layout.vector_bytes()),
        columns(scale + (layout.format == WeightFormat::kI8 ? layout.vector_bytes() : 0)),
        weights(columns + layout.column_bytes()) {}
  Byte *begin, *bias, *scale, *columns, *weights;
};

// The weights of one layout, rounded where they are.
class SparseWeights {
 public:
  SparseWeights(const SparseLayout& layout, const float* weight) : layout_(layout), weight_(weight) {
    if (layout.format != WeightFormat::kI8) return;
    integers_.resize(static_cast<size_t>(layout.outputs * layout.inputs));
    for (int64_t row = 0; row < layout.outputs; ++row)
      scales_.push_back(
          quantize_row(weight + row * layout.inputs, layout.inputs, integers_.data() + row * layout.inputs));
  }

  const std::vector<float>& scales() const { return scales_; }

  // Writes the element at this place, 0 outside the matrix; returns the bytes written.
  int64_t put(int64_t row, int64_t k, std::byte* to) const {
    const bool inside = row < layout_.outputs && k < layout_.inputs;
    const int64_t at = row * layout_.inputs + k;
    if (layout_.format == WeightFormat::kI8) {
      const int8_t value = inside ? integers_[static_cast<size_t>(at)] : int8_t{0};
      std::memcpy(to, &value, 1);
      return 1;
    }
    float value = inside ? weight_[at] : 0.0f;
    if (layout_.format == WeightFormat::kBF16) value = static_cast<float>(bf16(value));
    std::memcpy(to, &value, 4);
    return 4;
  }

 private:
  const SparseLayout& layout_;
  const float* weight_;
  std::vector<int8_t> integers_;
  std::vector<float> scales_;
};

// A panel's blocks; returns where the next one begins.
std::byte* put_panel(const SparseLayout& layout, const SparseWeights& weights, int64_t panel,
                     const std::vector<uint16_t>& columns, std::byte* to) {
  const BlockShape shape = shape_of(layout.kind);
  const int64_t together = is_paired(layout) ? 2 : 1;
  for (size_t first = 0; first < columns.size(); first += static_cast<size_t>(together))
    for (int64_t row = 0; row < shape.rows; ++row)
      for (int64_t i = 0; i < together; ++i) {
        const size_t b = first + static_cast<size_t>(i);
        const bool again = i > 0 && columns[b] == columns[b - 1];
        for (int64_t k = 0; k < shape.columns; ++k)
          to += weights.put(panel * shape.rows + row, again ? layout.inputs : columns[b] * shape.columns + k, to);
      }
  return to;
}

}  // namespace

int64_t count_blocks(const float* weight, int64_t outputs, int64_t inputs, BlockShape shape) {
  const BlockGrid grid(weight, outputs, inputs, shape);
  int64_t count = 0;
  for (int64_t panel = 0; panel < shape.down(outputs); ++panel)
    for (int64_t c = 0; c < shape.across(inputs); ++c) count += grid.is_kept(panel, c) ? 1 : 0;
  return count;
}

std::optional<SparseBlocks> find_sparse_blocks(const float* weight, int64_t outputs, int64_t inputs, double most_left) {
  if (outputs < kLeastSparseOutputs || inputs < kLeastSparseInputs || inputs > kMostSparseInputs) return {};
  // Most weights are dense: a few rows show it.
  const int64_t looked_at = std::min<int64_t>(outputs, 64);
  std::optional<SparseBlocks> best;
  for (const int64_t rows : {looked_at, outputs}) {
    best.reset();
    double least = most_left * static_cast<double>(rows * inputs);
    if (rows < outputs) least *= 1.5;
    for (const SparseBlocks kind : {SparseBlocks::k16x1, SparseBlocks::k4x16}) {
      const auto left = static_cast<double>(count_blocks(weight, rows, inputs, shape_of(kind)) * shape_of(kind).size());
      if (left > least) continue;
      least = left;
      best = kind;
    }
    if (!best) return {};
  }
  return best;
}

SparseLayout sparse_layout(WeightFormat format, SparseBlocks kind, const float* weight, int64_t outputs,
                           int64_t inputs) {
  SparseLayout layout{.format = format, .kind = kind, .outputs = outputs, .inputs = inputs};
  const BlockGrid grid = grid_of(layout, weight);
  for (int64_t panel = 0; panel < layout.panels(); ++panel)
    layout.blocks += static_cast<int64_t>(packed_columns(layout, grid, panel).size());
  return layout;
}

void pack_sparse(const SparseLayout& layout, const float* weight, const float* bias, std::byte* packed) {
  std::memset(packed, 0, static_cast<size_t>(layout.bytes()));
  const SparsePlaces<std::byte> places(layout, packed);
  const SparseWeights weights(layout, weight);
  const auto floats = static_cast<size_t>(layout.outputs) * sizeof(float);
  if (bias != nullptr) std::memcpy(places.bias, bias, floats);
  if (layout.format == WeightFormat::kI8) std::memcpy(places.scale, weights.scales().data(), floats);
  const BlockGrid grid = grid_of(layout, weight);
  int32_t first = 0;
  std::byte* to = places.weights;
  for (int64_t panel = 0; panel < layout.panels(); ++panel) {
    const std::vector<uint16_t> columns = packed_columns(layout, grid, panel);
    if (!columns.empty()) std::memcpy(places.columns + first * 2, columns.data(), columns.size() * sizeof(uint16_t));
    first += static_cast<int32_t>(columns.size());
    std::memcpy(places.begin + (panel + 1) * 4, &first, 4);
    to = put_panel(layout, weights, panel, columns, to);
  }
  assert(first == layout.blocks);
}

void unpack_sparse(const SparseLayout& layout, const std::byte* packed, float* weight, float* bias) {
  assert(layout.format != WeightFormat::kI8);
  const SparsePlaces<const std::byte> places(layout, packed);
  if (bias != nullptr) std::memcpy(bias, places.bias, static_cast<size_t>(layout.outputs) * sizeof(float));
  if (weight == nullptr) return;
  std::fill_n(weight, layout.outputs * layout.inputs, 0.0f);
  const auto* begin = reinterpret_cast<const int32_t*>(places.begin);
  const auto* columns = reinterpret_cast<const uint16_t*>(places.columns);
  const auto* values = reinterpret_cast<const float*>(places.weights);
  const BlockShape shape = shape_of(layout.kind);
  for (int64_t panel = 0; panel < layout.panels(); ++panel)
    for (int64_t b = begin[panel]; b < begin[panel + 1]; ++b)
      for (int64_t i = 0; i < shape.size(); ++i, ++values) {
        const int64_t row = panel * shape.rows + i / shape.columns, k = columns[b] * shape.columns + i % shape.columns;
        if (row < layout.outputs && k < layout.inputs) weight[row * layout.inputs + k] = *values;
      }
}

}  // namespace recur::kernels
