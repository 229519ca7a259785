// JSON lines: an object a line; or one array of objects, on any lines.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/json_read.h"
#include "recur/data/files/line_reader.h"

namespace recur {

class JsonLines {
 public:
  static constexpr size_t kLongestLine = size_t{64} << 20;  // a document takes some ten times this in memory
  static constexpr int kDeepest = 8;

  explicit JsonLines(const DataFile& file) : lines_(file) {}

  // The next object; empty lines are skipped, false at the end. NaN, as Python writes it, is null. Throws Error for
  // what is no object, or has a key twice.
  bool next();

  const Json& object() const { return object_; }
  int64_t line() const { return line_; }  // of its first byte
  const std::string& name() const { return lines_.name(); }

  std::vector<std::string> keys() const;
  // The first key that is one of `names` in small letters.
  std::optional<std::string> first_key(std::span<const std::string_view> names) const;
  // A string, number or boolean as text; "" for null; nothing when the key is absent. Throws Error for arrays and
  // objects.
  std::optional<std::string> scalar(const std::string& key) const;

  template <class... Args>
  [[noreturn]] void fail_here(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}:{}: {}", name(), line_, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool next_line();
  bool next_text(std::string_view& text);
  bool begins_array();
  char next_mark();
  bool next_element(std::string_view& text);
  void check_longest(size_t bytes) const;
  void take(std::string_view text);
  [[noreturn]] void fail_at(std::string_view text, const JsonRead& read, size_t byte) const;

  LineReader lines_;
  Json object_;
  int64_t line_ = 0;
  bool begun_ = false, in_array_ = false, first_element_ = true;
  std::string_view rest_;  // of the line last read
  std::string element_;    // the text of one object of the array
};

// Whether a file that begins so holds objects: JSON lines, or an array of objects.
bool begins_json_objects(std::string_view head);

// A value as text, anywhere inside; nothing for arrays and objects.
std::optional<std::string> json_scalar_text(const Json& value);

}  // namespace recur
