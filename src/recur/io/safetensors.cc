#include "recur/io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/suggest.h"
#include "recur/io/little_endian.h"
#include "recur/io/safetensors_header.h"

namespace recur {
namespace {

using internal::Header;
using internal::HeaderEntry;
using internal::printable;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kAlignment = 8;

std::string shape_text(std::span<const std::int64_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// Bytes of a tensor of this type and shape. Sizes of 0 are left out of the overflow check's product, so that no order
// of multiplying the sizes can overflow later.
std::uint64_t checked_bytes(std::string_view dtype, std::span<const std::int64_t> shape, std::string_view file,
                            std::string_view tensor) {
  const std::optional<std::size_t> item = safetensors_item_size(dtype);
  if (!item) {
    fail("{}: tensor \"{}\": unknown dtype \"{}\", expected F32, F64, BF16, I32, I64, U8 or another of the format",
         file, printable(tensor), printable(dtype));
  }
  auto product = static_cast<std::int64_t>(*item);
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) fail("{}: tensor \"{}\": negative size in shape {}", file, printable(tensor), shape_text(shape));
    if (size == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, size, &product)) {
      fail("{}: tensor \"{}\": shape {} of {} has too many elements", file, printable(tensor), shape_text(shape),
           dtype);
    }
  }
  return empty ? 0 : static_cast<std::uint64_t>(product);
}

void check_size(const HeaderEntry& entry, std::uint64_t data_bytes, std::string_view file) {
  const std::uint64_t expected = checked_bytes(entry.dtype, entry.shape, file, entry.name);
  if (entry.begin > entry.end || entry.end > data_bytes) {
    fail("{}: tensor \"{}\": expected data_offsets within the {} bytes of data, got [{}, {}]", file,
         printable(entry.name), data_bytes, entry.begin, entry.end);
  }
  if (entry.end - entry.begin != expected) {
    fail("{}: tensor \"{}\": {} of shape {} takes {} bytes, got {} by its data_offsets", file, printable(entry.name),
         entry.dtype, shape_text(entry.shape), expected, entry.end - entry.begin);
  }
}

// In the order of their data the tensors must follow on each other from the first byte to the last.
void check_layout(const std::vector<HeaderEntry>& entries, std::uint64_t data_bytes, std::string_view file) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto by_offset = [&](std::size_t i) { return std::pair(entries[i].begin, entries[i].end); };
  std::ranges::sort(order, {}, by_offset);
  std::uint64_t next = 0;
  for (const std::size_t i : order) {
    if (entries[i].begin != next) {
      fail("{}: tensor \"{}\": expected its data to begin at byte {}, got {}: the data {}", file,
           printable(entries[i].name), next, entries[i].begin, entries[i].begin < next ? "overlaps" : "has a gap");
    }
    next = entries[i].end;
  }
  if (next != data_bytes) fail("{}: the tensors take {} bytes, the file holds {}", file, next, data_bytes);
}

}  // namespace

std::optional<std::size_t> safetensors_item_size(std::string_view dtype) {
  struct Type {
    std::string_view name;
    std::size_t bytes;
  };
  static constexpr std::array kTypes = {Type{"F32", 4},  Type{"F64", 8},     Type{"BF16", 2},   Type{"I32", 4},
                                        Type{"I64", 8},  Type{"U8", 1},      Type{"F16", 2},    Type{"I8", 1},
                                        Type{"I16", 2},  Type{"U16", 2},     Type{"U32", 4},    Type{"U64", 8},
                                        Type{"BOOL", 1}, Type{"F8_E4M3", 1}, Type{"F8_E5M2", 1}};
  const auto found = std::ranges::find(kTypes, dtype, &Type::name);
  return found == kTypes.end() ? std::nullopt : std::optional(found->bytes);
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  const auto mapped = std::make_shared<const MappedFile>(path);
  SafetensorsFile file = parse(mapped->bytes(), path.string());
  file.mapped_ = mapped;
  return file;
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes, std::string name) {
  if (bytes.size() < kLengthBytes) {
    fail("{}: this is not a model or other safetensors file: expected at least {} bytes, got {}", name, kLengthBytes,
         bytes.size());
  }
  const auto length = load_little_endian<std::uint64_t>(bytes);
  const std::span<const std::byte> rest = bytes.subspan(kLengthBytes);
  if (length > kMaxSafetensorsHeader) {
    fail("{}: this is not a model or other safetensors file: its header would have more than {} bytes", name,
         kMaxSafetensorsHeader);
  }
  if (length > rest.size()) {
    fail("{}: truncated: expected a header of {} bytes, but only {} bytes follow its length", name, length,
         rest.size());
  }
  const std::span<const std::byte> data = rest.subspan(length);
  Header header = internal::parse_header({reinterpret_cast<const char*>(rest.data()), length}, name);
  for (const HeaderEntry& entry : header.entries) check_size(entry, data.size(), name);
  check_layout(header.entries, data.size(), name);

  SafetensorsFile file;
  file.metadata_ = std::move(header.metadata);
  for (HeaderEntry& entry : header.entries) {
    file.index_.emplace(entry.name, file.tensors_.size());
    file.tensors_.push_back({.name = std::move(entry.name),
                             .dtype = std::move(entry.dtype),
                             .shape = std::move(entry.shape),
                             .data = data.subspan(entry.begin, entry.end - entry.begin)});
  }
  file.name_ = std::move(name);
  return file;
}

const TensorView* SafetensorsFile::find(std::string_view tensor) const {
  const auto found = index_.find(tensor);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

const TensorView& SafetensorsFile::at(std::string_view tensor) const {
  const TensorView* view = find(tensor);
  if (!view) {
    std::vector<std::string_view> names;
    for (const TensorView& each : tensors_) names.push_back(each.name);
    fail("{}: expected a tensor \"{}\", there is none among its {}{}", name_, tensor, names.size(),
         did_you_mean(tensor, names));
  }
  return *view;
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string, std::less<>>& metadata) {
  const std::string file = path.string();
  Header header{.metadata = metadata, .entries = {}};
  std::set<std::string_view> names = {"__metadata__"};
  std::uint64_t next = 0;
  for (const TensorView& tensor : tensors) {
    if (!names.insert(tensor.name).second) {
      fail("{}: tensor \"{}\": the name is repeated or reserved", file, printable(tensor.name));
    }
    const std::uint64_t expected = checked_bytes(tensor.dtype, tensor.shape, file, tensor.name);
    if (tensor.data.size() != expected) {
      fail("{}: tensor \"{}\": {} of shape {} takes {} bytes, got {}", file, printable(tensor.name), tensor.dtype,
           shape_text(tensor.shape), expected, tensor.data.size());
    }
    header.entries.push_back({tensor.name, tensor.dtype, tensor.shape, next, next + expected});
    next += expected;
  }
  std::string json = internal::format_header(header, file);
  json.resize((json.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  if (json.size() > kMaxSafetensorsHeader) {
    fail("{}: a header of {} bytes, expected at most {}", file, json.size(), kMaxSafetensorsHeader);
  }
  std::string length;
  append_little_endian(length, std::uint64_t{json.size()});

  AtomicFile out(path);
  out.write(length);
  out.write(json);
  for (const TensorView& tensor : tensors) out.write(tensor.data);
  out.commit();
}

}  // namespace recur
