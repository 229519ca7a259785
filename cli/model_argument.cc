#include "cli/model_argument.h"

#include <algorithm>
#include <filesystem>

namespace recur::cli {

std::string first_path(const Words& words) {
  const auto is_word = [](const std::string& word) { return !word.empty() && !word.starts_with("-"); };
  const auto exists = [&](const std::string& word) {
    std::error_code error;
    return is_word(word) && std::filesystem::exists(word, error);
  };
  if (!words.empty() && is_word(words.front())) return words.front();
  auto found = std::ranges::find_if(words, exists);
  if (found == words.end()) found = std::ranges::find_if(words, is_word);
  return found == words.end() ? "" : *found;
}

bool wants_help(const Words& words) {
  return std::ranges::any_of(words, [](const std::string& word) { return word == "--help" || word == "-h"; });
}

}  // namespace recur::cli
