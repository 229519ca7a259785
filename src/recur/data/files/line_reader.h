// The lines of a text file, one after the other, whatever its length.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/data_file.h"

namespace recur {

class LineReader {
 public:
  static constexpr size_t kLongestLine = size_t{256} << 20;

  explicit LineReader(const DataFile& file) : name_(file.name()), stream_(file.open()) {}

  // The next line, without its end (LF or CRLF; CR alone in a file that begins so) and, at the front of the file,
  // without a UTF-8 byte order mark; valid until the next call. False at the end of the file. Throws Error for a NUL
  // byte or UTF-16, which are no text to us, for files of other programs (foreign_file.h), and for a line longer than
  // kLongestLine.
  bool next(std::string_view& line);

  int64_t line() const { return line_; }  // number of the line last given, from 1
  const std::string& name() const { return name_; }

  // Throws Error "name:line: message" for the line last given.
  template <class... Args>
  [[noreturn]] void fail_here(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}:{}: {}", name_, line_, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool refill();
  void look_at_front();

  std::string name_;
  std::unique_ptr<ByteStream> stream_;
  std::string buffer_;  // whose first end_ bytes are of the file
  size_t end_ = 0;
  size_t begin_ = 0;    // of what has not been given
  size_t scanned_ = 0;  // no line end in [begin_, scanned_)
  int64_t line_ = 0;
  char end_mark_ = '\n';  // of a line
  bool ended_ = false;
};

}  // namespace recur
