#include "recur/environments/environment.h"

#include <fmt/format.h>

namespace recur {

std::string EnvironmentSpec::text() const {
  const std::string does =
      actions.is_discrete() ? fmt::format("{} choices", actions.choices) : fmt::format("{} numbers", actions.size());
  return fmt::format("{} features; {}", features, does);
}

}  // namespace recur
