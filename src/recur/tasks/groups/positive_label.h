// Which of two answers is the positive one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// Tells positive labels from others, "" being none.
class PositiveLabel {
 public:
  // Of these labels, which may repeat: `chosen`, or, where that is empty and there are two, the one called 1, true or
  // yes beside one called 0, false or no, in any case. Throws UsageError where it has to be chosen, naming the labels,
  // and where none is `chosen`.
  PositiveLabel(std::string_view what, std::span<const std::string> labels, const std::string& chosen);

  const std::string& name() const { return name_; }
  std::optional<bool> operator()(std::string_view label) const {
    if (label.empty()) return {};
    return label == name_;
  }

 private:
  std::string name_;
};

}  // namespace recur
