#include "recur/nn/embedding.h"

#include "recur/ops/embedding.h"

namespace recur {

Embedding::Embedding(const EmbeddingOptions& o, Random& random) {
  if (o.vocabulary < 1 || o.features < 1)
    fail("Embedding: vocabulary and features must be at least 1, got {} and {}", o.vocabulary, o.features);
  weight = Tensor::empty({o.vocabulary, o.features});
  init::normal(weight, 0, 1, random);
  register_parameter("weight", weight);
}

Tensor Embedding::operator()(const Tensor& ids) const { return embedding(weight, ids); }

}  // namespace recur
