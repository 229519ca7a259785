#include "recur/data/files/number_array.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/zip_archive.h"

namespace recur {
namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr size_t kMostAxes = 8;
constexpr size_t kLongestHeader = 1 << 16;

// What the elements of an array are in its file.
struct ElementType {
  char kind = 'f';  // 'f' float, 'i' signed, 'u' unsigned integer
  size_t bytes = 4;
  bool big_endian = false;
};

double half_to_double(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  double value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25);
  if (exponent == 31) value = fraction == 0 ? HUGE_VAL : NAN;
  return (bits >> 15) != 0 ? -value : value;
}

double element(const char* bytes, const ElementType& type) {
  uint64_t bits = 0;
  for (size_t i = 0; i < type.bytes; ++i) {
    const size_t from = type.big_endian ? type.bytes - 1 - i : i;
    bits |= uint64_t{static_cast<unsigned char>(bytes[from])} << (8 * i);
  }
  if (type.kind == 'u') return static_cast<double>(bits);
  if (type.kind == 'i') {
    const auto unused = static_cast<int>(64 - 8 * type.bytes);
    return static_cast<double>(static_cast<int64_t>(bits << unused) >> unused);
  }
  if (type.bytes == 8) return std::bit_cast<double>(bits);
  if (type.bytes == 4) return double{std::bit_cast<float>(static_cast<uint32_t>(bits))};
  return half_to_double(static_cast<uint16_t>(bits));
}

// A stream that must not end before it is said to.
class ExactStream {
 public:
  explicit ExactStream(const DataFile& file) : name_(file.name()), stream_(file.open()) {}

  void read(std::span<char> out) {
    for (size_t used = 0; used < out.size();) {
      const size_t count = stream_->read(out.subspan(used));
      if (count == 0) fail("{}: the array is cut off", name_);
      used += count;
    }
  }
  std::string read(size_t bytes) {
    std::string out(bytes, '\0');
    read(std::span(out));
    return out;
  }
  bool ended() {
    char more = 0;
    return stream_->read({&more, 1}) == 0;
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::unique_ptr<ByteStream> stream_;
};

// The number of elements, which must be reasonable.
size_t count_of(const std::string& name, const std::vector<int64_t>& shape, int64_t max_values) {
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count) || count > max_values) {
      fail("{}: an array of shape ({}) is more than the {} values that are held in memory", name,
           fmt::join(shape, ", "), max_values);
    }
  }
  return static_cast<size_t>(count);
}

void read_elements(ExactStream& stream, const ElementType& type, size_t count, std::vector<double>& values) {
  constexpr size_t kChunk = 1 << 13;
  std::array<char, kChunk * 8> buffer;
  while (values.size() < count) {
    const size_t some = std::min(kChunk, count - values.size());
    stream.read(std::span(buffer).first(some * type.bytes));
    for (size_t i = 0; i < some; ++i) {
      const double value = element(buffer.data() + i * type.bytes, type);
      if (std::isinf(value)) fail("{}: element {} is infinite", stream.name(), values.size() + 1);
      values.push_back(value);
    }
  }
  if (!stream.ended()) fail("{}: there are bytes behind the array", stream.name());
}

// Column-major values, whose first index runs fastest, as row-major ones.
std::vector<double> row_major(const std::vector<double>& values, const std::vector<int64_t>& shape) {
  std::vector<double> out;
  out.reserve(values.size());
  std::vector<size_t> stride(shape.size(), 1), index(shape.size(), 0);
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    stride[axis] = stride[axis - 1] * static_cast<size_t>(shape[axis - 1]);
  }
  size_t at = 0;
  while (out.size() < values.size()) {
    out.push_back(values[at]);
    for (size_t axis = shape.size(); axis-- > 0;) {
      at += stride[axis];
      if (++index[axis] < static_cast<size_t>(shape[axis])) break;
      at -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return out;
}

// The header of .npy is a dictionary of Python: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct NpyHeader {
  ElementType type;
  bool column_major = false;
  std::vector<int64_t> shape;
};

// What stands behind "'key':", up to where `ends` begins.
std::string_view header_value(std::string_view header, std::string_view key, std::string_view ends,
                              const std::string& name) {
  const size_t at = header.find(fmt::format("'{}':", key));
  const size_t begin = at == std::string_view::npos ? at : at + key.size() + 3;
  const size_t end = begin == std::string_view::npos ? begin : header.find_first_of(ends, begin);
  if (end == std::string_view::npos) fail("{}: its NumPy header has no '{}'", name, key);
  return trimmed(header.substr(begin, end - begin));
}

