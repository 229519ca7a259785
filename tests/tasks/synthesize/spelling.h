// A small model of pronunciation: letters a to e, a phoneme each.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "recur/tasks/translate/translate_task.h"
#include "tests/support/scratch.h"
#include "tests/tasks/train_by_hand.h"

namespace recur::testing {

inline std::string phoneme_of(char letter) { return std::string(1, static_cast<char>(letter - 'a' + 'A')) + "H"; }

// Lines of a word, a tab and its phonemes: "ab	AH BH".
inline std::string spellings(int count, uint64_t seed, int letters = 5) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < count; ++i) {
    std::string word, said;
    for (uint64_t n = 1 + random.below(4); n > 0; --n) {
      word += static_cast<char>('a' + random.below(static_cast<uint64_t>(letters)));
      said += (said.empty() ? "" : " ") + phoneme_of(word.back());
    }
    out += word + "\t" + said + "\n";
  }
  return out;
}

inline Taught<TranslateTask> speller(const Scratch& scratch, int steps, const std::string& lines) {
  auto task = std::make_unique<TranslateTask>();
  task->options.data.batch = 32;
  task->options.data.source_tokens = "chars";
  task->options.data.target_tokens = "words";
  task->options.model.rnn.hidden = 24;
  task->options.model.rnn.cell = "gru";
  task->options.model.dropout = 0;
  task->options.learning.smoothing = 0;
  return teach(std::move(task), {.files = {DataFile(scratch.put("spellings.tsv", lines))}}, steps);
}

}  // namespace recur::testing
