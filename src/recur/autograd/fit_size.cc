#include "recur/autograd/fit_size.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int64_t kSmallest = 6, kCount = 20, kLargestDivisor = 9;

// Each subset of the axes is a monomial: bit k of its number says whether axis k is in it.
using Monomial = unsigned;

std::vector<Size::Factor> plain_factors(const AxisSizes& sizes) {
  std::vector<Size::Factor> factors;
  for (const AxisSize& each : sizes) factors.push_back({.axis = each.axis});
  return factors;
}

// A row of the system for the coefficients: the value of every monomial, and what they must add up to.
std::vector<double> equation(const std::vector<Size::Factor>& factors, const AxisSizes& sizes, int64_t value) {
  std::vector<double> row;
  for (Monomial m = 0; m < 1U << factors.size(); ++m) {
    double product = 1;
    for (size_t k = 0; k < factors.size(); ++k)
      if ((m >> k & 1U) != 0) product *= static_cast<double>(factors[k].at(sizes));
    row.push_back(product);
  }
  row.push_back(static_cast<double>(value));
  return row;
}

// Gauss's elimination with the largest pivots; none when the rows do not decide every coefficient.
std::optional<std::vector<double>> solve(std::vector<std::vector<double>> rows, size_t unknowns) {
  for (size_t column = 0; column < unknowns; ++column) {
    size_t best = column;
    for (size_t r = column; r < rows.size(); ++r)
      if (std::abs(rows[r][column]) > std::abs(rows[best][column])) best = r;
    if (best >= rows.size() || std::abs(rows[best][column]) < 1e-6) return std::nullopt;
    std::swap(rows[column], rows[best]);
    for (size_t r = 0; r < rows.size(); ++r) {
      if (r == column) continue;
      const double share = rows[r][column] / rows[column][column];
      for (size_t c = column; c <= unknowns; ++c) rows[r][c] -= share * rows[column][c];
    }
  }
  std::vector<double> solution;
  for (size_t k = 0; k < unknowns; ++k) solution.push_back(rows[k][unknowns] / rows[k][k]);
  return solution;
}

Size polynomial(const std::vector<Size::Factor>& factors, const std::vector<double>& coefficients) {
  std::vector<Size::Term> terms;
  for (Monomial m = 1; m < coefficients.size(); ++m) {
    const auto coefficient = static_cast<int64_t>(std::llround(coefficients[m]));
    if (coefficient == 0) continue;
    Size::Term term{.coefficient = coefficient, .factors = {}};
    for (size_t k = 0; k < factors.size(); ++k)
      if ((m >> k & 1U) != 0) term.factors.push_back(factors[k]);
    terms.push_back(std::move(term));
  }
  return {static_cast<int64_t>(std::llround(coefficients[0])), std::move(terms)};
}

std::optional<Size> fit(const std::vector<Size::Factor>& factors, const std::vector<AxisSizes>& sizes,
                        std::span<const int64_t> values) {
  std::vector<std::vector<double>> rows;
  for (size_t i = 0; i < sizes.size(); ++i) rows.push_back(equation(factors, sizes[i], values[i]));
  const auto solution = solve(std::move(rows), size_t{1} << factors.size());
  if (!solution) return std::nullopt;
  Size size = polynomial(factors, *solution);
  for (size_t i = 0; i < sizes.size(); ++i)
    if (size.at(sizes[i]) != values[i]) return std::nullopt;
  return size;
}

std::optional<Size> fit_divided(const std::vector<AxisSizes>& sizes, std::span<const int64_t> values) {
  std::vector<Size> found;
  for (size_t k = 0; k < sizes[0].size(); ++k)
    for (int64_t divisor = 2; divisor <= kLargestDivisor; ++divisor)
      for (int64_t shift = 0; shift > -divisor; --shift) {
        std::vector<Size::Factor> factors = plain_factors(sizes[0]);
        factors[k].divisor = divisor;
        factors[k].shift = shift;
        if (auto size = fit(factors, sizes, values)) found.push_back(*std::move(size));
      }
  return found.size() == 1 ? std::optional(found[0]) : std::nullopt;
}

}  // namespace

std::vector<AxisSizes> sizes_to_fit_at(const std::vector<std::string>& axes) {
  // Each goes through all values, in an order of its own. Of four axes there are 16 products, fewer than sizes.
  static constexpr int64_t kSteps[] = {1, 7, 3, 9};
  if (axes.size() > std::size(kSteps)) fail("trace: {} open axes are more than {}", axes.size(), std::size(kSteps));
  std::vector<AxisSizes> result(kCount);
  for (int64_t i = 0; i < kCount; ++i)
    for (size_t k = 0; k < axes.size(); ++k)
      result[i].push_back({axes[k], kSmallest + (kSteps[k] * i + static_cast<int64_t>(k)) % kCount});
  return result;
}

std::optional<Size> fit_size(const std::vector<AxisSizes>& sizes, std::span<const int64_t> values) {
  if (std::ranges::all_of(values, [&](int64_t value) { return value == values[0]; })) return Size(values[0]);
  if (auto size = fit(plain_factors(sizes[0]), sizes, values)) return size;
  return fit_divided(sizes, values);
}

}  // namespace recur
