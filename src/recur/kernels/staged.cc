// The staged time loop (staged.h) for every instruction set.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/staged.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include <algorithm>

#include "recur/kernels/kernels.h"
#include "recur/kernels/panels-inl.h"
#include "recur/kernels/round_row.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/staged.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::CellRows;
using kernels::CellRowsBackward;
using kernels::kRowsPerShare;
using kernels::PackedSteps;
using kernels::RowNorm;
using kernels::Scratch;
using kernels::StagedGradients;
using kernels::StagedKernels;
using kernels::StagedLayer;
using kernels::StagedOperand;
using kernels::StagedWeights;
using kernels::Zoneout;

// Rows of one step whose states before it lie in one place.
struct Part {
  int64_t t;
  int64_t row;     // of the batch
  int64_t rows;    // of them
  int64_t packed;  // packed row of the first
  int64_t before;  // packed row of the step before of the first; -1: they begin here
};

// Calls f(part) for rows [begin, end) of loop step `step`: those that go on, then those that begin.
template <class F>
void for_each_part(const PackedSteps& packed, int64_t step, int64_t begin, int64_t end, F&& f) {
  const auto time = [&](int64_t s) { return packed.reverse ? packed.steps - 1 - s : s; };
  const int64_t t = time(step), last = std::min(end, packed.rows[t]);
  const int64_t running = step > 0 ? packed.rows[time(step - 1)] : 0;
  const int64_t middle = std::clamp(running, begin, std::max(begin, last));
  const int64_t before = step > 0 ? packed.offset[time(step - 1)] + begin : -1;
  if (middle > begin) f(Part{t, begin, middle - begin, packed.offset[t] + begin, before});
  if (last > middle) f(Part{t, middle, last - middle, packed.offset[t] + middle, -1});
}

// Calls f(i, values left) for the vectors of an array of n values.
template <class V, class F>
HWY_INLINE void for_each_vector(int64_t n, F&& f) {
  for (int64_t i = 0; i < n; i += V::kCount) f(i, n - i);
}

// What both passes know of a part.
template <class P>
struct StagedPart {
  using V = typename P::Vector;
  using T = typename V::Value;
  using E = typename P::Stored;

  const StagedLayer<T>& layer;
  const StagedWeights<E>& weights;
  Part at;

  int64_t hidden() const { return layer.hidden; }
  int64_t gates_width() const { return layer.gates * layer.hidden; }
  int64_t early_width() const { return (layer.gates - layer.passes->late_gates) * layer.hidden; }
  int64_t late_width() const { return layer.passes->late_gates * layer.hidden; }
  int64_t width(int state) const { return state == 0 ? layer.width : layer.hidden; }
  bool alone() const { return layer.packed.batch == 1; }

  // The states as the step finds them ...
  const T* before(int state) const { return state == 0 && layer.decay != nullptr ? decayed() : left(state); }
  // ... and as the step before has left them.
  const T* left(int state) const {
    return at.before >= 0 ? layer.history[state] + at.before * width(state)
                          : layer.initial[state] + at.row * width(state);
  }
  T* history(int state) const { return layer.history[state] + at.packed * width(state); }
  const T* decay() const { return layer.decay + at.packed * layer.width; }
  T* decayed() const { return layer.decayed + at.packed * layer.width; }
  T* raw(int state) const { return layer.raw[state] + at.packed * hidden(); }
  T* saved() const { return layer.saved + at.packed * layer.saved_values * hidden(); }
  // [rows, W]
  const T* mask() const { return layer.recurrent_mask + at.row * layer.width; }

  const Zoneout<T>& zoneout(int state) const { return state == 0 ? layer.zoneout : layer.zoneout_inner; }
  V share(int state, int64_t i, int64_t n) const {
    const Zoneout<T>& zone = zoneout(state);
    if (zone.mask == nullptr) return V(zone.share);
    return V::load(zone.mask + (at.t * layer.packed.batch + at.row) * width(state) + i, n);
  }

