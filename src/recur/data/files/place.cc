#include "recur/data/files/place.h"

#include <fmt/format.h>

namespace recur {

std::string place_text(const std::vector<std::string>& files, const Place& place) {
  const auto file = static_cast<size_t>(place.file);
  const std::string name = file < files.size() ? files[file] : "data";
  return place.line > 0 ? fmt::format("{}:{}", name, place.line) : name;
}

}  // namespace recur
