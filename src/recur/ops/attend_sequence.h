// The arithmetic of attention for one sequence of a batch, whose steps alone are read: what attend() and loops over
// queries are made of.
#pragma once

#include <algorithm>
#include <cstdint>

#include "recur/kernels/kernels.h"
#include "recur/ops/product.h"

namespace recur {

// A matrix within a larger array: row q begins at `at + q * stride`.
template <class T>
struct StridedRows {
  T* at;
  int64_t stride;

  T* row(int64_t q) const { return at + q * stride; }
};

// The memory: keys [steps, units] and values [steps, features]. With `score` [units] a query q scores a key k by
// score . tanh(q + k), without by q . k.
template <class T>
struct AttendSequence {
  int64_t steps;            // that count
  int64_t units, features;  // D, E
  const T* keys;
  const T* values;
  const T* score;

  // Queries [count, D] -> weights [count, width], zeros from `steps` on, and contexts [count, E]. `room` [steps, D] is
  // used with a score alone.
  void forward(int64_t count, StridedRows<const T> queries, StridedRows<T> weights, int64_t width,
               StridedRows<T> contexts, T* room) const {
    if (steps == 0) {
      for (int64_t q = 0; q < count; ++q) {
        std::fill_n(weights.row(q), width, T(0));
        std::fill_n(contexts.row(q), features, T(0));
      }
      return;
    }
    compute_scores(count, queries, weights, room);
    for (int64_t q = 0; q < count; ++q) {
      T* const row = weights.row(q);
      kernels::table<T>().softmax(row, row, 1, steps, false);
      std::fill(row + steps, row + width, T(0));
    }
    multiply<T>({.m = count,
                 .n = features,
                 .k = steps,
                 .a = weights.at,
                 .lda = weights.stride,
                 .b = values,
                 .ldb = features,
                 .c = contexts.at,
                 .ldc = contexts.stride});
  }

  // dweights [count, steps]: in, the gradient of the weights where `given`; out, that of the scores. dqueries
  // [count, D] is written. With a score, dkeys [steps, D] and dscore [D] are added to; `room` as above.
  void backward(int64_t count, StridedRows<const T> queries, StridedRows<const T> weights,
                StridedRows<const T> dcontexts, bool given, StridedRows<T> dweights, StridedRows<T> dqueries, T* dkeys,
                T* dscore, T* room) const {
    if (steps == 0) {
      for (int64_t q = 0; q < count; ++q) std::fill_n(dqueries.row(q), units, T(0));
      return;
    }
    multiply<T>({.trans_b = true,
                 .m = count,
                 .n = steps,
                 .k = features,
                 .a = dcontexts.at,
                 .lda = dcontexts.stride,
                 .b = values,
                 .ldb = features,
                 .add = given,
                 .c = dweights.at,
                 .ldc = dweights.stride});
    for (int64_t q = 0; q < count; ++q) through_softmax(weights.row(q), dweights.row(q));
    if (score != nullptr) {
      for (int64_t q = 0; q < count; ++q)
        through_tanh(queries.row(q), dweights.row(q), dqueries.row(q), dkeys, dscore, room);
      return;
    }
    multiply<T>({.m = count,
                 .n = units,
                 .k = steps,
                 .a = dweights.at,
                 .lda = dweights.stride,
                 .b = keys,
                 .ldb = units,
                 .c = dqueries.at,
                 .ldc = dqueries.stride});
  }

  // The gradients of the memory from all its queries: dvalues [steps, E] and, without a score, dkeys [steps, D] are
  // written. dscores are what backward() left in dweights.
  void backward_memory(int64_t count, StridedRows<const T> queries, StridedRows<const T> weights,
                       StridedRows<const T> dcontexts, StridedRows<const T> dscores, T* dkeys, T* dvalues) const {
    const auto product = [&](StridedRows<const T> left, StridedRows<const T> right, int64_t columns, T* to) {
      multiply<T>({.trans_a = true,
                   .m = steps,
                   .n = columns,
                   .k = count,
                   .a = left.at,
                   .lda = left.stride,
                   .b = right.at,
                   .ldb = right.stride,
                   .c = to,
                   .ldc = columns});
    };
    if (steps == 0) return;
    if (dvalues != nullptr) product(weights, dcontexts, features, dvalues);
    if (dkeys != nullptr && score == nullptr) product(dscores, queries, units, dkeys);
  }

 private:
  void compute_scores(int64_t count, StridedRows<const T> queries, StridedRows<T> scores, T* room) const {
    if (score == nullptr) {
      multiply<T>({.trans_b = true,
                   .m = count,
                   .n = steps,
                   .k = units,
                   .a = queries.at,
                   .lda = queries.stride,
                   .b = keys,
                   .ldb = units,
                   .c = scores.at,
                   .ldc = scores.stride});
      return;
    }
    for (int64_t q = 0; q < count; ++q) {
      activations(queries.row(q), room);
      multiply<T>({.trans_b = true,
                   .m = 1,
                   .n = steps,
                   .k = units,
                   .a = score,
                   .lda = units,
                   .b = room,
                   .ldb = units,
                   .c = scores.row(q),
                   .ldc = steps});
    }
  }

  // tanh(query + key) of every key, [steps, D].
  void activations(const T* query, T* to) const {
    const auto& table = kernels::table<T>();
    for (int64_t s = 0; s < steps; ++s)
      table.binary(kernels::Binary::kAdd, kernels::Stretch::kNone, query, keys + s * units, to + s * units, units);
    table.unary(kernels::Unary::kTanh, to, to, steps * units);
  }

  // ds = w (dw - sum(w dw)), in place.
  void through_softmax(const T* w, T* dw) const {
    T mean = 0;
    for (int64_t s = 0; s < steps; ++s) mean += w[s] * dw[s];
    for (int64_t s = 0; s < steps; ++s) dw[s] = w[s] * (dw[s] - mean);
  }

  // With e = tanh(query + key): dscore += ds e, and ds v (1 - e^2) goes to the query and the key.
  void through_tanh(const T* query, const T* ds, T* dquery, T* dkeys, T* dscore, T* room) const {
    activations(query, room);
    std::fill_n(dquery, units, T(0));
    for (int64_t s = 0; s < steps; ++s) {
      const T *const e = room + s * units, g = ds[s];
      T* const dkey = dkeys + s * units;
      for (int64_t u = 0; u < units; ++u) {
        const T through = g * score[u] * (1 - e[u] * e[u]);
        dscore[u] += g * e[u];
        dquery[u] += through;
        dkey[u] += through;
      }
    }
  }
};

}  // namespace recur