  // to[i] = from[i] * factors[i] over the rows, [rows, W] each.
  void multiply_by(const T* factors, const T* from, T* to) const {
    for_each_vector<V>(at.rows * layer.width, [&](int64_t i, int64_t n) {
      (V::load(from + i, n) * V::load(factors + i, n)).store(to + i, n);
    });
  }
  void apply_mask(const T* from, T* to) const { multiply_by(mask(), from, to); }
};

// --- forward ------------------------------------------------------------------------------------------------------

template <class P>
struct StagedForward : StagedPart<P> {
  using Base = StagedPart<P>;
  using Base::at, Base::layer, Base::weights;
  using typename Base::E;
  using typename Base::T;
  using typename Base::V;

  T* r;  // [rows, G H] the product as the cell sees it

  void run() const {
    if (layer.decay != nullptr) this->multiply_by(this->decay(), this->left(0), this->decayed());
    const CellRows<T> rows = cell_rows();
    multiply(entering(), layer.width, weights.recurrent, 0, this->early_width());
    if (layer.passes->late != nullptr) {
      layer.passes->late(rows);
      if (layer.recurrent_mask != nullptr) this->apply_mask(rows.late, rows.late);
      round(rows.late, layer.hidden);
      multiply(rows.late, layer.hidden, weights.late, this->early_width(), this->late_width());
    }
    layer.passes->forward(rows);
    if (layer.norm_inner.scale_and_shift != nullptr) read_normalized();
    if (layer.projected)
      multiply_panels<P>({.rows = at.rows,
                          .depth = layer.hidden,
                          .columns = layer.width,
                          .left = this->raw(0),
                          .left_stride = layer.hidden,
                          .panels = packed_of<P>(weights.projection),
                          .c = this->history(0),
                          .c_stride = layer.width,
                          .alone = this->alone()});
    for (int k = 0; k < layer.states; ++k)
      if (this->zoneout(k).on) mix(k);
  }

 private:
  CellRows<T> cell_rows() const {
    CellRows<T> rows{.rows = at.rows,
                     .hidden = layer.hidden,
                     .x = layer.x + at.packed * this->gates_width(),
                     .bias_x = layer.bias_x,
                     .r = r,
                     .unit_weights = layer.unit_weights,
                     .saved = this->saved(),
                     .late = layer.late == nullptr ? nullptr : layer.late + at.packed * layer.hidden};
    for (int k = 0; k < layer.states; ++k) {
      rows.before[k] = k == 0 && layer.projected ? nullptr : this->before(k);
      rows.after[k] = this->raw(k);
    }
    return rows;
  }

  // h as it enters the product.
  const T* entering() const {
    if (layer.recurrent_mask == nullptr && !layer.rounds) return this->before(0);
    T* entered = layer.entered + at.packed * layer.width;
    if (layer.recurrent_mask != nullptr)
      this->apply_mask(this->before(0), entered);
    else
      std::copy_n(this->before(0), at.rows * layer.width, entered);
    round(entered, layer.width);
    return entered;
  }

  void round(T* values, int64_t width) const {
    if (!layer.rounds) return;
    for (int64_t row = 0; row < at.rows; ++row) kernels::round_row(values + row * width, width);
  }

