#include "recur/tasks/classify/targets.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/digit_loss.h"

namespace recur {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool are_numbers(const Vocabulary& classes) {
  return std::ranges::all_of(classes.words(), [](const std::string& label) { return number(label).has_value(); });
}

bool are_values(std::span<const std::string> labels) {
  bool fraction = false;
  for (const std::string& label : labels) {
    const auto value = number(label);
    if (!value) return false;
    fraction |= *value != std::floor(*value);
  }
  return fraction;
}

// A class an example is an id or a text that was taken for the label.
void check_repeats(const Vocabulary& classes, size_t examples) {
  constexpr size_t kFewest = 3;
  if (examples < kFewest || static_cast<size_t>(classes.size()) < examples) return;
  fail(
      "expected labels that repeat, but each of {} training examples has a label of its own, such as {}; label_column "
      "names the column of the labels{}",
      examples, quoted_cell(classes.word(0)), are_numbers(classes) ? ", and target = value learns numbers" : "");
}

// Prices and ages are whole numbers as the codes of classes are, but codes count from 0 or 1. Throws UsageError for
// many numbers that do not.
void check_not_values(std::span<const std::string> labels) {
  constexpr size_t kMostClasses = 20, kFewestOfClass = 10;
  std::set<double> numbers;
  for (const std::string& label : labels) {
    const auto value = number(label);
    if (!value || *value != std::floor(*value) || (label.size() > 1 && label[0] == '0')) return;
    numbers.insert(*value);
  }
  const size_t count = numbers.size();
  if (count <= kMostClasses || count * kFewestOfClass <= labels.size()) return;
  const double least = *numbers.begin(), most = *numbers.rbegin();
  if ((least == 0 || least == 1) && most - least + 1 == static_cast<double>(count)) return;
  fail_usage(
      "are the labels classes (target = class) or values (target = value)? They are {} whole numbers from {} to {} of "
      "{} examples",
      count, least, most, labels.size());
}

// Numbers, of which each must be one.
std::vector<double> values_of(std::span<const std::string> labels) {
  std::vector<double> values;
  for (const std::string& label : labels) {
    const auto value = number(label);
    if (!value) fail("label {}: expected a number with target = value", quoted_cell(label));
    values.push_back(*value);
  }
  return values;
}

double offset_of(std::span<const double> values) {
  DigitLoss loss;
  for (size_t i = 1; i < values.size(); ++i) loss.add(values[i], values[i - 1]);
  return loss.offset().value_or(0);
}

Affine fit_scale(std::span<const double> labels, double offset) {
  std::vector<float> values;
  for (const double label : labels) values.push_back(static_cast<float>(label - offset));
  const std::span<const float> part(values);
  return Scaler::fit(ScalerKind::kStandard, 1, std::span(&part, 1)).maps({}, 1).front();
}

}  // namespace

Targets Targets::fit(std::span<const std::string> labels, std::string_view kind, std::span<const std::string> valid,
                     std::span<const std::string> classes) {
  if (labels.empty()) fail("the training data are empty");
  if (std::ranges::count(labels, "") > 0)
    fail("{} of {} training examples have no label", std::ranges::count(labels, ""), labels.size());
  Targets targets;
  const bool stated = !classes.empty();
  if (stated && kind == "value") fail_usage("classes: expected none with target = value, got {}", listed(classes));
  targets.is_value_ = kind == "value" || (kind == "auto" && !stated && are_values(labels));
  if (targets.is_value_) {
    const std::vector<double> values = values_of(labels);
    targets.offset_ = offset_of(values);
    targets.scale_ = fit_scale(values, targets.offset_);
    return targets;
  }
  targets.classes_ = fit_classes(stated ? classes : labels);
  if (stated && targets.classes_.size() < 2) fail_usage("classes: expected two or more, got {}", listed(classes));
  if (stated) return targets;
  if (targets.classes_.size() < 2) {
    fail("expected at least two classes, but all {} training examples have the label {}", labels.size(),
         quoted_cell(labels[0]));
  }
  check_repeats(targets.classes_, labels.size());
  std::vector<std::string> all(labels.begin(), labels.end());
  all.insert(all.end(), valid.begin(), valid.end());
  if (kind == "auto") check_not_values(all);
  targets.classes_ = fit_classes(all);
  return targets;
}

float Targets::encode(std::string_view label, std::string_view place) const {
  if (!is_value_) return static_cast<float>(class_of(classes_, label, place));
  const auto value = number(label);
  if (!value) fail("{}: label {}: expected a number", place, quoted_cell(label));
  return scale_.apply(static_cast<float>(*value - offset_));
}

std::string Targets::to_text() const {
  if (is_value_) {
    Json json{{"scale", scale_.scale}, {"shift", scale_.shift}};
    if (offset_ != 0) json["offset"] = offset_;
    return json.dump();
  }
  return Json{{"classes", classes_.words()}}.dump();
}

Targets Targets::from_text(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("targets: expected a JSON object");
  Targets targets;
  try {
    targets.is_value_ = !json->contains("classes");
    if (targets.is_value_) {
      targets.scale_ = {json->at("shift").get<float>(), json->at("scale").get<float>()};
      if (json->contains("offset")) targets.offset_ = json->at("offset").get<double>();
    } else {
      targets.classes_ = Vocabulary(json->at("classes").get<std::vector<std::string>>());
    }
  } catch (const JsonError& error) {
    fail("targets: {}", error.what());
  }
  if (targets.outputs() < 1 || !(targets.scale_.scale > 0)) fail("targets: expected classes or a scale");
  return targets;
}

}  // namespace recur
