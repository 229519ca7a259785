// Any header, index and values are a sparse matrix of the size it says, or an Error: never a crash or an overrun.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/io/int8_tensors.h"

namespace {

// The file of a matrix "w" with these parts, values of `dtype` in blocks [r, c].
std::string file_of(const std::string& dtype, std::size_t item, std::span<const std::int64_t, 4> header,
                    std::span<const std::byte> index, std::span<const std::byte> values) {
  const std::size_t blocks = index.size() / 4, at = 32 + blocks * 4, end = at + values.size();
  const std::int64_t r = std::clamp<std::int64_t>(header[2], 0, 64), c = std::clamp<std::int64_t>(header[3], 0, 64);
  const bool fits = values.size() == blocks * static_cast<std::size_t>(r * c) * item;
  const std::string shape = fits ? std::to_string(blocks) + "," + std::to_string(r) + "," + std::to_string(c)
                                 : std::to_string(values.size() / item);
  std::string json =
      "{\"w.sparse\":{\"dtype\":\"I64\",\"shape\":[4],\"data_offsets\":[0,32]},"
      "\"w.index\":{\"dtype\":\"I32\",\"shape\":[" +
      std::to_string(blocks) + "],\"data_offsets\":[32," + std::to_string(at) + "]},\"w.values\":{\"dtype\":\"" +
      dtype + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(end) +
      "]}}";
  std::string bytes(8, '\0');
  const std::uint64_t size = json.size();
  std::memcpy(bytes.data(), &size, 8);
  bytes += json;
  bytes.append(reinterpret_cast<const char*>(header.data()), 32);
  bytes.append(reinterpret_cast<const char*>(index.data()), index.size());
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size());
  return bytes;
}

}  // namespace

// A byte each of the type, blocks, and what to take from the shape; the header as four words; the index; the values.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 34) return 0;
  std::int64_t header[4];
  std::memcpy(header, data + 2, 32);
  if (data[0] & 4)
    for (std::int64_t& each : header) each &= 63;
  const std::size_t item = data[0] & 1 ? 1 : 4, room = size - 34;
  const std::size_t index = std::min<std::size_t>((data[1] & 15) * 4, room / 4 * 4);
  std::vector<std::byte> rest(room);
  std::transform(data + 34, data + size, rest.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
  std::span<const std::byte> values = std::span(rest).subspan(index);
  const auto block =
      static_cast<std::size_t>(std::clamp<std::int64_t>(header[2], 0, 64) * std::clamp<std::int64_t>(header[3], 0, 64));
  std::vector<std::byte> whole(index / 4 * block * item);  // as many as there ought to be
  std::copy_n(values.begin(), std::min(values.size(), whole.size()), whole.begin());
  if (!(data[0] & 2)) values = whole;
  values = values.first(values.size() / item * item);
  const std::string bytes = file_of(item == 1 ? "I8" : "F32", item, header, std::span(rest).first(index), values);
  try {
    const auto file = recur::SafetensorsFile::parse(std::as_bytes(std::span(bytes)), "input");
    const std::int64_t elements = recur::elements_of(file);
    const auto tensors = recur::read_tensors(file);
    if (tensors.size() != 1 || tensors[0].value.numel() != elements) __builtin_trap();
  } catch (const recur::Error&) {
  }
  return 0;
}