ElementType parse_type(std::string_view descr, const std::string& name) {
  constexpr std::string_view kTypes = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1";
  const std::string_view code = descr.size() == 5 ? descr.substr(2, 2) : std::string_view();
  const bool known = code.size() == 2 && code.find(' ') == std::string_view::npos &&
                     kTypes.find(code) != std::string_view::npos &&
                     std::string_view("<>|=").find(descr[1]) != std::string_view::npos;
  if (!known) {
    fail("{}: elements of type {} are not read; save floats or integers", name, quoted_cell(descr));
  }
  return {code[0] == 'b' ? 'u' : code[0], static_cast<size_t>(code[1] - '0'), descr[1] == '>'};
}

std::vector<int64_t> parse_shape(std::string_view tuple, const std::string& name) {
  std::vector<int64_t> shape;
  for (size_t at = 1; at < tuple.size();) {
    const size_t end = std::min(tuple.find(',', at), tuple.size());
    const std::string_view part = trimmed(tuple.substr(at, end - at));
    const auto size = parse_number(part);
    constexpr double kLargest = 1e15;
    if (!part.empty() && (!size || *size < 0 || *size > kLargest || shape.size() == kMostAxes)) {
      fail("{}: its NumPy header has the shape {}", name, quoted_cell(tuple));
    }
    if (!part.empty()) shape.push_back(static_cast<int64_t>(*size));
    at = end + 1;
  }
  return shape;
}

NpyHeader read_npy_header(ExactStream& stream) {
  const std::string start = stream.read(kNpyMagic.size() + 2);
  if (!start.starts_with(kNpyMagic)) fail("{}: this is no NumPy array", stream.name());
  const int version = static_cast<unsigned char>(start[kNpyMagic.size()]);
  if (version < 1 || version > 3) fail("{}: NumPy's format {} is not known", stream.name(), version);
  const size_t length_bytes = version == 1 ? 2 : 4;
  const auto length = static_cast<size_t>(element(stream.read(length_bytes).data(), {'u', length_bytes, false}));
  if (length > kLongestHeader) fail("{}: a NumPy header of {} bytes", stream.name(), length);
  const std::string header = stream.read(length);
  const auto value = [&](std::string_view key, std::string_view ends) {
    return header_value(header, key, ends, stream.name());
  };
  return {.type = parse_type(value("descr", ",}"), stream.name()),
          .column_major = value("fortran_order", ",}") == "True",
          .shape = parse_shape(value("shape", ")"), stream.name())};
}

}  // namespace

std::string array_format(const DataFile& file) {
  const std::string head = file.head(8);
  if (head.starts_with(kNpyMagic)) return "npy";
  if (head.starts_with(std::string_view("PK\3\4"))) return "npz";
  // Two zeros, the code of a type, the number of axes.
  const bool idx = head.size() == 8 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14 && head[3] >= 1 &&
                   head[3] <= static_cast<char>(kMostAxes);
  return idx ? "idx" : "";
}

NumberArray read_npy(const DataFile& file, int64_t max_values) {
  ExactStream stream(file);
  const NpyHeader header = read_npy_header(stream);
  NumberArray array{.name = {}, .shape = header.shape, .values = {}};
  read_elements(stream, header.type, count_of(file.name(), header.shape, max_values), array.values);
  if (header.column_major) array.values = row_major(array.values, array.shape);
  return array;
}

NumberArray read_idx(const DataFile& file, int64_t max_values) {
  ExactStream stream(file);
  const std::string start = stream.read(4);
  std::optional<ElementType> type;
  switch (start[2]) {
    case 0x08:
      type = {'u', 1, true};
      break;
    case 0x09:
      type = {'i', 1, true};
      break;
    case 0x0B:
      type = {'i', 2, true};
      break;
    case 0x0C:
      type = {'i', 4, true};
      break;
    case 0x0D:
      type = {'f', 4, true};
      break;
    case 0x0E:
      type = {'f', 8, true};
      break;
    default:
      break;
  }
  if (start[0] != 0 || start[1] != 0 || !type) fail("{}: this is no IDX array", file.name());
  const auto axes = static_cast<size_t>(static_cast<unsigned char>(start[3]));
  if (axes < 1 || axes > kMostAxes) fail("{}: an IDX array of {} axes", file.name(), axes);
  NumberArray array;
  for (size_t axis = 0; axis < axes; ++axis) {
    array.shape.push_back(static_cast<int64_t>(element(stream.read(4).data(), {'u', 4, true})));
  }
  read_elements(stream, *type, count_of(file.name(), array.shape, max_values), array.values);
  return array;
}

std::vector<NumberArray> read_npz(const DataFile& file, int64_t max_values) {
  constexpr size_t kMostBytes = size_t{0xFFFFFFFF};  // what a zip archive without extensions can hold
  std::vector<NumberArray> arrays;
  for (ZipMember& member : read_zip(file, kMostBytes)) {
    if (!member.name.ends_with(".npy")) continue;
    const std::string name = member.name.substr(0, member.name.size() - 4);
    NumberArray array =
        read_npy(DataFile::from_memory(file.name() + "/" + member.name, std::move(member.content)), max_values);
    max_values -= static_cast<int64_t>(array.values.size());
    array.name = name;
    arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace recur
