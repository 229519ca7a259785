// A cell's part of the fused time loop (recurrent_loop-inl.h): its gates, once for every cell, instruction set and
// element type.
//
// Cell: see nn/cells/cell.h. P: the precision of the product's operands (operands-inl.h), over Lanes, or Scalar<T> for
// the reference. Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_RECURRENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_RECURRENT_INL_H_
#undef RECUR_KERNELS_RECURRENT_INL_H_
#else
#define RECUR_KERNELS_RECURRENT_INL_H_
#endif

#include <type_traits>

#include "recur/kernels/cell_passes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/recurrent.h"
#include "recur/kernels/recurrent_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::FloatKernels;
using kernels::RecurrentKernels;

template <class Cell, class P>
struct CellForward {
  using V = typename P::Vector;
  using T = typename V::Value;
  static constexpr int G = Cell::kGates;

  // LoopCell::forward
  static void block(const ForwardStep<P>& of_loop, const ForwardPlace& at, const T* products, const T* inputs) {
    const ForwardStep<P> step = of_loop;  // a copy: for all the compiler knows, what is stored could change the loop's
    const int64_t vectors = vectors_over<V>(step.args.hidden);
    for (int64_t vector = at.vector, width; vector < at.end; vector += width) {
      width = panel_vectors(vector, vectors, widest_forward_panel(G));
      for (int64_t r = 0; r < at.count; ++r, products += G * width * V::kCount, inputs += G * width * V::kCount)
        for (int64_t j = 0; j < width; ++j) {
          V product[G], input[G];
#pragma GCC unroll 4
          for (int g = 0; g < G; ++g) {
            const int64_t sum = (g * width + j) * V::kCount;
            product[g] = V::load(products + sum);
            input[g] = Cell::kSplit && step.input_inside ? V::load(inputs + sum) : V(0);
          }
          const int64_t unit = (vector + j) * V::kCount;
          if (unit + V::kCount <= step.args.hidden)
            one(step, product, input, at.row + r, at.packed + r, unit, V::kCount);
          else
            last(step, product, input, at.row + r, at.packed + r, unit);
        }
    }
  }

 private:
  // The vector that is not full has code of its own: elsewhere nothing has to be asked.
  static HWY_NOINLINE void last(const ForwardStep<P>& step, const V (&product)[G], const V* projected, int64_t row,
                                int64_t packed, int64_t unit) {
    one(step, product, projected, row, packed, unit, step.args.hidden - unit);
  }

  // The gates of one row and n units, from the recurrent product r and, where they are apart, the input's.
  static HWY_INLINE void one(const ForwardStep<P>& step, const V (&product)[G], const V* projected, int64_t row,
                             int64_t packed, int64_t unit, int64_t n) {
    const RecurrentForward<T, typename P::Stored>& args = step.args;
    const int64_t H = args.hidden;
    V x_part[G], r[G], w[Cell::kUnitWeights + 1], s[Cell::kStates], saved[Cell::kSaved + 1];
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      if (!step.input_inside)
        x_part[g] = V::load(args.x + (packed * G + g) * H + unit, n);
      else
        x_part[g] = Cell::kSplit ? projected[g] : V(0);
      if (args.bias_x != nullptr) x_part[g] = x_part[g] + V::load(args.bias_x + g * H + unit, n);
      r[g] = product[g];
      if (args.bias_r != nullptr) r[g] = r[g] + V::load(args.bias_r + g * H + unit, n);
    }
    load_values<Plain<V>, Cell::kUnitWeights>(args.unit_weights, H, unit, n, w);
    s[0] = V::load(step.previous.of(args.y, args.initial_h, row, H) + unit, n);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) s[k] = V::load(args.inner[k] + row * H + unit, n);
    Cell::template forward<V>(x_part, r, w, s, saved);
    P::store(s[0], step.next + (row - step.first) * step.h.stride + unit, n);
    s[0].store(args.y + packed * H + unit, n);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) {
      s[k].store(args.inner[k] + row * H + unit, n);
      if (args.inner_history[k] != nullptr) s[k].store(args.inner_history[k] + packed * H + unit, n);
    }
    if (args.saved != nullptr) store_values<P, Cell::kSaved>(saved, H, unit, n, args.saved + packed * Cell::kSaved * H);
  }
};

