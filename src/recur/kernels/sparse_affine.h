// One time step of an affine map whose weight [outputs, inputs] consists mostly of blocks of zeros: the others alone
// are kept and multiplied.
//
// A panel is the outputs of one row of blocks. Of blocks of 16 x 1 a panel adds columns of 16 outputs, each times the
// input that its number names; of blocks of 4 x 16, products of 16 neighbouring inputs with rows of 4 outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "recur/kernels/blocks.h"
#include "recur/kernels/stream.h"

namespace recur::kernels {

// The blocks that there are kernels for.
enum class SparseBlocks : uint8_t { k16x1, k4x16 };
inline constexpr int kSparseBlocks = 2;
constexpr BlockShape shape_of(SparseBlocks blocks) {
  return blocks == SparseBlocks::k16x1 ? BlockShape{16, 1} : BlockShape{4, 16};
}

// Where numbers of inputs end, and where dense kernels are as good.
inline constexpr int64_t kMostSparseInputs = 65536, kLeastSparseOutputs = 16, kLeastSparseInputs = 16;

// Counts the blocks that are not all zeros.
int64_t count_blocks(const float* weight, int64_t outputs, int64_t inputs, BlockShape shape);

// The blocks in which the fewest weights are left, if that is at most this share of all; nothing where there are more,
// or where the matrix is too small or too wide.
std::optional<SparseBlocks> find_sparse_blocks(const float* weight, int64_t outputs, int64_t inputs, double most_left);

// What is packed, one after the other, each at a multiple of 64 bytes:
//   begin    i32 [panels + 1]: the first block of each panel
//   bias     f32 [panels * block rows]; I8 has a scale for each output behind it, of the same size
//   columns  u16 [blocks]: which column of blocks each is in, ascending in a panel
//   weights  [blocks][16 x 1: 16, or 4 x 16: 4][16]
// I8 keeps columns of 16 x 1 in pairs, [pair][16][2], so that each panel has an even number of them. BF16 keeps its
// numbers as f32.
struct SparseLayout {
  WeightFormat format = WeightFormat::kF32;
  SparseBlocks kind = SparseBlocks::k16x1;
  int64_t outputs = 0, inputs = 0;
  int64_t blocks = 0;  // kept

  int64_t panels() const { return shape_of(kind).down(outputs); }
  int64_t padded_outputs() const { return panels() * shape_of(kind).rows; }
  int64_t begin_bytes() const { return round_up((panels() + 1) * 4, 64); }
  int64_t vector_bytes() const { return round_up(padded_outputs() * 4, 64); }
  int64_t column_bytes() const { return round_up(blocks * 2, 64); }
  int64_t weight_bytes() const {
    return round_up(blocks * shape_of(kind).size() * (format == WeightFormat::kI8 ? 1 : 4), 64);
  }
  int64_t bytes() const {
    return begin_bytes() + (format == WeightFormat::kI8 ? 2 : 1) * vector_bytes() + column_bytes() + weight_bytes();
  }
};

// The layout of a weight. weight [outputs, inputs].
SparseLayout sparse_layout(WeightFormat format, SparseBlocks kind, const float* weight, int64_t outputs,
                           int64_t inputs);

// bias [outputs] or null; packed: layout.bytes(), aligned to 64. I8 rounds each row as pack_panels does.
void pack_sparse(const SparseLayout& layout, const float* weight, const float* bias, std::byte* packed);

// The other way; null: not wanted. REQUIRES: not kI8.
void unpack_sparse(const SparseLayout& layout, const std::byte* packed, float* weight, float* bias);

// What runs a step: of it the layout's format, input and hidden, packed (of this file), rows, x, next, and of I8 the
// scratch count. Sums do not depend on other rows, nor on the order of panels; I8 gives the integers of the dense step.
using SparseStep = void (*)(const StreamStep& step);
SparseStep sparse_step(WeightFormat format, SparseBlocks kind);
// The scalar reference, always there.
SparseStep reference_sparse_step(WeightFormat format, SparseBlocks kind);

}  // namespace recur::kernels
