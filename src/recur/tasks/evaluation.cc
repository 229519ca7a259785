#include "recur/tasks/evaluation.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur {

std::string spaced(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::optional<double> Evaluation::find(std::string_view name) const {
  for (const Metric& each : metrics) {
    if (each.name == name) return each.value;
  }
  return std::nullopt;
}

double Evaluation::at(std::string_view name) const {
  if (const auto value = find(name)) return *value;
  std::vector<std::string_view> known;
  for (const Metric& each : metrics) known.push_back(each.name);
  fail("unknown metric '{}'{}", name, did_you_mean(name, known));
}

}  // namespace recur
