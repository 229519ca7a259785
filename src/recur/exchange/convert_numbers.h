// Numbers of other tools' files as f32.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "recur/tensor/tensor.h"

namespace recur {

// Bytes of an element of a type, by its name in safetensors: F32, F64, F16, BF16, I64, I32, I16, I8, U8; 0 of others.
size_t number_size(std::string_view dtype);

// Number `index` of `bytes`, little endian. REQUIRES: within, and of a known type.
float number_at(std::string_view dtype, std::span<const std::byte> bytes, size_t index);

// All numbers of `bytes` in a tensor f32. Throws Error, beginning with `place`, for other types and a number of bytes
// that is not that of the shape.
Tensor f32_tensor(const std::string& place, std::string_view dtype, std::span<const std::byte> bytes,
                  const Shape& shape);

}  // namespace recur
