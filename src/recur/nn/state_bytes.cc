#include "recur/nn/state_bytes.h"

#include <bit>
#include <cstring>
#include <string_view>

namespace recur {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::string_view kMagic = "RECURST1";
constexpr DType kTypes[] = {DType::kF32, DType::kF64};

class Writer {
 public:
  void add(const void* from, size_t size) {
    const auto* begin = static_cast<const std::byte*>(from);
    bytes_.insert(bytes_.end(), begin, begin + size);
  }
  template <class T>
  void number(T value) {
    add(&value, sizeof value);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> take(size_t size) {
    if (size > bytes_.size()) fail("state: expected {} more bytes, got {}", size, bytes_.size());
    const auto result = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return result;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
};

void write_part(Writer& out, const Tensor& part) {
  if (!part.defined() || part.rank() != 2) fail("state: expected a matrix in every part");
  if (part.dtype() != DType::kF32 && part.dtype() != DType::kF64)
    fail("state: expected f32 or f64, got {}", name_of(part.dtype()));
  out.number<uint32_t>(part.dtype() == DType::kF32 ? 0 : 1);
  for (int axis = 0; axis < 2; ++axis) out.number(static_cast<uint64_t>(part.size(axis)));
  out.add(part.bytes(), part.byte_size());
}

Tensor read_part(Reader& in) {
  const auto type = in.number<uint32_t>();
  if (type >= std::size(kTypes)) fail("state: unknown type {}", type);
  const auto rows = in.number<uint64_t>(), columns = in.number<uint64_t>();
  const bool empty = rows == 0 || columns == 0;                                           // no batch, or no units
  const uint64_t most = empty ? uint64_t{1} << 31 : in.left() / item_size(kTypes[type]);  // and no product overflows
  if (rows > most || columns > most || (!empty && rows > most / columns))
    fail("state: a part of {} x {} does not fit the remaining {} bytes", rows, columns, in.left());
  Tensor part = Tensor::empty({static_cast<int64_t>(rows), static_cast<int64_t>(columns)}, kTypes[type]);
  const auto data = in.take(part.byte_size());
  if (!data.empty()) std::memcpy(part.bytes(), data.data(), data.size());
  return part;
}

}  // namespace

std::vector<std::byte> to_bytes(const RecurrentState& state) {
  Writer out;
  out.add(kMagic.data(), kMagic.size());
  out.number(static_cast<uint32_t>(state.layers.size()));
  for (const Tensors& layer : state.layers) {
    out.number(static_cast<uint32_t>(layer.size()));
    for (const Tensor& part : layer) write_part(out, part);
  }
  return out.take();
}

RecurrentState state_from_bytes(std::span<const std::byte> bytes) {
  Reader in(bytes);
  if (bytes.size() < kMagic.size() || std::memcmp(in.take(kMagic.size()).data(), kMagic.data(), kMagic.size()) != 0)
    fail("state: the bytes do not begin with {}", kMagic);
  RecurrentState state;
  // Every count is followed by at least as many bytes, so that what is read stays within what is there.
  for (auto layers = in.number<uint32_t>(); layers > 0; --layers) {
    Tensors& parts = state.layers.emplace_back();
    for (auto count = in.number<uint32_t>(); count > 0; --count) parts.push_back(read_part(in));
  }
  if (in.left() > 0) fail("state: {} unexpected bytes after its end", in.left());
  return state;
}

}  // namespace recur
