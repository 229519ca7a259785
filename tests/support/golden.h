// Numbers of PyTorch out of tests/golden.
#pragma once

#include <cstring>
#include <string>

#include "recur/io/safetensors.h"
#include "recur/tensor/tensor.h"

namespace recur::testing {

class Golden {
 public:
  // `name` without folder and extension: "optim_adam".
  explicit Golden(const std::string& name)
      : file_(SafetensorsFile::open(std::string(RECUR_TEST_DATA) + "/golden/" + name + ".safetensors")) {}

  Tensor operator[](const std::string& tensor) const {
    const TensorView& view = file_.at(tensor);
    Tensor result = Tensor::empty(Shape(view.shape), view.dtype == "F64"   ? DType::kF64
                                                     : view.dtype == "F32" ? DType::kF32
                                                                           : DType::kI64);
    std::memcpy(result.bytes(), view.data.data(), view.data.size());
    return result;
  }

 private:
  SafetensorsFile file_;
};

}  // namespace recur::testing
