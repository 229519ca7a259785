// A counterfactual test of texts: how far predictions move when terms that should not matter take each other's place
// (Garg, Perot, Limtiaco, Taly, Chi and Beutel, "Counterfactual fairness in text classification through robustness",
// 2019).
#pragma once

#include <string>
#include <vector>

#include "recur/audit/term_pairs.h"
#include "recur/tasks/metrics/bootstrap.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/trained.h"

namespace recur {

struct CounterfactualOptions {
  std::string positive = {};  // the class whose probability is compared; "": of two classes 1, true or yes, else none
  size_t most_texts = 10;     // in Counterfactual::texts
  BootstrapOptions bootstrap = {};
};

// Of the texts with a term. `p` are the probabilities of the text, `q` those of the text with its terms swapped.
//
//   mean_shift      mean of half the sum of |p - q| over the classes: of two classes, how far their probability moves.
//                   Of values |p - q|
//   largest_shift
//   changed         share of texts whose most probable class changes
//   mean_difference of the positive class or the value: mean of what it is with the second terms less what it is with
//                   the first ones, of the texts that have first terms alone or second terms alone
//
// What no text defines has no row.
struct Counterfactual {
  // A row a figure: "pair" ("all", or "he / she"), "measure", "value", "low", "high", "texts". For "all" the
  // terms of all pairs are swapped at once; for a pair its own alone.
  Table figures;
  // The texts that move furthest: "id", "terms", "prediction", "swapped", "shift".
  Table texts;
  int64_t read = 0, with_terms = 0;
  std::vector<std::string> notes;
};

// Throws UsageError for a model that does not read texts and for a class that it does not have, Error where no text has
// a term.
Counterfactual swap_terms(const Trained& model, const DataFiles& data, const TermPairs& pairs,
                          const CounterfactualOptions& options = {});

}  // namespace recur
