// The networks that learn to adapt: a body and a linear head that gradients adapt; a body alone, whose features classes
// are told apart by; or a body whose features recurrent layers read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/tasks/adapt/adapt_body.h"
#include "recur/tasks/adapt/problems.h"

namespace recur {

// What is kept of the examples that a model was fitted to, besides its parameters. Undefined or empty: it needs none.
struct FittedParts {
  Tensors norms;      // of convolutions (AdaptNorms)
  Tensor prototypes;  // [N, E], means of the features of each class
  Tensor told;        // [2 S, E + O + 1], what a reader was told
};
struct FittedSizes {
  int64_t classes = 0;  // N; 0 of values
  int64_t shots = 0;    // S
};

struct AdaptSizes {
  AdaptShape shape;
  int64_t categories = 0;               // classes to learn all at once, of learner = pretrained
  std::optional<FittedSizes> fitted{};  // of a model that was fitted to a few examples
};

// Parameters: body.*; head.weight, head.bias of those that gradients adapt, classes.* of all classes of training
// (pretrained); reader.*, out.* of a reader. Buffers of a fitted one: fitted.*.
class AdaptModel : public Module {
 public:
  AdaptModel(const AdaptOptions& options, const AdaptSizes& sizes, Random& random);

  const AdaptSizes& sizes() const { return sizes_; }
  const AdaptShape& shape() const { return sizes_.shape; }
  const AdaptBody& body() const { return body_; }
  const Linear& head() const { return *head_; }
  const Linear& classes() const { return *classes_; }
  const Recurrent& reader() const { return *reader_; }
  DType dtype() const { return dtype_of_->dtype(); }

  AdaptBatch batch(std::span<const AdaptExample> examples) const { return batch_of(examples, shape(), dtype()); }

  // What a reader reads: of features f [n, E] the rows it is asked, [f 0 1], and those it is told, [f y 0]; y [n, O], a
  // 1 for the class, or the target.
  Tensor asked(const Tensor& features) const;
  Tensor told(const Tensor& features, const Tensor& y) const;
  // Its answers [.., O] from its recurrent layers' output.
  Tensor answers(const Tensor& y) const { return (*out_)(y); }

  const FittedParts& fitted() const { return fitted_; }
  void set_fitted(const FittedParts& parts);  // of the sizes that it was made with

 private:
  AdaptSizes sizes_;
  AdaptBody body_;
  std::optional<Linear> head_, classes_, out_;
  std::optional<Recurrent> reader_;
  Parameter dtype_of_;
  FittedParts fitted_;
};

}  // namespace recur
