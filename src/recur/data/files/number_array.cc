#include "recur/data/files/number_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/scratch_file.h"
#include "recur/data/files/zip_archive.h"

namespace recur {
namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr size_t kMostAxes = 8;
constexpr size_t kLongestHeader = 1 << 16;

// What the elements of an array are in its file.
struct ElementType {
  char kind = 'f';  // 'f' float, 'i' signed, 'u' unsigned integer, 'b' truth value
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
  if (type.kind == 'u' || type.kind == 'b') return static_cast<double>(bits);
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

// The number of elements, which must be reasonable. An axis of length 0 hides how large the others are.
int64_t count_of(const std::string& name, const std::vector<int64_t>& shape, int64_t max_values) {
  int64_t count = 1;
  if (std::ranges::count(shape, 0) > 0) {
    fail("{}: an axis of the array is empty: it has the shape ({})", name, fmt::join(shape, ", "));
  }
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count) || count > max_values) {
      fail("{}: an array of shape ({}) is more than the {} values that are allowed", name, fmt::join(shape, ", "),
           max_values);
    }
  }
  return count;
}

// The header of .npy is a dictionary of Python: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct NpyHeader {
  ElementType type;
  bool column_major = false;
  std::vector<int64_t> shape;
};

// What stands behind "'key':", in quotes of either kind, up to where `ends` begins.
std::string_view header_value(std::string_view header, std::string_view key, std::string_view ends,
                              const std::string& name) {
  size_t at = header.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos) at = header.find(fmt::format("\"{}\":", key));
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
    fail("{}: elements of type {} are not read; save floats or integers", name,
         quoted_cell(descr.size() > 2 ? descr.substr(1, descr.size() - 2) : descr));
  }
  return {code[0], static_cast<size_t>(code[1] - '0'), descr[1] == '>'};
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
  if (!start.starts_with(kNpyMagic)) fail("{}: this is not a NumPy array", stream.name());
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
  return idx || file.extension() == ".idx" ? "idx" : "";
}

class ArrayReader::Source {
 public:
  virtual ~Source() = default;
  virtual void read(std::span<double> out) = 0;
};

// In the order of the file.
class ArrayReader::Elements : public Source {
 public:
  Elements(ExactStream stream, const ElementType& type, int64_t count)
      : stream_(std::move(stream)), type_(type), left_(count) {
    check_end();
  }

  void read(std::span<double> out) override {
    for (size_t done = 0; done < out.size();) {
      const size_t some = std::min(kChunk, out.size() - done);
      stream_.read(std::span(buffer_).first(some * type_.bytes));
      for (size_t i = 0; i < some; ++i) {
        out[done + i] = element(buffer_.data() + i * type_.bytes, type_);
        ++read_;
        if (std::isinf(out[done + i])) fail("{}: element {} is infinite", stream_.name(), read_);
      }
      done += some;
    }
    left_ -= std::ssize(out);
    check_end();
  }

 private:
  static constexpr size_t kChunk = 1 << 13;

  void check_end() {
    if (left_ == 0 && !stream_.ended()) fail("{}: unexpected bytes after the array", stream_.name());
  }

  ExactStream stream_;
  ElementType type_;
  int64_t left_, read_ = 0;
  std::array<char, kChunk * 8> buffer_;
};

// Column-major values, whose first index runs fastest, as row-major ones: in blocks of neighbours along the first axis,
// which are runs in the file for each place along the others.
class ArrayReader::RowMajor : public Source {
 public:
  RowMajor(Elements& elements, std::vector<int64_t> shape, int64_t count, int64_t memory_bytes)
      : shape_(without_leading_ones(std::move(shape))), first_(shape_[0]), rest_(count / first_) {
    if (count > memory_bytes / kBytes) file_.emplace("arrays: cannot keep the values");
    std::vector<double> piece(static_cast<size_t>(std::min<int64_t>(count, 1 << 16)));
    if (!file_) memory_.reserve(static_cast<size_t>(count));
    for (int64_t done = 0; done < count;) {
      const auto some = std::span(piece).first(static_cast<size_t>(std::min(std::ssize(piece), count - done)));
      elements.read(some);
      file_ ? file_->append(std::as_bytes(some))
            : static_cast<void>(memory_.insert(memory_.end(), some.begin(), some.end()));
      done += std::ssize(some);
    }
    if (file_) file_->flush();
    constexpr int64_t kLeast = 1 << 12, kMost = 1 << 22;
    most_ = std::max<int64_t>(std::clamp(memory_bytes / (4 * kBytes), kLeast, kMost) / rest_, 1);
  }

  void read(std::span<double> out) override {
    while (!out.empty()) {
      if (at_ == block_.size()) next_block();
      const size_t count = std::min(out.size(), block_.size() - at_);
      std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
      at_ += count;
      out = out.subspan(count);
    }
  }

 private:
  static constexpr int64_t kBytes = sizeof(double);

  static std::vector<int64_t> without_leading_ones(std::vector<int64_t> shape) {
    while (shape.size() > 1 && shape[0] == 1) shape.erase(shape.begin());
    return shape;
  }

