// Predictions of texts that were changed, to see whether a change that should not matter does.
#pragma once

#include <functional>
#include <string>

#include "recur/tasks/trained.h"

namespace recur {

// What a Trained also is if its task reads texts.
class EditedTexts {
 public:
  virtual ~EditedTexts() = default;

  using Edit = std::function<std::string(const std::string& text)>;
  // As Trained::predict(), of the texts that `edit` makes of those of the data; it is called for each once, in order.
  // Throws UsageError where the model reads series.
  virtual void predict_edited(const DataFiles& data, const Edit& edit, Sink& out) const = 0;
};

}  // namespace recur