  // Columns first .. first + columns - 1 of the product, normalised among themselves.
  void multiply(const T* left, int64_t depth, const E* panels, int64_t first, int64_t columns) const {
    const int64_t stride = this->gates_width();
    T* product = (layer.product == nullptr ? r : layer.product + at.packed * stride) + first;
    multiply_panels<P>({.rows = at.rows,
                        .depth = depth,
                        .columns = columns,
                        .left = left,
                        .left_stride = depth,
                        .panels = packed_of<P>(panels),
                        .bias = layer.bias_r == nullptr ? nullptr : layer.bias_r + first,
                        .c = product,
                        .c_stride = stride,
                        .alone = this->alone()});
    const RowNorm<T>& norm = layer.norm_product;
    if (norm.scale_and_shift == nullptr) return;
    const int64_t statistics = at.packed + (first > 0 ? layer.packed_rows : 0);
    for (int64_t row = 0; row < at.rows; ++row)
      kernels::table<T>().layer_norm({.rows = 1,
                                      .n = columns,
                                      .x = product + row * stride,
                                      .weight = norm.scale_and_shift + first,
                                      .bias = norm.scale_and_shift + stride + first,
                                      .eps = static_cast<T>(kernels::kLayerNormEpsilon)},
                                     r + row * stride + first, norm.means + statistics + row,
                                     norm.scales + statistics + row);
  }

  // h = o tanh(norm(c))
  void read_normalized() const {
    const int64_t H = layer.hidden;
    const RowNorm<T>& norm = layer.norm_inner;
    T* inner = layer.inner + at.packed * H;
    kernels::table<T>().layer_norm({.rows = at.rows,
                                    .n = H,
                                    .x = this->raw(1),
                                    .weight = norm.scale_and_shift,
                                    .bias = norm.scale_and_shift + H,
                                    .eps = static_cast<T>(kernels::kLayerNormEpsilon)},
                                   inner, norm.means + at.packed, norm.scales + at.packed);
    for (int64_t row = 0; row < at.rows; ++row) {
      const T* o = this->saved() + (row * layer.saved_values + layer.passes->output_gate) * H;
      for_each_vector<V>(H, [&](int64_t i, int64_t n) {
        (V::load(o + i, n) * tanh(V::load(inner + row * H + i, n))).store(this->raw(0) + row * H + i, n);
      });
    }
  }

  // Zoneout: share * before + (1 - share) * after.
  void mix(int state) const {
    const T* after = state == 0 && layer.projected ? this->history(0) : this->raw(state);
    const T* before = this->before(state);
    T* to = this->history(state);
    for_each_vector<V>(at.rows * this->width(state), [&](int64_t i, int64_t n) {
      const V now = V::load(after + i, n);
      (now + this->share(state, i, n) * (V::load(before + i, n) - now)).store(to + i, n);
    });
  }
};

template <class P>
void staged_forward(const StagedLayer<typename P::Vector::Value>& layer,
                    const StagedWeights<typename P::Stored>& weights, int64_t row_begin, int64_t row_end) {
  using T = typename P::Vector::Value;
  const Scratch<T> r((row_end - row_begin) * layer.gates * layer.hidden);
  for (int64_t step = 0; step < layer.packed.steps; ++step)
    for_each_part(layer.packed, step, row_begin, row_end, [&](const Part& part) {
      StagedForward<P>{{layer, weights, part}, r.data()}.run();
    });
}

// --- backward -----------------------------------------------------------------------------------------------------

// Arrays for the length of a part, each [rows, ...]; those a layer has no use for are empty.
template <class T>
struct StagedScratch {
  T* carry[kernels::kMaxCellStates];  // what zoneout lets past the cell, of each state
  T* dh;                              // [rows, H] gradient of h where it is projected
  T* dlate;                           // [rows, H]
  T* dentered;                        // [rows, W] gradient of h, masked
  T* row;                             // [2, H]
};

// Places the arrays one after the other from `from` on, and returns their size; with null it does that alone.
template <class T>
int64_t lay_out(const StagedLayer<T>& layer, int64_t rows, T* from, StagedScratch<T>& scratch) {
  int64_t used = 0;
  const auto take = [&](bool wanted, int64_t count) -> T* {
    if (!wanted) return nullptr;
    used += count;
    return from == nullptr ? nullptr : from + used - count;
  };
  for (int k = 0; k < layer.states; ++k)
    scratch.carry[k] =
        take((k == 0 ? layer.zoneout : layer.zoneout_inner).on, rows * (k == 0 ? layer.width : layer.hidden));
  scratch.dh = take(layer.projected, rows * layer.hidden);
  scratch.dlate = take(layer.late != nullptr, rows * layer.hidden);
  scratch.dentered = take(layer.recurrent_mask != nullptr, rows * layer.width);
  scratch.row = take(layer.norm_inner.scale_and_shift != nullptr, 2 * layer.hidden);
  return used;
}

