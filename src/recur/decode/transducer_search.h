// What a transducer (ops/transducer_loss.h) hears, step by step: a search that may be asked at any time.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/decode/ctc_search.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The networks of a transducer as the search sees them, for K hypotheses at a time: one that reads what has been said,
// and one that joins what it gives with what was heard at a step.
class TransducerNetwork {
 public:
  virtual ~TransducerNetwork() = default;

  virtual int64_t symbols() const = 0;  // V, the blank included
  virtual int32_t blank() const = 0;

  struct Predicted {
    Tensor output;  // [K, J]
    Tensors state;  // [K, ...] each
  };
  virtual Predicted start() const = 0;  // K = 1: nothing has been said
  // After one more symbol of each, i32 [K].
  virtual Predicted after(const Tensor& symbols, const Tensors& state) const = 0;
  // f32 [K, V] of a step [1, J].
  virtual Tensor log_probabilities(const Tensor& step, const Tensor& output) const = 0;
};

struct TransducerSearchOptions {
  int64_t width = 1;                     // hypotheses that are kept after each step
  int64_t n_best = 1;                    // that are given back
  int64_t symbols_per_step = 8;          // at most
  const PrefixScorer* scorer = nullptr;  // or none
};

// A symbol with the step at which it was said, and ln of its probability there.
struct TransducerSymbol {
  int32_t symbol = 0;
  int64_t step = 0;
  double log_probability = 0;
};

struct TransducerHypothesis {
  std::vector<TransducerSymbol> symbols;
  double score = 0;  // ln of its probability, as far as its paths were kept, with what a scorer gives for it
};

// Beam search, step by step of the sound (after Graves 2012, section 2.5): at a step each hypothesis either waits or
// says symbols, the best `width` at a time, until none can come among the best that wait; paths that say the same are
// added up. A value: a copy goes on by itself. The network must outlive it. REQUIRES: no graph is recorded.
class TransducerSearch {
 public:
  TransducerSearch(const TransducerNetwork& network, const TransducerSearchOptions& options);

  void take(const Tensor& step);  // [1, J]
  int64_t steps() const { return steps_; }

  // The best hypotheses if the sound ended here, best first. Of what settled() gave only what came behind it.
  std::vector<TransducerHypothesis> best() const;
  // Symbols that all hypotheses have said, so that nothing can change them any more, each once.
  std::vector<TransducerSymbol> settled();

 private:
  // A prefix is a path in a tree of these.
  struct Node {
    int32_t before = -1;  // -1: the first that is not settled
    TransducerSymbol said = {};
    uint64_t hash = 0;  // of all symbols up to here
  };
  struct Live {
    int32_t node = -1;
    double log_probability = 0, extra = 0;  // extra: of the scorer
    PrefixScorer::State scorer = {};
    Tensor output = {};  // [1, J]
    Tensors state = {};  // [1, ...] each

    double score() const { return log_probability + extra; }
  };
  struct Continuation {
    double score = 0;
    size_t live = 0;
    int32_t symbol = 0;
    double log_probability = 0, extra = 0;
    PrefixScorer::State scorer = {};
  };

  uint64_t hash(int32_t node) const;
  bool same(int32_t a, int32_t b) const;
  std::vector<TransducerSymbol> path(int32_t node) const;
  void wait(Live live, std::vector<Live>& waiting) const;
  std::vector<Continuation> continuations(const std::vector<Live>& live, const Tensor& log_probabilities,
                                          double least) const;
  std::vector<Live> say(const std::vector<Live>& live, const std::vector<Continuation>& chosen);
  double least_waiting(const std::vector<Live>& waiting) const;
  void forget(size_t count);

  const TransducerNetwork* network_;
  TransducerSearchOptions options_;
  std::vector<Node> nodes_;
  std::vector<Live> beams_;  // best first
  uint64_t settled_hash_ = 0;
  int64_t steps_ = 0;
};

}  // namespace recur
