#include "recur/exchange/convert_numbers.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "recur/base/error.h"

namespace recur {
namespace {

template <class T>
T value_at(std::span<const std::byte> bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

// IEEE 754 binary16.
float half_at(std::span<const std::byte> bytes, size_t index) {
  const auto bits = value_at<uint16_t>(bytes, index);
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction != 0 ? std::nanf("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

float brain_at(std::span<const std::byte> bytes, size_t index) {
  return std::bit_cast<float>(uint32_t{value_at<uint16_t>(bytes, index)} << 16);
}

template <class T>
float plain_at(std::span<const std::byte> bytes, size_t index) {
  return static_cast<float>(value_at<T>(bytes, index));
}

struct NumberType {
  std::string_view name;
  size_t size;
  float (*at)(std::span<const std::byte> bytes, size_t index);
};
constexpr std::array<NumberType, 9> kTypes{{{"F32", 4, plain_at<float>},
                                            {"F64", 8, plain_at<double>},
                                            {"F16", 2, half_at},
                                            {"BF16", 2, brain_at},
                                            {"I64", 8, plain_at<int64_t>},
                                            {"I32", 4, plain_at<int32_t>},
                                            {"I16", 2, plain_at<int16_t>},
                                            {"I8", 1, plain_at<int8_t>},
                                            {"U8", 1, plain_at<uint8_t>}}};

const NumberType* find_type(std::string_view dtype) {
  for (const NumberType& each : kTypes) {
    if (each.name == dtype) return &each;
  }
  return nullptr;
}

}  // namespace

size_t number_size(std::string_view dtype) {
  const NumberType* type = find_type(dtype);
  return type == nullptr ? 0 : type->size;
}

float number_at(std::string_view dtype, std::span<const std::byte> bytes, size_t index) {
  return find_type(dtype)->at(bytes, index);
}

Tensor f32_tensor(const std::string& place, std::string_view dtype, std::span<const std::byte> bytes,
                  const Shape& shape) {
  const NumberType* type = find_type(dtype);
  if (type == nullptr) {
    fail("{}: numbers of the type {} are not read; F32, F64, F16, BF16, I64, I32, I16, I8 and U8 are", place, dtype);
  }
  const auto count = static_cast<size_t>(shape.numel());
  if (bytes.size() / type->size != count || bytes.size() % type->size != 0) {
    fail("{}: expected {} numbers of {} bytes for the shape {}, got {} bytes", place, count, type->size, shape.str(),
         bytes.size());
  }
  Tensor out = Tensor::empty(shape);
  float* to = out.data<float>();
  for (size_t i = 0; i < count; ++i) to[i] = type->at(bytes, i);
  return out;
}

}  // namespace recur