template <class P>
struct StagedBackward : StagedPart<P> {
  using Base = StagedPart<P>;
  using Base::at, Base::layer, Base::weights;
  using typename Base::E;
  using typename Base::T;
  using typename Base::V;

  const StagedGradients<T>& gradients;
  const StagedScratch<T>& scratch;

  void run() const {
    add(gradients.dy + at.packed * layer.width, dstate(0), at.rows * layer.width);
    if (gradients.squared_norms != nullptr) measure();
    for (int k = 0; k < layer.states; ++k)
      if (this->zoneout(k).on) hold_back(k);
    T* const dh = layer.projected ? scratch.dh : dstate(0);
    if (layer.projected) project_back();
    const bool normalized = layer.norm_inner.scale_and_shift != nullptr;
    if (normalized) read_back(dh);
    cell_backward(dh, normalized);
    multiply_back();
    for (int k = 0; k < layer.states; ++k)
      if (this->zoneout(k).on) add(scratch.carry[k], dstate(k), at.rows * this->width(k));
    if (layer.decay == nullptr) return;
    this->multiply_by(this->left(0), dstate(0), gradients.ddecay + at.packed * layer.width);
    this->multiply_by(this->decay(), dstate(0), dstate(0));
  }

 private:
  T* dstate(int state) const { return gradients.dstate[state] + at.row * this->width(state); }
  T* dx() const { return gradients.dx + at.packed * this->gates_width(); }
  T* dr() const { return gradients.dr + at.packed * this->gates_width(); }
  T* dproduct() const { return gradients.dproduct + at.packed * this->gates_width(); }

  static void add(const T* from, T* to, int64_t count) {
    for_each_vector<V>(count,
                       [&](int64_t i, int64_t n) { (V::load(to + i, n) + V::load(from + i, n)).store(to + i, n); });
  }

  void measure() const {
    for (int64_t row = 0; row < at.rows; ++row) {
      double sum = 0;
      for (int64_t i = row * layer.width; i < (row + 1) * layer.width; ++i)
        sum += static_cast<double>(dstate(0)[i]) * static_cast<double>(dstate(0)[i]);
      gradients.squared_norms[at.packed + row] = sum;
    }
  }

  void hold_back(int state) const {
    T *d = dstate(state), *carry = scratch.carry[state];
    for_each_vector<V>(at.rows * this->width(state), [&](int64_t i, int64_t n) {
      const V whole = V::load(d + i, n), part = this->share(state, i, n) * whole;
      part.store(carry + i, n);
      (whole - part).store(d + i, n);
    });
  }

  // Moves the gradient of h on to what was projected.
  void project_back() const {
    const int64_t count = at.rows * layer.width;
    T* dprojected = gradients.dprojected + at.packed * layer.width;
    std::copy_n(dstate(0), count, dprojected);
    std::fill_n(dstate(0), count, T(0));
    multiply_panels<P>({.rows = at.rows,
                        .depth = layer.width,
                        .columns = layer.hidden,
                        .left = dprojected,
                        .left_stride = layer.width,
                        .panels = packed_of<P>(weights.projection),
                        .c = scratch.dh,
                        .c_stride = layer.hidden,
                        .alone = this->alone()});
  }

