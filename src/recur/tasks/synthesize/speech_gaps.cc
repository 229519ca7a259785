#include "recur/tasks/synthesize/speech_gaps.h"

#include <string>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"

namespace recur {

void SpeechGaps::warn() const {
  if (symbols > 0) {
    log_warning("{} not in the vocabulary of the model, and left out",
                are_phonemes ? counted(symbols, "symbol of the texts is", "symbols of the texts are")
                             : counted(symbols, "character of the texts is", "characters of the texts are"));
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