template <class Cell, class P>
struct CellBackward {
  using V = typename P::Vector;
  using T = typename V::Value;
  static constexpr int G = Cell::kGates;

  // LoopCell::backward
  static void rows(const BackwardStep<P>& of_loop, int64_t end) {
    const BackwardStep<P> step = of_loop;  // a copy, as forward's
    const RecurrentBackward<T, typename P::Stored>& args = step.args;
    const int64_t H = args.hidden;
    const auto finish_at = [&](int64_t row, int64_t unit, V* dw) HWY_ATTR {
      if (unit + V::kCount <= H)
        one(step, row, unit, V::kCount, dw);
      else
        last(step, row, unit, dw);
    };
    if constexpr (Cell::kUnitWeights == 0) {  // row by row, as the arrays lie
      for (int64_t row = step.first; row < end; ++row)
        for (int64_t unit = 0; unit < H; unit += V::kCount) finish_at(row, unit, nullptr);
    } else {
      for (int64_t unit = 0; unit < H; unit += V::kCount) {
        V dw[Cell::kUnitWeights] = {};
        for (int64_t row = step.first; row < end; ++row) finish_at(row, unit, dw);
        for (int p = 0; p < Cell::kUnitWeights; ++p) {
          T* sum = args.dunit_weights + p * H + unit;
          (V::load(sum, H - unit) + dw[p]).store(sum, H - unit);
        }
      }
    }
  }

 private:
  static HWY_NOINLINE void last(const BackwardStep<P>& step, int64_t row, int64_t unit, V* dw_sums) {
    one(step, row, unit, step.args.hidden - unit, dw_sums);
  }

  // The cell's backward for one row and n units. dstate holds the gradient that has come back through later steps.
  static HWY_INLINE void one(const BackwardStep<P>& step, int64_t row, int64_t unit, int64_t n, V* dw_sums) {
    const RecurrentBackward<T, typename P::Stored>& args = step.args;
    const int64_t H = args.hidden, packed = step.offset + row;
    V s[Cell::kStates], before[Cell::kStates], ds[Cell::kStates], saved[Cell::kSaved + 1], w[Cell::kUnitWeights + 1];
    V dx[G], dr[G], dw[Cell::kUnitWeights + 1];
    ds[0] = V::load(args.dstate[0] + row * H + unit, n) + V::load(args.dy + packed * H + unit, n);
#pragma GCC unroll 4
    for (int k = 0; k < Cell::kStates; ++k) {
      s[k] = V::load(args.history[k] + packed * H + unit, n);
      before[k] = V::load(step.previous.of(args.history[k], args.initial[k], row, H) + unit, n);
      if (k > 0) ds[k] = V::load(args.dstate[k] + row * H + unit, n);
    }
    load_values<P, Cell::kSaved>(args.saved + packed * Cell::kSaved * H, H, unit, n, saved);
    load_values<Plain<V>, Cell::kUnitWeights>(args.unit_weights, H, unit, n, w);
    Cell::template backward<V>({saved, before, s, w}, ds, dx, dr, dw);
#pragma GCC unroll 4
    for (int k = 0; k < Cell::kStates; ++k) ds[k].store(args.dstate[k] + row * H + unit, n);
    store_values<Plain<V>, G>(dx, H, unit, n, args.dx + packed * G * H);
    if (Cell::kSplit) store_values<Plain<V>, G>(dr, H, unit, n, args.dr + packed * G * H);
    if (!P::kAsItIs) store_values<P, G>(Cell::kSplit ? dr : dx, H, unit, n, step.operand_row(row));
#pragma GCC unroll 4
    for (int p = 0; p < Cell::kUnitWeights; ++p) dw_sums[p] = dw_sums[p] + dw[p];
  }
};

