// A zip archive for tests, with as little in its headers as readers need.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/pack.h"

namespace recur {

inline std::string little(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 0xff);
  return out;
}

inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members, bool deflate) {
  std::string out, directory;
  for (const auto& [name, content] : members) {
    const std::string packed = deflate ? deflated(content) : content;
    const std::string common = little(20, 2) + little(0, 2) + little(deflate ? 8 : 0, 2) + little(0, 8) +
                               little(packed.size(), 4) + little(content.size(), 4) + little(name.size(), 2) +
                               little(0, 2);
    directory += "PK\1\2" + little(20, 2) + common + little(0, 10) + little(out.size(), 4) + name;
    out += "PK\3\4" + common + name + packed;
  }
  const std::string end = "PK\5\6" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
                          little(directory.size(), 4) + little(out.size(), 4) + little(0, 2);
  return out + directory + end;
}

}  // namespace recur
