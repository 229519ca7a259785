// The wire format of protocol buffers, as far as ONNX has it: a message is a run of fields, each a number, a wire type
// and a value. https://protobuf.dev/programming-guides/encoding
//
//   tag       varint: field number * 8 + wire type
//   value     type 0: varint    type 1: 8 bytes    type 2: length as varint, then that many bytes    type 5: 4 bytes
//   varint    7 bits a byte, the lowest first, the highest bit set on all bytes but the last; at most 10 bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur::onnx {

// Writes one message.
class WireWriter {
 public:
  void integer(int field, int64_t value);
  void real(int field, float value);
  void text(int field, std::string_view bytes);
  void message(int field, const WireWriter& inner) { text(field, inner.bytes_); }
  void integers(int field, std::span<const int64_t> values);  // packed
  void reals(int field, std::span<const float> values);       // packed

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  void varint(uint64_t value);
  void tag(int field, int type) { varint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(type)); }

  std::string bytes_;
};

// Reads one message, field by field, of bytes that outlive it. Untrusted: whatever is out of bounds, of an unknown wire
// type or nested deeper than 64 messages is an Error that names the file and the byte.
//
//   while (reader.next()) if (reader.field() == 3) name = reader.text();
class WireReader {
 public:
  static constexpr int kDeepest = 64;

  WireReader(std::span<const std::byte> bytes, std::string_view file) : file_(file), all_(bytes), rest_(bytes) {}

  // Goes to the next field; false at the end of the message. A field that is not asked for is passed over.
  bool next();
  int field() const { return field_; }

  // The value of the field; Error where it has another wire type.
  int64_t integer() const;
  float real() const;
  std::string text() const;
  std::span<const std::byte> bytes() const;
  WireReader message() const;
  // Repeated numbers, packed or one by one, are added to `to`.
  void add_integers(std::vector<int64_t>& to) const;
  void add_reals(std::vector<float>& to) const;
  void add_doubles(std::vector<double>& to) const;

  [[noreturn]] void fail_here(std::string_view what) const;  // names the file and the byte of the field

 private:
  enum Type { kVarint = 0, kEight = 1, kBytes = 2, kFour = 5 };

  uint64_t varint(std::span<const std::byte>& from) const;
  std::span<const std::byte> take(size_t count);
  void expect(Type type, const char* what) const;

  std::string_view file_;
  std::span<const std::byte> all_, rest_;
  size_t before_ = 0;  // bytes of the file before this message
  int depth_ = 0;
  int field_ = 0, type_ = kVarint;
  size_t at_ = 0;  // where the field begins
  uint64_t number_ = 0;
  std::span<const std::byte> value_;
};

}  // namespace recur::onnx
