// Weights as 8-bit integers in files: a tensor NAME of type I8, [rows, columns], and beside it NAME.scale of type F32,
// [rows]. A weight is its integer times its row's scale.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "recur/io/sparse_tensors.h"
#include "recur/io/tensor_views.h"

namespace recur {

// The tensors to write for a model, its sparse weights of recurrent layers (weight_*) without their blocks of zeros:
// views, and the data they point to.
class StoredTensors {
 public:
  explicit StoredTensors(NamedTensors tensors);
  StoredTensors(const StoredTensors&) = delete;
  StoredTensors& operator=(const StoredTensors&) = delete;

  const std::vector<TensorView>& views() const { return views_; }

 private:
  NamedTensors tensors_;
  std::deque<SparseMatrix> sparse_;
  std::vector<TensorView> views_;
};

// The same for a model with I8 matrices.
class Int8Tensors {
 public:
  // Weights of recurrent layers, and other matrices of at least kLeast elements called weight (of linear layers and
  // embeddings), are rounded; the rest stays. Throws Error for a weight that is not finite.
  // `leaves_blocks_out`: of sparse weights of recurrent layers, as StoredTensors does.
  explicit Int8Tensors(const NamedTensors& tensors, bool leaves_blocks_out = false);
  Int8Tensors(const Int8Tensors&) = delete;
  Int8Tensors& operator=(const Int8Tensors&) = delete;

  static constexpr int64_t kLeast = 1024;

  const std::vector<TensorView>& views() const { return views_; }

 private:
  void add_rounded(const NamedTensor& tensor, bool leaves_blocks_out);

  struct Rounded {
    std::vector<int8_t> integers;
    std::vector<float> scales;
  };
  std::deque<Rounded> rounded_;
  std::deque<SparseMatrix> sparse_;
  NamedTensors kept_;
  std::vector<TensorView> views_;
};

bool has_int8(const SafetensorsFile& file);
// Whether a tensor of a model is rounded in its int8 file.
bool is_rounded_in_int8(const NamedTensor& tensor);
// How many elements the tensors have, with those in blocks that are left out.
int64_t elements_of(const SafetensorsFile& file);

// All tensors of a file, those of type I8 converted to F32, sparse ones with all their zeros. Throws Error when one of
// I8 is no matrix, when its scales are missing or of another type or shape, when a scale is negative or not finite, and
// as sparse_entry() does.
NamedTensors read_tensors(const SafetensorsFile& file);

}  // namespace recur
