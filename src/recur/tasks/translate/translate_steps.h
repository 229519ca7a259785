// The decoder of translation as a step model.
#pragma once

#include <optional>

#include "recur/decode/attention_steps.h"
#include "recur/tasks/translate/translate_model.h"

namespace recur {

// Has read a batch of sources.
class TranslateSteps : public AttentionSteps {
 public:
  // `unknown` is never predicted. The model must outlive this.
  TranslateSteps(const TranslateModel& model, const SourceBatch& sources, std::optional<int32_t> unknown);

 private:
  TranslateSteps(const TranslateModel& model, const TranslateModel::Source& source, std::optional<int32_t> unknown);
};

}  // namespace recur