// What the loop calls, with the cell's own part.
template <class Cell, class P>
struct CellLoop {
  using T = typename P::Vector::Value;
  using E = typename P::Stored;
  using Loop = RecurrentLoop<P>;
  static_assert(Cell::kGates * widest_forward_panel(Cell::kGates) <= kMostPanelVectors);

  static constexpr LoopCell<P> kCell{.gates = Cell::kGates,
                                     .saved = Cell::kSaved,
                                     .split = Cell::kSplit,
                                     .forward = CellForward<Cell, P>::block,
                                     .backward = CellBackward<Cell, P>::rows};

  static void forward(const RecurrentForward<T, E>& args, int64_t row_begin, int64_t row_end) {
    Loop::forward(kCell, args, row_begin, row_end);
  }
  static void backward(const RecurrentBackward<T, E>& args, int64_t row_begin, int64_t row_end) {
    Loop::backward(kCell, args, row_begin, row_end);
  }
  static void pack_forward(const RecurrentWeights<T>& w, E* packed) {
    Loop::pack_forward(Cell::kGates, w, packed_of<P>(packed));
  }
  static void pack_backward(const RecurrentWeights<T>& w, E* packed) {
    Loop::pack_backward(Cell::kGates, w, packed_of<P>(packed));
  }
  static int64_t packed_size_forward(int64_t hidden, int64_t input) {
    return stored<P>(Loop::packed_size_forward(Cell::kGates, hidden, input));
  }
  static int64_t packed_size_backward(int64_t hidden) {
    return stored<P>(Loop::packed_size_backward(Cell::kGates, hidden));
  }
};

template <class Cell, class P>
RecurrentKernels<typename P::Vector::Value, typename P::Stored> recurrent_kernels() {
  RecurrentKernels<typename P::Vector::Value, typename P::Stored> kernels{
      .gates = Cell::kGates,
      .states = Cell::kStates,
      .saved = Cell::kSaved,
      .unit_weights = Cell::kUnitWeights,
      .split = Cell::kSplit,
      .passes = cell_passes<Cell, typename P::Vector>()};
  if constexpr (Cell::kLateGates == 0) {
    using Loop = CellLoop<Cell, P>;
    kernels.packed_size_forward = Loop::packed_size_forward;
    kernels.packed_size_backward = Loop::packed_size_backward;
    kernels.pack_forward = Loop::pack_forward;
    kernels.pack_backward = Loop::pack_backward;
    kernels.forward = Loop::forward;
    kernels.backward = Loop::backward;
  }
  return kernels;
}

// V: Lanes, for the instruction set at its best, or Scalar<float>.
template <class Cell, class V>
FloatKernels float_kernels() {
  if constexpr (std::is_same_v<V, Widest> || std::is_same_v<V, Lanes>)
    return {.full = recurrent_kernels<Cell, Plain<Widest>>(),
            .half = with_fastest_half([]<class P>() { return recurrent_kernels<Cell, P>(); })};
  else
    return {.full = recurrent_kernels<Cell, Plain<V>>(), .half = recurrent_kernels<Cell, Half<V>>()};
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
// The kernels of a cell, in namespace recur: `function` is the exported function that makes them for each instruction
// set; where the reference is forced, the loops over plain numbers.
#define RECUR_CHOOSE_KERNELS(Gates, function)                                      \
  (::recur::kernels::use_reference() ? HWY_STATIC_DISPATCH(float_kernels) < Gates, \
   Scalar < float >> ()              : HWY_DYNAMIC_DISPATCH(function)())
#define RECUR_DOUBLE_KERNELS(Gates) \
  (HWY_STATIC_DISPATCH(recurrent_kernels) < Gates, HWY_STATIC_DISPATCH(Plain) < Scalar < double >>> ())
#endif

#endif  // toggled guard
