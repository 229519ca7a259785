// The embedding: a table with a vector for each symbol.
#pragma once

#include "recur/nn/init.h"
#include "recur/nn/module.h"

namespace recur {

struct EmbeddingOptions {
  int64_t vocabulary = 0;  // V
  int64_t features = 0;    // F
};

// ids [...] in 0 .. V-1 -> [..., F]. Starts standard normal; language models often prefer a small uniform range, which
// init::uniform(embedding.weight, ...) gives.
class Embedding : public Module {
 public:
  explicit Embedding(const EmbeddingOptions& options, Random& random = default_random());

  Tensor operator()(const Tensor& ids) const;

  Parameter weight;  // [V, F]
};

}  // namespace recur
