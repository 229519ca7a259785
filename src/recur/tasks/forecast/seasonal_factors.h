// The season of a series as factors (classical multiplicative decomposition), as the M4 competition removes it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

// Missing values (NaN) as the ones before them, those at the beginning as the first known one; empty where none is
// known.
std::vector<double> filled(std::span<const float> values);

// Of the straight line of least squares, a step.
double slope_of(std::span<const double> y);

enum class SeasonTest {
  kPlain,      // as the M4 competition has it
  kDetrended,  // on what is left beside the straight line of least squares: a trend alone makes all lags correlate
};
// The factor of each step of the season, y's last step being step m - 1; all 1 where a value is not above 0, or where
// the season does not show: by the test of the M4 competition, at 90 %, on the autocorrelation at lag m.
std::vector<double> seasonal_factors(std::span<const double> y, size_t season, SeasonTest test = SeasonTest::kPlain);

}  // namespace recur
