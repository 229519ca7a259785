// What a classifier predicts: one of several classes, or a real value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/data/text/vocabulary.h"

namespace recur {

class Targets {
 public:
  // From the labels of the training data and, as far as classes go, those of the validation data. `kind` is "class",
  // "value", or "auto": a value where all labels are numbers and one has a fraction. `classes`: those of the model
  // whatever the labels are; empty: those of the labels. Throws Error for missing labels, for a single class, for as
  // many classes as examples, and for labels that are not numbers where values are expected; UsageError where "auto"
  // may be either.
  static Targets fit(std::span<const std::string> labels, std::string_view kind,
                     std::span<const std::string> valid = {}, std::span<const std::string> classes = {});

  bool is_value() const { return is_value_; }
  const Vocabulary& classes() const { return classes_; }
  int64_t outputs() const { return is_value_ ? 1 : classes_.size(); }

  // The index of a class, or a value standardised by the training data. Throws Error beginning with `place` for a label
  // that is unknown, missing or not a number.
  float encode(std::string_view label, std::string_view place) const;
  const Affine& scale() const { return scale_; }  // of values less an offset
  double value_of(float standardised) const { return double{scale_.invert(standardised)} + offset_; }

  std::string to_text() const;
  static Targets from_text(std::string_view json);  // throws Error: it is untrusted input

 private:
  bool is_value_ = false;
  Vocabulary classes_;
  Affine scale_;
  double offset_ = 0;  // taken off values that are too high for f32 to tell them apart
};

}  // namespace recur