  // Of h = o tanh(norm(c)): the gradient of o takes the place of that of h, and c's grows.
  void read_back(T* dh) const {
    const int64_t H = layer.hidden;
    const RowNorm<T>& norm = layer.norm_inner;
    T *dnormal = scratch.row, *dc = scratch.row + H;
    for (int64_t row = 0; row < at.rows; ++row, dh += H) {
      const int64_t packed = at.packed + row;
      const T* o = this->saved() + (row * layer.saved_values + layer.passes->output_gate) * H;
      for_each_vector<V>(H, [&](int64_t i, int64_t n) {
        const V squashed = tanh(V::load(layer.inner + packed * H + i, n)), d = V::load(dh + i, n);
        (d * V::load(o + i, n) * (1.0f - squashed * squashed)).store(dnormal + i, n);
        (d * squashed).store(dh + i, n);
      });
      T* share = gradients.dnorm_inner + (at.row + row) / kRowsPerShare * 2 * H;
      kernels::table<T>().layer_norm_grad({.rows = 1,
                                           .n = H,
                                           .x = layer.raw[1] + packed * H,
                                           .weight = norm.scale_and_shift,
                                           .means = norm.means + packed,
                                           .scales = norm.scales + packed,
                                           .g = dnormal},
                                          dc, share, share + H);
      add(dc, dstate(1) + row * H, H);
    }
  }

  // Share by share, as the gradients of unit weights are kept; then what comes through late gates.
  void cell_backward(T* dh, bool from_output_gate) const {
    CellRowsBackward<T> rows{.hidden = layer.hidden, .unit_weights = layer.unit_weights};
    const auto pass = from_output_gate ? layer.passes->backward_from_output_gate : layer.passes->backward;
    for (int64_t first = 0; first < at.rows; first += rows.rows) {
      const int64_t share = (at.row + first) / kRowsPerShare;
      rows.rows = std::min((share + 1) * kRowsPerShare - at.row, at.rows) - first;
      place(rows, dh, first);
      rows.dunit_weights = gradients.dunit_weights + share * layer.unit_weight_rows * layer.hidden;
      pass(rows);
    }
    if (layer.passes->late_backward == nullptr) return;
    const int64_t early = this->early_width();
    normalize_back(early, this->late_width());
    multiply_late_back(early);
    rows.rows = at.rows;
    place(rows, dh, 0);
    rows.dlate = scratch.dlate;
    layer.passes->late_backward(rows);
  }

  void place(CellRowsBackward<T>& rows, T* dh, int64_t first) const {
    const int64_t skip = first * layer.hidden;
    rows.saved = this->saved() + skip * layer.saved_values;
    rows.dx = dx() + skip * layer.gates;
    rows.dr = dr() + skip * layer.gates;
    for (int k = 0; k < layer.states; ++k) {
      rows.before[k] = k == 0 && layer.projected ? nullptr : this->before(k) + skip;
      rows.after[k] = this->raw(k) + skip;
      rows.dstate[k] = (k == 0 ? dh : dstate(k)) + skip;
    }
  }

  // From the gradient of the normalised product to that of the product.
  void normalize_back(int64_t first, int64_t columns) const {
    const RowNorm<T>& norm = layer.norm_product;
    if (norm.scale_and_shift == nullptr) return;
    const int64_t stride = this->gates_width(), statistics = at.packed + (first > 0 ? layer.packed_rows : 0);
    for (int64_t row = 0; row < at.rows; ++row) {
      T* share = gradients.dnorm_product + (at.row + row) / kRowsPerShare * 2 * stride + first;
      const int64_t begin = row * stride + first;
      kernels::table<T>().layer_norm_grad({.rows = 1,
                                           .n = columns,
                                           .x = layer.product + at.packed * stride + begin,
                                           .weight = norm.scale_and_shift + first,
                                           .means = norm.means + statistics + row,
                                           .scales = norm.scales + statistics + row,
                                           .g = dr() + begin},
                                          dproduct() + begin, share, share + stride);
    }
  }

