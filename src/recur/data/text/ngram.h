// What counting alone achieves on a text: the baselines a recurrent language model must beat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/text/corpus.h"

namespace recur {

// Mean -ln p of the symbols of `valid` in nats, with p from the symbol counts of `train` plus one each.
double unigram_nats(const Corpus& train, const Corpus& valid);

// The same under an NgramModel: each symbol is predicted from the order - 1 before it. Of a long text, only the last
// most_symbols of `train` are counted and the first quarter as many of `valid` are predicted, to keep to a few seconds.
double ngram_nats(const Corpus& train, const Corpus& valid, int order = 5, int64_t most_symbols = 16 << 20);

// An n-gram model with interpolated modified Kneser-Ney smoothing (Chen and Goodman, 1999), discounts from the counts
// of counts. Counts are hashed with 64 bits and added up in one pass over the text; once max_entries n-grams are
// stored, new ones are left out, so that memory is bounded and probabilities still sum to one.
class NgramModel {
 public:
  // 1 <= order <= 16; V symbols. max_entries n-grams take about 50 bytes each.
  NgramModel(int order, int32_t vocabulary, size_t max_entries = size_t{1} << 22);

  // Counts the next symbols of the text; parts of a text may be given one after the other.
  void add(std::span<const int32_t> symbols);

  // Sets the discounts; to be called after the last add and before probability.
  void finish();

  // p(next | history), of which the last order - 1 symbols count; a shorter history is fine.
  double probability(std::span<const int32_t> history, int32_t next) const;

  int order() const { return order_; }

 private:
  // A hash table with open addressing. Key 0 marks a free place.
  template <class Value>
  class Table {
   public:
    Value* find_or_add(uint64_t key, bool may_add);  // null when it is not there and may not be added
    const Value* find(uint64_t key) const;
    template <class Visit>
    void for_each(Visit visit) const;

   private:
    struct Slot {
      uint64_t key = 0;
      Value value{};
    };
    size_t place(uint64_t key) const;
    void grow();

    std::vector<Slot> slots_ = std::vector<Slot>(1 << 10);
    size_t used_ = 0;
  };

  // What is known about the symbols that follow one context.
  struct Context {
    uint32_t total = 0;      // of their counts
    uint32_t kinds[3] = {};  // how many of them have count 1, 2, and 3 or more
  };

  // The tables of one length of n-gram. Below the highest order a count is the number of different symbols seen before.
  struct Level {
    Table<uint32_t> counts;
    Table<Context> contexts;
    double discounts[3] = {};  // of count 1, 2, and 3 or more
  };

  bool count(size_t length, uint64_t gram, uint64_t context);

  int order_;
  int32_t vocabulary_;
  size_t max_entries_;
  std::vector<Level> levels_;    // [order], of lengths 1 .. order
  std::vector<int32_t> recent_;  // the last symbols added, at most order - 1
  size_t entries_ = 0;
};

}  // namespace recur
