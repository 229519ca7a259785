#include "recur/nn/init.h"

#include <cmath>
#include <vector>

namespace recur {

Random& default_random() {
  thread_local Random random(0);
  return random;
}

void seed_default_random(uint64_t seed) { default_random() = Random(seed); }

namespace init {
namespace {

// Overwrites t by f(i) for each element i, in order.
template <class F>
void generate(const char* name, Tensor& t, F&& f) {
  dispatch_float(name, t.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* p = t.data<T>();
    for (int64_t i = 0; i < t.numel(); ++i) p[i] = static_cast<T>(f(i));
  });
}

std::vector<float> standard_normal(int64_t count, Random& random) {
  std::vector<float> values(static_cast<size_t>(count));
  random.normal(values);
  return values;
}

double dot(const double* a, const double* b, int64_t n) {
  constexpr int64_t kSums = 8;  // independent sums, which the compiler may put in vectors
  double sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= n; i += kSums)
    for (int64_t j = 0; j < kSums; ++j) sums[j] += a[i + j] * b[i + j];
  double sum = 0;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const double part : sums) sum += part;
  return sum;
}

// a += scale * b
void add_scaled(double* a, double scale, const double* b, int64_t n) {
  for (int64_t i = 0; i < n; ++i) a[i] += scale * b[i];
}

// Makes the rows of m [rows, columns], rows <= columns, orthonormal by Gram-Schmidt. Each row is projected twice:
// "twice is enough" for orthogonality to working precision (Giraud, Langou and Rozloznik, 2005). The lengths that rows
// are divided by are positive, so a normal m gives a uniformly random result (Stewart, 1980; Mezzadri, 2007).
void orthonormalize(std::vector<double>& m, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    double* row = &m[static_cast<size_t>(r * columns)];
    for (int pass = 0; pass < 2; ++pass)
      for (int64_t before = 0; before < r; ++before) {
        const double* other = &m[static_cast<size_t>(before * columns)];
        add_scaled(row, -dot(row, other, columns), other, columns);
      }
    const double length = std::sqrt(dot(row, row, columns));
    for (int64_t c = 0; c < columns; ++c) row[c] /= length;
  }
}

}  // namespace

void constant(Tensor t, double value) {
  generate("constant", t, [&](int64_t) { return value; });
}

void uniform(Tensor t, double low, double high, Random& random) {
  std::vector<float> values(static_cast<size_t>(t.numel()));
  random.uniform(values);
  generate("uniform", t, [&](int64_t i) { return low + (high - low) * values[static_cast<size_t>(i)]; });
}

void normal(Tensor t, double mean, double deviation, Random& random) {
  const auto values = standard_normal(t.numel(), random);
  generate("normal", t, [&](int64_t i) { return mean + deviation * values[static_cast<size_t>(i)]; });
}

Fan fan(const Shape& shape) {
  if (shape.rank() < 2) fail("init: expected a weight with two or more axes, got shape {}", shape.str());
  int64_t field = 1;
  for (int axis = 2; axis < shape.rank(); ++axis) field *= shape[axis];
  return {.in = shape[1] * field, .out = shape[0] * field};
}

void xavier_uniform(Tensor t, Random& random, double gain) {
  const auto [in, out] = fan(t.shape());
  const double bound = gain * std::sqrt(6.0 / static_cast<double>(in + out));
  uniform(t, -bound, bound, random);
}

void xavier_normal(Tensor t, Random& random, double gain) {
  const auto [in, out] = fan(t.shape());
  normal(t, 0, gain * std::sqrt(2.0 / static_cast<double>(in + out)), random);
}

void kaiming_uniform(Tensor t, Random& random) {
  const double bound = std::sqrt(6.0 / static_cast<double>(fan(t.shape()).in));
  uniform(t, -bound, bound, random);
}

void kaiming_normal(Tensor t, Random& random) {
  normal(t, 0, std::sqrt(2.0 / static_cast<double>(fan(t.shape()).in)), random);
}

void orthogonal(Tensor t, Random& random, double gain) {
  if (t.rank() < 2) fail("orthogonal: expected two axes or more, got shape {}", t.shape().str());
  if (t.numel() == 0) return;
  const int64_t rows = t.size(0), columns = t.numel() / rows, few = std::min(rows, columns);
  const auto drawn = standard_normal(t.numel(), random);
  std::vector<double> m(drawn.begin(), drawn.end());
  orthonormalize(m, few, std::max(rows, columns));
  generate("orthogonal", t, [&](int64_t i) {
    const int64_t at = rows <= columns ? i : i % columns * rows + i / columns;  // else m holds the transpose
    return gain * m[static_cast<size_t>(at)];
  });
}

void identity(Tensor t, double gain) {
  if (t.rank() != 2) fail("identity: expected a matrix, got shape {}", t.shape().str());
  generate("identity", t, [&](int64_t i) { return i / t.size(1) == i % t.size(1) ? gain : 0.0; });
}

}  // namespace init
}  // namespace recur
