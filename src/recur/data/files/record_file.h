// Records of any length on disk, read in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/data/files/scratch_file.h"

namespace recur::internal {

// The bytes of a record: numbers as they are in memory, texts behind their length.
class RecordWriter {
 public:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(std::string_view text) {
    number(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

// Takes a record apart in the order it was written in.
class RecordReader {
 public:
  explicit RecordReader(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::string text() {
    const auto size = number<uint32_t>();
    std::string text(reinterpret_cast<const char*>(bytes_.data() + at_), size);
    at_ += size;
    return text;
  }

 private:
  std::vector<std::byte> bytes_;
  size_t at_ = 0;
};

// In memory is where each record ends: 8 bytes. Any number of threads may read, after flush().
class RecordFile {
 public:
  explicit RecordFile(std::string purpose) : file_(std::move(purpose)) {}

  void append(const RecordWriter& record) {
    file_.append(record.bytes());
    ends_.push_back(file_.size());
  }
  void flush() { file_.flush(); }

  int64_t size() const { return std::ssize(ends_); }
  RecordReader read(int64_t i) const {
    const auto index = static_cast<size_t>(i);
    const int64_t begin = index == 0 ? 0 : ends_[index - 1];
    std::vector<std::byte> bytes(static_cast<size_t>(ends_[index] - begin));
    file_.read(begin, bytes);
    return RecordReader(std::move(bytes));
  }

 private:
  ScratchFile file_;
  std::vector<int64_t> ends_;
};

}  // namespace recur::internal
