#include "recur/tasks/synthesize/speech_gaps.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

// "texts.txt:3 (x, y)", or "x, y" without a place.
std::string unknown_text(const std::string& place, const SpeechGaps::Symbols& symbols) {
  constexpr size_t kMost = 10;
  const std::string all = listed(std::vector(symbols.begin(), symbols.end()), kMost);
  return place.empty() ? all : fmt::format("{} ({})", place, all);
}

}  // namespace

void SpeechGaps::warn() const {
  if (symbols > 0) {
    std::vector<std::string> which;
    for (const auto& [where, own] : unknown) which.push_back(unknown_text(where, own));
    log_warning("{} not in the vocabulary of the model, and left out: {}",
                are_phonemes ? counted(symbols, "symbol of the texts is", "symbols of the texts are")
                             : counted(symbols, "character of the texts is", "characters of the texts are"),
                listed_files(which));
  }
  if (letters > 0) {
    log_warning("{} unknown to the pronouncing model, and left out of the words",
                counted(letters, "letter is", "letters are"));
  }
  if (!words.empty()) {
    log_warning("{} left out, for which the pronouncing model says nothing: {}",
                counted(std::ssize(words), "word is", "words are"), listed(std::vector(words.begin(), words.end()), 5));
  }
}

}  // namespace recur
