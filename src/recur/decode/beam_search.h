// Beam search: the sequences that a step model finds most probable, of many inputs at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/decode/step_model.h"
#include "recur/decode/symbol_trie.h"

namespace recur {

struct BeamOptions {
  int32_t first = 0;   // the symbol before the first one
  int32_t end = 1;     // the symbol that ends a sequence
  int64_t width = 5;   // K, hypotheses of an input, ended ones included; 1: greedy, always the most probable symbol
  int64_t n_best = 1;  // how many of them to return, at most K
  // The score of an ended hypothesis Y is log P(Y) / lp(Y) + cp(Y) (Wu et al., "Google's neural machine translation
  // system", 2016): lp = ((5 + |Y|) / 6)^length_penalty, with its end counted in |Y|, so that 0 compares probabilities;
  // cp = coverage_penalty * sum over input positions of log(min(attention received, 1)), for models that attend.
  double length_penalty = 0;    // 0 .. 10
  double coverage_penalty = 0;  // at least 0
  // N: no sequence of N symbols is written twice, but where `allowed` binds (Paulus et al., "A deep reinforced model
  // for abstractive summarization", 2018); 0: no limit.
  int64_t no_repeat = 0;
  bool keep_attention = false;  // return the attention of each symbol
  bool may_rise = false;        // log p may be above 0, so that nothing is decided before all have ended
  // What may be written; null: anything. Must outlive the search. An input whose `longest` leaves room for none of it
  // gets no hypothesis.
  const SymbolTrie* allowed = nullptr;
};

struct BeamInput {
  int64_t longest = 0;    // symbols of a hypothesis at most: then it has to end
  int64_t positions = 0;  // of the input, where the model attends: the first columns of its attention
};

struct Hypothesis {
  std::vector<int32_t> symbols = {};  // without the end
  double log_probability = 0;         // natural, of the symbols and the end
  double score = 0;
  std::vector<std::vector<float>> attention = {};  // [symbols + 1][positions], the end's last; empty if not kept
};

// The n_best hypotheses of each input, best first. A hypothesis that ends leaves the batch and makes its input's beam
// narrower by one; an input is done when all K have ended, or when none of those that go on can still be among the
// n_best. Of equal candidates the first one wins. The model has read `inputs` in this order. Throws Error for options
// out of range, and when the model computes NaN. Watches check_stop().
std::vector<std::vector<Hypothesis>> beam_search(const StepModel& model, std::span<const BeamInput> inputs,
                                                 const BeamOptions& options);

}  // namespace recur
