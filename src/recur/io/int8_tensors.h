// Weights as 8-bit integers in files: a tensor NAME of type I8, [rows, columns], and beside it NAME.scale of type F32,
// [rows]. A weight is its integer times its row's scale.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "recur/io/tensor_views.h"

namespace recur {

// The tensors to write for a model with I8 matrices: views, and the data they point to.
class Int8Tensors {
 public:
  // Weights of recurrent layers, and other matrices of at least kLeast elements called weight (of linear layers and
  // embeddings), are rounded; the rest stays. Throws Error for a weight that is not finite.
  explicit Int8Tensors(const NamedTensors& tensors);
  Int8Tensors(const Int8Tensors&) = delete;
  Int8Tensors& operator=(const Int8Tensors&) = delete;

  static constexpr int64_t kLeast = 1024;

  const std::vector<TensorView>& views() const { return views_; }

 private:
  void add_rounded(const NamedTensor& tensor);

  struct Rounded {
    std::vector<int8_t> integers;
    std::vector<float> scales;
  };
  std::deque<Rounded> rounded_;
  NamedTensors kept_;
  std::vector<TensorView> views_;
};

bool has_int8(const SafetensorsFile& file);

// All tensors of a file, those of type I8 converted to F32. Throws Error when one is no matrix, when its scales
// are missing or of another type or shape, and when a scale is negative or not finite.
NamedTensors read_tensors(const SafetensorsFile& file);

}  // namespace recur
