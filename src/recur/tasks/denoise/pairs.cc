#include "recur/tasks/denoise/pairs.h"

#include <algorithm>
#include <filesystem>

#include "recur/base/error.h"
#include "recur/data/files/class_folder.h"

namespace recur {
namespace {

std::filesystem::path without_ending(const std::string& path) {
  return std::filesystem::path(path).replace_extension();
}

}  // namespace

bool are_two_folders(const DataFiles& noisy, const DataFile& clean) {
  return noisy.size() == 1 && is_folder(noisy[0]) && is_folder(clean);
}

void check_same_files(std::string_view one, const std::vector<std::string>& noisy,
                      const std::vector<std::string>& clean) {
  for (size_t i = 0; i < std::min(noisy.size(), clean.size()); ++i) {
    if (without_ending(noisy[i]) == without_ending(clean[i])) continue;
    fail("clean: {} {} is {}, and that of the noisy ones {}: expected the same names in the same order", one, i + 1,
         clean[i], noisy[i]);
  }
  if (noisy.size() != clean.size()) {
    fail("clean: expected as many {}s as there are noisy ones, {}, got {}", one, noisy.size(), clean.size());
  }
}

}  // namespace recur
