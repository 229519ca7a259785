// Predictions that are no numbers: found where they are made, before they reach a metric or a file.
#pragma once

#include <cmath>
#include <concepts>
#include <string>

#include "recur/base/error.h"

namespace recur {

// A network gave NaN or an infinite number.
class NotFiniteError : public Error {
 public:
  using Error::Error;
};

// Throws NotFiniteError unless all `outputs` are finite. `place()` names the record and the step, and is called only
// then.
template <class Outputs, class Place>
void check_finite(const Outputs& outputs, Place&& place) {
  for (const auto value : outputs) {
    if (std::isfinite(value)) continue;
    throw NotFiniteError(
        fmt::format("{}: the prediction is {}: a value of the data is too large for the network, or its weights are",
                    place(), std::isnan(value) ? "NaN" : "infinite"));
  }
}
template <std::floating_point Value, class Place>
void check_finite(const Value& output, Place&& place) {
  const Value outputs[] = {output};
  check_finite(outputs, place);
}

}  // namespace recur
