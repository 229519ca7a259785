// The decoder of translation as a step model.
#pragma once

#include <optional>

#include "recur/decode/step_model.h"
#include "recur/tasks/translate/translate_model.h"

namespace recur {

// Has read a batch of sources. A hypothesis' state: of the recurrent layers, the features fed back, the number of its
// source, and the memory of that.
class TranslateSteps : public StepModel {
 public:
  // `unknown` is never predicted. The model must outlive this.
  TranslateSteps(const TranslateModel& model, const SourceBatch& sources, std::optional<int32_t> unknown);

  int64_t symbols() const override { return model_.target_symbols(); }
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;
  // The memory of the sources, much larger than the rest, is copied only where a row has come to another source.
  Tensors reorder(const Tensors& state, const Tensor& from) const override;

 private:
  size_t own_parts() const;  // how many parts of a state are the hypothesis' own; behind them: the number, the memory

  const TranslateModel& model_;
  std::optional<int32_t> unknown_;
  TranslateModel::Source source_;
};

}  // namespace recur
