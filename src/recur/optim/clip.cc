#include "recur/optim/clip.h"

#include <algorithm>
#include <cmath>

#include "recur/base/threads.h"
#include "recur/kernels/optimizer.h"
#include "recur/optim/checks.h"

namespace recur {
namespace {

constexpr int64_t kClipGrain = 65536;

template <class T>
double sum_of_squares(const Tensor& t) {
  const T* x = t.data<T>();
  thread_local std::vector<double> kept_parts;  // keeps its memory from step to step
  std::vector<double>& parts = kept_parts;      // the calling thread's, in all threads of the loop
  parts.resize(static_cast<size_t>((t.numel() + kClipGrain - 1) / kClipGrain));
  parallel_for(t.numel(), kClipGrain, [&](int64_t begin, int64_t end) {
    parts[static_cast<size_t>(begin / kClipGrain)] =
        kernels::optimizer_kernels<T>().sum_of_squares(x + begin, end - begin);
  });
  double total = 0;
  for (const double part : parts) total += part;
  return total;
}

// Replaces each gradient by f of its elements. Not in place: two parameters may share one gradient's storage.
template <class F>
void map_gradients(const char* name, const Tensors& parameters, F&& f) {
  for (Tensor p : parameters) {
    if (!p.grad().defined()) continue;
    const Tensor old = p.grad();
    Tensor mapped = Tensor::empty(old.shape(), old.dtype());
    dispatch_float(name, old.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* x = old.data<T>();
      T* y = mapped.data<T>();
      parallel_for(old.numel(), kClipGrain,
                   [&](int64_t begin, int64_t end) { std::transform(x + begin, x + end, y + begin, f); });
    });
    p.set_grad(std::move(mapped));
  }
}

bool all_finite(const Tensor& t) {
  return dispatch_float("finite", t.dtype(), [&](auto zero) {
    const auto values = t.values<decltype(zero)>();
    return std::all_of(values.begin(), values.end(), [](auto x) { return std::isfinite(x); });
  });
}

}  // namespace

double squared_gradient_norm(const Tensor& parameter) {
  const Tensor& g = parameter.grad();
  if (!g.defined()) return 0;
  return dispatch_float("gradient_norm", g.dtype(), [&](auto zero) { return sum_of_squares<decltype(zero)>(g); });
}

double gradient_norm(const Tensors& parameters) {
  double total = 0;
  for (const Tensor& p : parameters) total += squared_gradient_norm(p);
  return std::sqrt(total);
}

double clip_scale(double norm, double max_norm) {
  check_positive("clip_norm: max_norm", max_norm);
  return std::isfinite(norm) ? std::min(1.0, max_norm / (norm + 1e-6)) : 1;
}

double clip_norm(const Tensors& parameters, double max_norm) {
  const double norm = gradient_norm(parameters);
  const double scale = clip_scale(norm, max_norm);
  if (scale < 1) scale_gradients(parameters, scale);
  return norm;
}

void scale_gradients(const Tensors& parameters, double scale) {
  map_gradients("scale_gradients", parameters, [scale](auto g) { return g * static_cast<decltype(g)>(scale); });
}

void clip_value(const Tensors& parameters, double bound) {
  check_positive("clip_value: bound", bound);
  map_gradients("clip_value", parameters, [bound](auto g) {
    const auto limit = static_cast<decltype(g)>(bound);
    return std::clamp(g, -limit, limit);
  });
}

std::string first_non_finite(const NamedTensors& parameters) {
  for (const auto& [name, value] : parameters)
    if (!all_finite(value) || (value.grad().defined() && !all_finite(value.grad()))) return name;
  return "";
}

}  // namespace recur
