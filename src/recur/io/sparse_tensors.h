// Matrices in files without their blocks of zeros. In the place of a tensor NAME stand
//
//   NAME.sparse  I64 [4]                     rows, columns, rows of a block, columns of a block
//   NAME.index   I32 [blocks]                which blocks are there, ascending, counted row by row of blocks
//   NAME.values  F32, F64 or I8 [blocks, block rows, block columns]; I8 with NAME.scale (int8_tensors.h)
//
// Blocks at the ends of a matrix may stick out; what is there does not count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/io/safetensors.h"
#include "recur/kernels/blocks.h"

namespace recur {

// Of so many blocks at least one is kept, so that a small file cannot ask for a large model.
inline constexpr int64_t kMostBlocksAKept = 256;

// The tensors to write for one matrix: views, and the data they point to.
class SparseMatrix {
 public:
  // The matrix `dense` in the blocks that take the fewest bytes; nothing where that saves less than a quarter.
  static std::optional<SparseMatrix> of(const TensorView& dense);

  std::vector<TensorView> views() const;

 private:
  SparseMatrix() = default;

  std::string name_, dtype_;
  std::vector<int64_t> header_;
  std::vector<int32_t> index_;
  std::vector<std::byte> values_;
};

// Such a matrix in a file, checked.
struct SparseEntry {
  std::string name;
  int64_t rows = 0, columns = 0;
  kernels::BlockShape shape;
  const TensorView* index = nullptr;
  const TensorView* values = nullptr;

  int64_t elements() const { return rows * columns; }
  // All elements, row-major, zeros where there is no block; as many bytes each as in the file.
  std::vector<std::byte> dense() const;
};

// The matrix whose NAME.sparse a tensor of a file is; nothing for any other tensor. Throws Error where its parts are
// missing, or of another type, shape or value than they may be.
std::optional<SparseEntry> sparse_entry(const SafetensorsFile& file, const TensorView& view);
// Whether the tensor is another part of such a matrix.
bool is_sparse_part(const SafetensorsFile& file, const TensorView& view);

}  // namespace recur
