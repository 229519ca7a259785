// Numbers of PyTorch out of tests/golden.
#pragma once

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

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

  bool has(const std::string& tensor) const { return file_.find(tensor) != nullptr; }

  // What the metadata say.
  bool says(const std::string& key) const { return file_.metadata().contains(key); }
  std::string text(const std::string& key) const { return file_.metadata().at(key); }
  int64_t integer(const std::string& key) const { return std::stoll(text(key)); }
  std::vector<int64_t> integers(const std::string& key) const {  // "3,5,1"
    std::vector<int64_t> values;
    std::stringstream stream(text(key));
    for (std::string item; std::getline(stream, item, ',');) values.push_back(std::stoll(item));
    return values;
  }

 private:
  SafetensorsFile file_;
};

}  // namespace recur::testing
