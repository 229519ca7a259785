// What of texts is not spoken, counted over many of them to be said once.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace recur {

struct SpeechGaps {
  using Symbols = std::set<std::string>;

  std::string place;                                     // of the text that is being read: "texts.txt:3"; "": not said
  int64_t symbols = 0;                                   // that the model has not learnt
  std::vector<std::pair<std::string, Symbols>> unknown;  // these, by place
  int64_t letters = 0;                                   // of words, that the pronouncing model does not know
  std::set<std::string> words;                           // for which it says nothing
  bool are_phonemes = false;                             // what the symbols are, else characters

  void leave_out(const std::string& symbol) {
    ++symbols;
    if (unknown.empty() || unknown.back().first != place) unknown.emplace_back(place, Symbols{});
    unknown.back().second.insert(symbol);
  }
  // To the log; nothing where nothing is left out.
  void warn() const;
};

}  // namespace recur