  void multiply_late_back(int64_t first) const {
    multiply_panels<P>({.rows = at.rows,
                        .depth = this->late_width(),
                        .columns = layer.hidden,
                        .left = dproduct() + first,
                        .left_stride = this->gates_width(),
                        .panels = packed_of<P>(weights.late),
                        .c = scratch.dlate,
                        .c_stride = layer.hidden,
                        .alone = this->alone()});
    if (layer.recurrent_mask != nullptr) this->apply_mask(scratch.dlate, scratch.dlate);
  }

  // Adds to the gradient of h before the step what comes through the product.
  void multiply_back() const {
    normalize_back(0, this->early_width());
    const bool masked = layer.recurrent_mask != nullptr;
    multiply_panels<P>({.rows = at.rows,
                        .depth = this->early_width(),
                        .columns = layer.width,
                        .left = dproduct(),
                        .left_stride = this->gates_width(),
                        .panels = packed_of<P>(weights.recurrent),
                        .c = masked ? scratch.dentered : dstate(0),
                        .c_stride = layer.width,
                        .add = !masked,
                        .alone = this->alone()});
    if (!masked) return;
    this->apply_mask(scratch.dentered, scratch.dentered);
    add(scratch.dentered, dstate(0), at.rows * layer.width);
  }
};

template <class P>
void staged_backward(const StagedLayer<typename P::Vector::Value>& layer,
                     const StagedWeights<typename P::Stored>& weights,
                     const StagedGradients<typename P::Vector::Value>& gradients, int64_t row_begin, int64_t row_end) {
  using T = typename P::Vector::Value;
  StagedScratch<T> scratch{};
  const Scratch<T> memory(lay_out<T>(layer, row_end - row_begin, nullptr, scratch));
  lay_out(layer, row_end - row_begin, memory.data(), scratch);
  for (int64_t step = layer.packed.steps - 1; step >= 0; --step)
    for_each_part(layer.packed, step, row_begin, row_end, [&](const Part& part) {
      StagedBackward<P>{{layer, weights, part}, gradients, scratch}.run();
    });
}

// --- the table ----------------------------------------------------------------------------------------------------

template <class P>
void pack_staged(StagedOperand operand, const typename P::Vector::Value* weight, int64_t rows, int64_t columns,
                 typename P::Stored* packed) {
  const Extent size{.rows = rows, .columns = columns};
  operand == StagedOperand::kForward ? pack_panels_transposed<P>(weight, size, packed_of<P>(packed))
                                     : pack_panels<P>(weight, size, packed_of<P>(packed));
}

template <class P>
StagedKernels<typename P::Vector::Value, typename P::Stored> make_staged_kernels() {
  return {.packed_size =
              [](int64_t rows, int64_t columns) {
                return stored<P>(panels_size<P>({rows, columns}));
              },
          .pack = pack_staged<P>,
          .forward = staged_forward<P>,
          .backward = staged_backward<P>};
}

StagedKernels<float> staged_full() { return make_staged_kernels<Plain<Widest>>(); }
StagedKernels<float, bf16> staged_half() {
  return with_fastest_half([]<class P>() { return make_staged_kernels<P>(); });
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(staged_full);
HWY_EXPORT(staged_half);

namespace kernels {

namespace here = HWY_NAMESPACE;

template <>
const StagedKernels<float>& staged_kernels() {
  static const StagedKernels<float> chosen =
      use_reference() ? here::make_staged_kernels<here::Plain<Scalar<float>>>() : HWY_DYNAMIC_DISPATCH(staged_full)();
  return chosen;
}

template <>
const StagedKernels<float, bf16>& staged_kernels() {
  static const StagedKernels<float, bf16> chosen =
      use_reference() ? here::make_staged_kernels<here::Half<Scalar<float>>>() : HWY_DYNAMIC_DISPATCH(staged_half)();
  return chosen;
}

template <>
const StagedKernels<double>& staged_kernels() {
  static const StagedKernels<double> only = here::make_staged_kernels<here::Plain<Scalar<double>>>();
  return only;
}

}  // namespace kernels
}  // namespace recur
#endif
