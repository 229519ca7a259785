// Numbers as tensors with a name, so that a checkpoint holds nothing else.
#pragma once

#include <string_view>

#include "recur/tensor/named_tensors.h"

namespace recur {

inline Tensor stored(int64_t value) { return Tensor::from(std::vector<int64_t>{value}, {}); }
inline Tensor stored(double value) { return Tensor::scalar(value, DType::kF64); }

// The tensor of this name; throws when there is none.
const Tensor& find_stored(const NamedTensors& state, std::string_view name);
int64_t stored_integer(const NamedTensors& state, std::string_view name);
double stored_number(const NamedTensors& state, std::string_view name);

// Throws, naming `owner`, unless `state` holds the names of `expected`, each once and with its shape and dtype, and
// nothing else.
void check_stored(std::string_view owner, const NamedTensors& state, const NamedTensors& expected);

}  // namespace recur
