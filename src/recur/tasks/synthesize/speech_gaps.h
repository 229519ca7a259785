// What of texts is not spoken, counted over many of them to be said once.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace recur {

struct SpeechGaps {
  int64_t symbols = 0;          // that the speaker has not learnt
  int64_t letters = 0;          // of words, that the pronouncing model does not know
  std::set<std::string> words;  // for which it says nothing
  bool are_phonemes = false;    // what the symbols are, else characters

  // To the log; nothing where nothing is left out.
  void warn() const;
};

}  // namespace recur
