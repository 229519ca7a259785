// The names of files for charts and pictures of predictions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {

// Throws UsageError where an option names a file whose name says that it is another than SVG, so that nothing else is
// written over. "" names none.
inline void check_svg_name(std::string_view option, const std::string& path) {
  if (path.empty() || lower_ascii(std::filesystem::path(path).extension().string()) == ".svg") return;
  fail_usage("{}: writes SVG: expected a name that ends with .svg, got {}", option, path);
}

}  // namespace recur
