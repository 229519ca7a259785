#include "recur/nn/causal_conv.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

enum ConvInput : size_t { kX, kWeight, kBias, kBefore };

// Where the rows of each step lie: row n of x as n, row r of before[j] as N + j B + r.
struct Places {
  std::vector<std::vector<int32_t>> taps;  // [k][n]: x_{t-k} of packed row n
  std::vector<std::vector<int32_t>> last;  // [j][r]: what lies j steps behind the last one of row r
};

// The row that lies `back` >= 0 steps behind step t of row r.
int32_t place_behind(const Packing& packing, int64_t row, int64_t t, int64_t back, bool reverse) {
  const int64_t other = reverse ? t + back : t - back;
  if (other >= 0 && other < packing.steps() && row < packing.rows(other))
    return static_cast<int32_t>(packing.offset(other) + row);
  int64_t first = 0;  // of the row, in the direction of travel
  if (reverse)
    for (first = t; first + 1 < packing.steps() && row < packing.rows(first + 1);) ++first;
  const int64_t passed = reverse ? first - t : t - first;
  return static_cast<int32_t>(packing.packed_rows() + (back - passed - 1) * packing.batch() + row);
}

Places places_of(const Packing& packing, int64_t steps_back, bool reverse) {
  const int64_t N = packing.packed_rows(), B = packing.batch();
  Places places;
  for (int64_t k = 0; k <= steps_back; ++k) {
    std::vector<int32_t>& own = places.taps.emplace_back(static_cast<size_t>(N));
    for (int64_t t = 0; t < packing.steps(); ++t)
      for (int64_t r = 0; r < packing.rows(t); ++r)
        own[static_cast<size_t>(packing.offset(t) + r)] = place_behind(packing, r, t, k, reverse);
  }
  std::vector<int64_t> last_steps(static_cast<size_t>(B), -1);  // in the direction of travel
  for (int64_t r = 0; packing.steps() > 0 && r < packing.rows(0); ++r) last_steps[static_cast<size_t>(r)] = 0;
  for (int64_t t = 1; !reverse && t < packing.steps(); ++t)
    for (int64_t r = 0; r < packing.rows(t); ++r) last_steps[static_cast<size_t>(r)] = t;
  for (int64_t j = 0; j < steps_back; ++j) {
    std::vector<int32_t>& own = places.last.emplace_back(static_cast<size_t>(B));
    for (int64_t r = 0; r < B; ++r) {
      const int64_t t = last_steps[static_cast<size_t>(r)];
      own[static_cast<size_t>(r)] =
          t < 0 ? static_cast<int32_t>(N + j * B + r) : place_behind(packing, r, t, j, reverse);
    }
  }
  return places;
}

// Arrays whose rows Places number.
template <class T>
class Rows {
 public:
  // x [N, H] and others [B, H].
  Rows(const Tensor& x, const Tensors& others) : N_(x.size(0)), H_(x.size(1)), x_(x.data<T>()) {
    for (const Tensor& each : others) others_.push_back(each.data<T>());
    if (!others.empty()) B_ = others[0].size(0);
  }

  const T* operator[](int32_t place) const {
    if (place < N_) return x_ + place * H_;
    const int64_t behind = place - N_;
    return others_[static_cast<size_t>(behind / B_)] + behind % B_ * H_;
  }

 private:
  int64_t N_, H_, B_ = 1;
  const T* x_;
  std::vector<const T*> others_;
};

Tensors before_of(const Tensors& in) { return {in.begin() + kBefore, in.end()}; }

template <class T>
Tensors forward(const Tensors& in, const Places& places) {
  const int64_t N = in[kX].size(0), H = in[kX].size(1), K = in[kWeight].size(0);
  const Tensors before = before_of(in);
  const Rows<T> from(in[kX], before);
  const T *w = in[kWeight].data<T>(), *bias = in[kBias].defined() ? in[kBias].data<T>() : nullptr;
  Tensors outputs{Tensor::empty(in[kX].shape(), kDTypeOf<T>)};
  T* const y = outputs[0].data<T>();
  parallel_runs(H, [&](int64_t begin, int64_t end) {
    for (int64_t n = 0; n < N; ++n) {
      T* const out = y + n * H;
      for (int64_t j = begin; j < end; ++j) out[j] = bias != nullptr ? bias[j] : T(0);
      for (int64_t k = 0; k < K; ++k) {
        const T *x = from[places.taps[static_cast<size_t>(k)][static_cast<size_t>(n)]], *factor = w + (K - 1 - k) * H;
        for (int64_t j = begin; j < end; ++j) out[j] += factor[j] * x[j];
      }
    }
  });
  for (const std::vector<int32_t>& rows : places.last) {
    Tensor& last = outputs.emplace_back(Tensor::empty(before[0].shape(), kDTypeOf<T>));
    T* to = last.data<T>();
    for (const int32_t place : rows) to = std::copy_n(from[place], H, to);
  }
  return outputs;
}