  void next_block() {
    const int64_t count = std::min(most_, first_ - done_);
    block_.resize(static_cast<size_t>(count * rest_));
    std::vector<double> run(static_cast<size_t>(count));
    std::vector<int64_t> index(shape_.size(), 0);
    for (int64_t place = 0; place < rest_; ++place) {
      fetch(offset_of(index) + done_, run);
      for (int64_t i = 0; i < count; ++i) block_[static_cast<size_t>(i * rest_ + place)] = run[static_cast<size_t>(i)];
      for (size_t axis = shape_.size() - 1; axis > 0 && ++index[axis] == shape_[axis]; --axis) index[axis] = 0;
    }
    done_ += count;
    at_ = 0;
  }

  // Of the index, whose first is 0, in the file.
  int64_t offset_of(const std::vector<int64_t>& index) const {
    int64_t offset = 0, stride = 1;
    for (size_t axis = 0; axis < index.size(); ++axis) {
      offset += index[axis] * stride;
      stride *= shape_[axis];
    }
    return offset;
  }

  void fetch(int64_t offset, std::span<double> out) const {
    if (file_) return file_->read(offset * kBytes, std::as_writable_bytes(out));
    std::copy_n(memory_.begin() + offset, out.size(), out.begin());
  }

  std::vector<int64_t> shape_;
  int64_t first_, rest_;  // places along the first axis, and along the others together
  int64_t most_ = 1;      // places along the first axis of a block
  int64_t done_ = 0;
  std::vector<double> memory_;
  std::optional<ScratchFile> file_;
  std::vector<double> block_;
  size_t at_ = 0;
};

namespace {

struct Opened {
  ExactStream stream;
  NpyHeader header;
};

Opened open_idx(const DataFile& file) {
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
  if (start[0] != 0 || start[1] != 0 || !type) fail("{}: this is not an IDX array", file.name());
  const auto axes = static_cast<size_t>(static_cast<unsigned char>(start[3]));
  if (axes < 1 || axes > kMostAxes) fail("{}: an IDX array of {} axes", file.name(), axes);
  std::vector<int64_t> shape;
  for (size_t axis = 0; axis < axes; ++axis) {
    shape.push_back(static_cast<int64_t>(element(stream.read(4).data(), {'u', 4, true})));
  }
  return {std::move(stream), {.type = *type, .column_major = false, .shape = std::move(shape)}};
}

Opened open_npy(const DataFile& file) {
  ExactStream stream(file);
  NpyHeader header = read_npy_header(stream);
  return {std::move(stream), std::move(header)};
}

}  // namespace

ArrayReader::ArrayReader(const DataFile& file, const ArrayLimits& limits) {
  Opened opened = file.head(2) == std::string_view("\0\0", 2) ? open_idx(file) : open_npy(file);
  shape_ = opened.header.shape;
  size_ = count_of(file.name(), shape_, limits.max_values);
  element_ = {opened.header.type.kind, static_cast<int>(opened.header.type.bytes)};
  auto elements = std::make_unique<Elements>(std::move(opened.stream), opened.header.type, size_);
  if (opened.header.column_major && shape_.size() > 1 && size_ > 0) {
    source_ = std::make_unique<RowMajor>(*elements, shape_, size_, limits.memory_bytes);
  } else {
    source_ = std::move(elements);
  }
}

ArrayReader::~ArrayReader() = default;

void ArrayReader::read(std::span<double> out) { source_->read(out); }

NumberArray read_array(const DataFile& file, const ArrayLimits& limits) {
  ArrayReader reader(file, limits);
  NumberArray array{.shape = reader.shape(), .values = {}};
  // The size is the file's word for it: memory grows with what is really there.
  constexpr int64_t kPiece = 1 << 16;
  for (int64_t left = reader.size(); left > 0;) {
    const auto some = static_cast<size_t>(std::min(left, kPiece));
    array.values.resize(array.values.size() + some);
    reader.read(std::span(array.values).last(some));
    left -= static_cast<int64_t>(some);
  }
  return array;
}

std::vector<NamedArray> npz_arrays(const DataFile& file, const ArrayLimits& limits) {
  std::vector<NamedArray> arrays;
  for (DataFile& member : zip_members(file, static_cast<size_t>(limits.memory_bytes))) {
    const std::string_view name = std::string_view(member.name()).substr(file.name().size() + 1);
    if (name.ends_with(".npy")) arrays.push_back({std::string(name.substr(0, name.size() - 4)), std::move(member)});
  }
  return arrays;
}

std::string npy_header(const std::vector<int64_t>& shape, const ArrayElement& element) {
  // NumPy's format 1.0: the header ends with a line end, at a multiple of 64 bytes.
  constexpr size_t kAlign = 64, kBefore = kNpyMagic.size() + 4;
  std::string text =
      fmt::format("{{'descr': '{}{}{}', 'fortran_order': False, 'shape': ({}{}), }}", element.bytes == 1 ? '|' : '<',
                  element.kind, element.bytes, fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  text.append(kAlign - 1 - (kBefore + text.size()) % kAlign, ' ');
  text += '\n';
  std::string out(kNpyMagic);
  out += {'\x01', '\x00', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return out + text;
}

}  // namespace recur
