#include "recur/exchange/onnx/wire.h"

#include <fmt/format.h>

#include <cstring>

#include "recur/base/error.h"

namespace recur::onnx {
namespace {

template <class T>
T little_endian(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

void WireWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void WireWriter::integer(int field, int64_t value) {
  tag(field, 0);
  varint(static_cast<uint64_t>(value));
}

void WireWriter::real(int field, float value) {
  tag(field, 5);
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void WireWriter::text(int field, std::string_view bytes) {
  tag(field, 2);
  varint(bytes.size());
  bytes_ += bytes;
}

void WireWriter::integers(int field, std::span<const int64_t> values) {
  WireWriter packed;
  for (const int64_t value : values) packed.varint(static_cast<uint64_t>(value));
  message(field, packed);
}

void WireWriter::reals(int field, std::span<const float> values) {
  text(field, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void WireReader::fail_here(std::string_view what) const {
  fail("{}: not an ONNX model: byte {}: {}", file_, before_ + at_ + 1, what);
}

uint64_t WireReader::varint(std::span<const std::byte>& from) const {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (from.empty()) fail_here("the file ends within a number");
    const auto byte = static_cast<uint64_t>(from.front());
    from = from.subspan(1);
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail_here("a number of more than 64 bits");
}

std::span<const std::byte> WireReader::take(size_t count) {
  if (count > rest_.size()) fail_here(fmt::format("expected {} more bytes, got {}", count, rest_.size()));
  const auto taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

bool WireReader::next() {
  if (rest_.empty()) return false;
  at_ = all_.size() - rest_.size();
  const uint64_t tag = varint(rest_);
  if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) fail_here("expected the number of a field");
  field_ = static_cast<int>(tag >> 3);
  type_ = static_cast<int>(tag & 7);
  if (type_ == kVarint) {
    number_ = varint(rest_);
  } else if (type_ == kEight) {
    value_ = take(8);
  } else if (type_ == kFour) {
    value_ = take(4);
  } else if (type_ == kBytes) {
    const uint64_t count = varint(rest_);
    value_ = take(static_cast<size_t>(count));
  } else {
    fail_here(fmt::format("unknown wire type {}", type_));
  }
  return true;
}

void WireReader::expect(Type type, const char* what) const {
  if (type_ != type) fail_here(fmt::format("field {}: expected {}, got wire type {}", field_, what, type_));
}

int64_t WireReader::integer() const {
  expect(kVarint, "an integer");
  return static_cast<int64_t>(number_);
}

float WireReader::real() const {
  expect(kFour, "a number of 4 bytes");
  return little_endian<float>(value_);
}

std::span<const std::byte> WireReader::bytes() const {
  expect(kBytes, "bytes");
  return value_;
}

std::string WireReader::text() const {
  const auto own = bytes();
  return {reinterpret_cast<const char*>(own.data()), own.size()};
}

WireReader WireReader::message() const {
  WireReader inner(bytes(), file_);
  inner.before_ = before_ + static_cast<size_t>(value_.data() - all_.data());
  inner.depth_ = depth_ + 1;
  if (inner.depth_ > kDeepest) fail_here(fmt::format("more than {} messages inside each other", kDeepest));
  return inner;
}

void WireReader::add_integers(std::vector<int64_t>& to) const {
  if (type_ == kVarint) return to.push_back(integer());
  for (auto rest = bytes(); !rest.empty();) to.push_back(static_cast<int64_t>(varint(rest)));
}

void WireReader::add_reals(std::vector<float>& to) const {
  if (type_ == kFour) return to.push_back(real());
  const auto own = bytes();
  if (own.size() % sizeof(float) != 0) fail_here("expected numbers of 4 bytes");
  for (size_t k = 0; k < own.size(); k += sizeof(float)) to.push_back(little_endian<float>(own.subspan(k)));
}

void WireReader::add_doubles(std::vector<double>& to) const {
  const auto own = type_ == kEight ? value_ : bytes();
  if (own.size() % sizeof(double) != 0) fail_here("expected numbers of 8 bytes");
  for (size_t k = 0; k < own.size(); k += sizeof(double)) to.push_back(little_endian<double>(own.subspan(k)));
}

}  // namespace recur::onnx