template <class T>
Tensors backward(const Tensors& in, const autograd::VjpArgs& v, const Places& places) {
  const int64_t N = in[kX].size(0), H = in[kX].size(1), K = in[kWeight].size(0);
  const Tensors before = before_of(in);
  const Rows<T> from(in[kX], before);
  Tensors result{Tensor::zeros(in[kX].shape(), kDTypeOf<T>), Tensor::zeros(in[kWeight].shape(), kDTypeOf<T>),
                 in[kBias].defined() ? Tensor::zeros({H}, kDTypeOf<T>) : Tensor()};
  std::vector<T*> to_before;
  for (const Tensor& each : before) {
    result.push_back(Tensor::zeros(each.shape(), kDTypeOf<T>));
    to_before.push_back(result.back().data<T>());
  }
  const int64_t B = before.empty() ? 1 : before[0].size(0);
  T *const dx = result[kX].data<T>(), *const dw = result[kWeight].data<T>();
  T* const dbias = in[kBias].defined() ? result[kBias].data<T>() : nullptr;
  const auto gradient_of = [&](int32_t place) {
    if (place < N) return dx + place * H;
    return to_before[static_cast<size_t>((place - N) / B)] + (place - N) % B * H;
  };
  const T *w = in[kWeight].data<T>(), *dy = v.has_grad(0) ? v.grad(0).data<T>() : nullptr;
  parallel_runs(H, [&](int64_t begin, int64_t end) {
    for (int64_t n = 0; dy != nullptr && n < N; ++n) {
      const T* const g = dy + n * H;
      for (int64_t k = 0; k < K; ++k) {
        const int32_t place = places.taps[static_cast<size_t>(k)][static_cast<size_t>(n)];
        const T *x = from[place], *factor = w + (K - 1 - k) * H;
        T *to = gradient_of(place), *sum = dw + (K - 1 - k) * H;
        for (int64_t j = begin; j < end; ++j) {
          to[j] += factor[j] * g[j];
          sum[j] += x[j] * g[j];
        }
      }
      for (int64_t j = begin; dbias != nullptr && j < end; ++j) dbias[j] += g[j];
    }
    for (size_t l = 0; l < places.last.size(); ++l) {
      if (!v.has_grad(1 + l)) continue;
      const T* g = v.grad(1 + l).data<T>();
      for (const int32_t place : places.last[l]) {
        T* const to = gradient_of(place);
        for (int64_t j = begin; j < end; ++j) to[j] += g[j];
        g += H;
      }
    }
  });
  return result;
}

Tensors composed(const Tensors& in, const Places& places) {
  const int64_t K = in[kWeight].size(0);
  Tensors all{in[kX]};
  for (const Tensor& each : before_of(in)) all.push_back(each);
  const Tensor rows_of_all = all.size() > 1 ? concat(all, 0) : all[0];
  const auto chosen = [&](const std::vector<int32_t>& places_of_rows) {
    return index_select(rows_of_all, Tensor::from(places_of_rows, {std::ssize(places_of_rows)}));
  };
  Tensor y = in[kBias];
  for (int64_t k = 0; k < K; ++k) {
    const Tensor term = chosen(places.taps[static_cast<size_t>(k)]) * row(in[kWeight], K - 1 - k);
    y = y.defined() ? y + term : term;
  }
  Tensors outputs{y};
  for (const std::vector<int32_t>& each : places.last) outputs.push_back(chosen(each));
  return outputs;
}

void check(const Tensors& in, const Packing& packing) {
  const Tensor &x = in[kX], &weight = in[kWeight];
  if (x.rank() != 2 || x.size(0) != packing.packed_rows())
    fail("causal_conv: x: expected [{}, H], got {}", packing.packed_rows(), x.shape().str());
  const int64_t H = x.size(1), K = std::ssize(in) - static_cast<int64_t>(kBefore) + 1;
  if (weight.shape() != Shape{K, H}) fail("causal_conv: weight: expected [{}, {}], got {}", K, H, weight.shape().str());
  if (in[kBias].defined() && in[kBias].shape() != Shape{H})
    fail("causal_conv: bias: expected [{}], got {}", H, in[kBias].shape().str());
  for (const Tensor& each : before_of(in))
    if (each.shape() != Shape{packing.batch(), H})
      fail("causal_conv: before: expected [{}, {}], got {}", packing.batch(), H, each.shape().str());
  if (packing.packed_rows() + (K - 1) * packing.batch() > std::numeric_limits<int32_t>::max())
    fail("causal_conv: expected fewer than 2^31 rows, got {}", packing.packed_rows() + (K - 1) * packing.batch());
}

CausalConvResult split(Tensors outputs) {
  return {.rows = outputs[0], .last = Tensors(outputs.begin() + 1, outputs.end())};
}

Tensors inputs_of(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensors& before,
                  const Packing& packing) {
  Tensors inputs{x, weight, bias};
  inputs.insert(inputs.end(), before.begin(), before.end());
  check(inputs, packing);
  return inputs;
}

}  // namespace

CausalConvResult causal_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensors& before,
                             const Packing& packing, bool reverse) {
  const Tensors inputs = inputs_of(x, weight, bias, before, packing);
  if (packing.packed_rows() == 0) return {x, before};
  const auto places = std::make_shared<const Places>(places_of(packing, std::ssize(before), reverse));
  Tensors outputs =
      dispatch_float("causal_conv", x.dtype(), [&](auto zero) { return forward<decltype(zero)>(inputs, *places); });
  return split(record_with_twin(
      "causal_conv", inputs, std::move(outputs),
      [places](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("causal_conv", in[kX].dtype(),
                              [&](auto zero) { return backward<decltype(zero)>(in, v, *places); });
      },
      [places](const Tensors& in) { return composed(in, *places); }));
}

CausalConvResult composed_causal_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensors& before,
                                      const Packing& packing, bool reverse) {
  const Tensors inputs = inputs_of(x, weight, bias, before, packing);
  if (packing.packed_rows() == 0) return {x, before};
  return split(composed(inputs, places_of(packing, std::ssize(before), reverse)));
}

}  // namespace recur
