#include "recur/nn/unit_scan.h"

#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

using kernels::UnitLoop;

enum UnitInput { kUnitSums, kUnitWeight, kUnitInitial };

template <class T>
Tensors units_by_kernel(UnitLoop loop, const Tensors& in, const Packing& packing, bool reverse) {
  const int64_t H = in[kUnitInitial].size(1);
  Tensor h = Tensor::empty({packing.packed_rows(), H}, kDTypeOf<T>), last = in[kUnitInitial].clone();
  kernels::UnitScan<T> args{.packed = packing.view(reverse), .units = H};
  args.sums = in[kUnitSums].data<T>();
  args.weight = in[kUnitWeight].data<T>();
  args.state = last.data<T>();
  args.h = h.data<T>();
  parallel_runs(H, [&](int64_t begin, int64_t end) { kernels::unit_scan_kernels<T>(loop).forward(args, begin, end); });
  return {h, last};
}

template <class T>
Tensors unit_gradient(UnitLoop loop, const Tensors& in, const autograd::VjpArgs& v, const Tensor& h,
                      const Packing& packing, bool reverse) {
  const int64_t H = in[kUnitInitial].size(1);
  const Tensor dh = v.grad(0);
  Tensor dstate = v.grad(1).clone(), dsums = Tensor::empty(in[kUnitSums].shape(), kDTypeOf<T>);
  Tensor dweight = Tensor::zeros({H}, kDTypeOf<T>);
  kernels::UnitScanGrad<T> args{.packed = packing.view(reverse), .units = H};
  args.sums = in[kUnitSums].data<T>();
  args.weight = in[kUnitWeight].data<T>();
  args.h = h.data<T>();
  args.initial = in[kUnitInitial].data<T>();
  args.dh = dh.data<T>();
  args.dstate = dstate.data<T>();
  args.dsums = dsums.data<T>();
  args.dweight = dweight.data<T>();
  parallel_runs(H, [&](int64_t begin, int64_t end) { kernels::unit_scan_kernels<T>(loop).backward(args, begin, end); });
  return {dsums, dweight, dstate};
}

}  // namespace

Tensor unit_scan_step(UnitLoop loop, const Tensor& sums, const Tensor& weight, const Tensor& before) {
  if (loop == UnitLoop::kIndRnn) return relu(weight * before + sums);
  const int64_t H = before.size(-1);
  const Tensor z = slice(sums, {1, 0}, H), s = sigmoid(weight * before + slice(sums, {1, H}, H));
  return s * before + (1 - s) * z;
}

Tensors composed_unit_scan(UnitLoop loop, const Tensor& sums, const Tensor& weight, const Tensor& initial,
                           const Packing& packing, bool reverse) {
  const int64_t steps = packing.steps();
  if (packing.packed_rows() == 0) return {Tensor::zeros({0, initial.size(1)}, sums.dtype()), initial};
  Tensor state = initial;
  Tensors h(static_cast<size_t>(steps));
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
    h[t] = unit_scan_step(loop, rows(sums, begin, begin + n), weight, rows(state, 0, n));
    state = n == packing.batch() ? h[t] : concat({h[t], rows(state, n, packing.batch())}, 0);
  }
  return {concat(h, 0), state};
}

Tensors unit_scan(UnitLoop loop, const Tensor& sums, const Tensor& weight, const Tensor& initial,
                  const Packing& packing, bool reverse) {
  const int64_t H = initial.size(-1);
  if (initial.shape() != Shape{packing.batch(), H} || weight.shape() != Shape{H} ||
      sums.shape() != Shape{packing.packed_rows(), kernels::gates_of(loop) * H} || sums.dtype() != initial.dtype() ||
      weight.dtype() != initial.dtype())
    fail("unit_scan: sums {} {}, weight {} {} and initial {} {} do not fit", name_of(sums.dtype()), sums.shape().str(),
         name_of(weight.dtype()), weight.shape().str(), name_of(initial.dtype()), initial.shape().str());
  if (packing.packed_rows() == 0) return {Tensor::zeros({0, H}, sums.dtype()), initial};
  const Tensors inputs{sums, weight, initial};
  const Tensors outputs = dispatch_float("unit_scan", sums.dtype(), [&](auto zero) {
    return units_by_kernel<decltype(zero)>(loop, inputs, packing, reverse);
  });
  return record_with_twin(
      "unit_scan", inputs, outputs,
      [loop, packing, reverse, h = outputs[0].detach()](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("unit_scan", h.dtype(), [&](auto zero) {
          return unit_gradient<decltype(zero)>(loop, in, v, h, packing, reverse);
        });
      },
      [loop, packing, reverse](const Tensors& in) {
        return composed_unit_scan(loop, in[kUnitSums], in[kUnitWeight], in[kUnitInitial], packing, reverse);
      });
}

}  // namespace recur
