// JSON lines: an object a line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/json.h"
#include "recur/data/files/line_reader.h"

namespace recur {

class JsonLines {
 public:
  static constexpr size_t kLongestLine = size_t{64} << 20;  // a document takes some ten times this in memory
  static constexpr int kDeepest = 8;

  explicit JsonLines(const DataFile& file) : lines_(file) {}

  // The next object; empty lines are skipped, false at the end. NaN, as Python writes it, is null. Throws Error for a
  // line that is no object.
  bool next();

  const Json& object() const { return object_; }
  int64_t line() const { return lines_.line(); }
  const std::string& name() const { return lines_.name(); }

  std::vector<std::string> keys() const;
  // The first key that is one of `names` in small letters.
  std::optional<std::string> first_key(std::span<const std::string_view> names) const;
  // A string, number or boolean as text; "" for null; nothing when the key is absent. Throws Error for arrays and
  // objects.
  std::optional<std::string> scalar(const std::string& key) const;

  template <class... Args>
  [[noreturn]] void fail_here(fmt::format_string<Args...> format, Args&&... args) const {
    lines_.fail_here(format, std::forward<Args>(args)...);
  }

 private:
  LineReader lines_;
  Json object_;
};

// The same for a value anywhere inside; nothing for arrays and objects.
std::optional<std::string> json_scalar_text(const Json& value);

}  // namespace recur
