#include "recur/nn/state_bytes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace recur {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::string_view kMagic = "RECURST2", kFirstMagic = "RECURST1";
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
  if (!part.defined()) fail("state: expected a tensor in every part");
  if (part.dtype() != DType::kF32 && part.dtype() != DType::kF64)
    fail("state: expected f32 or f64, got {}", name_of(part.dtype()));
  out.number<uint32_t>(part.dtype() == DType::kF32 ? 0 : 1);
  out.number(static_cast<uint32_t>(part.rank()));
  for (const int64_t size : part.shape()) out.number(static_cast<uint64_t>(size));
  out.add(part.bytes(), part.byte_size());
}

// The shape of a part that is followed by its elements, so that no product of sizes overflows: there are as many
// elements as bytes are left for, or, on an axis of size 0 (no batch, no units), none.
Shape read_shape(Reader& in, uint32_t rank, size_t item) {
  if (rank > Shape::kMaxRank) fail("state: expected at most {} axes in a part, got {}", Shape::kMaxRank, rank);
  std::vector<uint64_t> sizes(rank);
  for (uint64_t& size : sizes) size = in.number<uint64_t>();
  const bool empty = std::ranges::find(sizes, 0u) != sizes.end();
  uint64_t most = empty ? uint64_t{1} << 62 : in.left() / item;
  Shape shape;
  for (const uint64_t size : sizes) {
    if (size > most)
      fail("state: a part of {} elements is more than the {} bytes left hold", fmt::join(sizes, " x "), in.left());
    most /= std::max<uint64_t>(size, 1);
    shape = shape.inserted(shape.rank(), static_cast<int64_t>(size));
  }
  return shape;
}

Tensor read_part(Reader& in, bool matrix) {
  const auto type = in.number<uint32_t>();
  if (type >= std::size(kTypes)) fail("state: there is no type {}", type);
  const uint32_t rank = matrix ? 2 : in.number<uint32_t>();
  Tensor part = Tensor::empty(read_shape(in, rank, item_size(kTypes[type])), kTypes[type]);
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
  const auto begins_with = [&](std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
  };
  const bool first_version = begins_with(kFirstMagic);
  if (!first_version && !begins_with(kMagic)) fail("state: the bytes do not begin with {}", kMagic);
  in.take(kMagic.size());
  RecurrentState state;
  // Every count is followed by at least as many bytes, so that what is read stays within what is there.
  for (auto layers = in.number<uint32_t>(); layers > 0; --layers) {
    Tensors& parts = state.layers.emplace_back();
    for (auto count = in.number<uint32_t>(); count > 0; --count) parts.push_back(read_part(in, first_version));
  }
  if (in.left() > 0) fail("state: {} unexpected bytes after its end", in.left());
  return state;
}

}  // namespace recur
