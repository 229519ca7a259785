// Texts split into subwords anew each time they are read, which keeps a network that learns from few of them from
// knowing a word by one spelling alone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "recur/base/random.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace recur {

class SubwordDropout {
 public:
  // `processor` must outlive it.
  explicit SubwordDropout(const sentencepiece::SentencePieceProcessor& processor);

  // Appends the subwords of a text without line ends and space marks. Of a BPE model every merge that is possible is
  // left out with probability p at each step (Provilkov, Emelianenko and Voita, "BPE-dropout: simple and effective
  // subword regularization", 2020). Of a unigram model every subword longer than a character is left out with
  // probability p where it could stand, and the likeliest split of the others counts. p = 0 splits as the library does.
  void split(std::string_view text, double p, Random& random, std::vector<int32_t>& out) const;

 private:
  struct Drawn {
    double p;
    Random& random;
  };
  // The id of a subword, or -1.
  int32_t find(std::string_view piece) const;
  void merge(std::string_view word, Drawn drawn, std::vector<std::string_view>& pieces) const;
  void likeliest(std::string_view word, Drawn drawn, std::vector<std::string_view>& pieces) const;
  void append(std::string_view piece, std::vector<int32_t>& out) const;

  const sentencepiece::SentencePieceProcessor& processor_;
  bool merges_ = false;      // a BPE model
  size_t longest_ = 0;       // bytes of a subword
  float unknown_score_ = 0;  // of a character that is none
};

}  // namespace recur
