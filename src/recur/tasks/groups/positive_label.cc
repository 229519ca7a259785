#include "recur/tasks/groups/positive_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

constexpr size_t kShownLabels = 8;

bool is_one_of(std::string_view label, const std::array<std::string_view, 3>& words) {
  return std::ranges::find(words, lower_ascii(label)) != words.end();
}

std::string listed(const std::set<std::string>& labels) {
  std::vector<std::string> shown;
  for (const std::string& label : labels) {
    if (shown.size() == kShownLabels) {
      shown.push_back(fmt::format("... ({} in all)", labels.size()));
      break;
    }
    shown.push_back(label);
  }
  return fmt::format("{}", fmt::join(shown, ", "));
}

}  // namespace

PositiveLabel::PositiveLabel(std::string_view what, std::span<const std::string> labels, const std::string& chosen)
    : name_(chosen) {
  std::set<std::string> found(labels.begin(), labels.end());
  found.erase("");
  if (!chosen.empty()) {
    if (!found.contains(chosen)) fail_usage("positive: {} has no '{}'; it has: {}", what, chosen, listed(found));
    return;
  }
  std::string negative;
  for (const std::string& label : found) {
    if (is_one_of(label, {"1", "true", "yes"})) name_ = label;
    if (is_one_of(label, {"0", "false", "no"})) negative = label;
  }
  if (found.size() > 2 || name_.empty() || (negative.empty() && found.size() == 2)) {
    fail_usage("{}: which answer is positive? Set positive to it; answers: {}", what, listed(found));
  }
}

}  // namespace recur
