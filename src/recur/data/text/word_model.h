// How probable a word is behind others: n-grams out of an ARPA file, or counted in a text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// Const: any number of threads may use one.
class WordModel {
 public:
  virtual ~WordModel() = default;

  virtual int order() const = 0;                                         // n: a word depends on n - 1 before it
  virtual std::optional<int32_t> word(std::string_view text) const = 0;  // nothing for a word it does not know
  virtual std::vector<std::string> words() const = 0;                    // those it knows, but <s>, </s> and <unk>
  virtual int32_t begin() const = 0;                                     // stands before the first word of a text
  // ln of the probability of a word, or of the end of the text, behind `history`, whose last n - 1 words count. The
  // unknown word is nothing.
  virtual double log_probability(std::span<const int32_t> history, std::optional<int32_t> word) const = 0;
  virtual double log_probability_of_end(std::span<const int32_t> history) const = 0;
};

// ARPA's format ("\data\", "ngram 1=...", "\1-grams:"): logarithms to base 10, words with <s>, </s> and <unk>. Throws
// Error, naming the line, for what is none.
std::unique_ptr<WordModel> read_arpa(const DataFile& file);

// N-grams of the words of each line, with modified Kneser-Ney smoothing (ngram.h). Throws Error for a text without
// words.
std::unique_ptr<WordModel> count_words(const DataFile& text, int order = 3);

// The one or the other, by how the file begins.
std::unique_ptr<WordModel> read_word_model(const DataFile& file, int order = 3);

}  // namespace recur
