#include "recur/nn/linear_scan.h"

#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

enum ScanInput { kScanFactor, kScanInput, kScanInitial };

void check_scan(const Tensors& in, const Packing& packing, const LinearScanOptions& options) {
  const Tensor &a = in[kScanFactor], &b = in[kScanInput], &initial = in[kScanInitial];
  if (b.rank() != 2 || b.size(0) != packing.packed_rows())
    fail("linear_scan: b: expected [{}, W], got {}", packing.packed_rows(), b.shape().str());
  const int64_t W = b.size(1);
  if (a.shape() != Shape{W} && a.shape() != b.shape())
    fail("linear_scan: a: expected {} or [{}], got {}", b.shape().str(), W, a.shape().str());
  if (initial.shape() != Shape{packing.batch(), W})
    fail("linear_scan: initial: expected [{}, {}], got {}", packing.batch(), W, initial.shape().str());
  if (options.is_complex && W % 2 != 0) fail("linear_scan: complex numbers need an even number of columns, got {}", W);
  if (a.dtype() != b.dtype() || initial.dtype() != b.dtype())
    fail("linear_scan: a, b and initial: expected one dtype, got {}, {} and {}", name_of(a.dtype()), name_of(b.dtype()),
         name_of(initial.dtype()));
}

template <class T, class Args>
Args common_arguments(const Tensors& in, const Packing& packing, const LinearScanOptions& options) {
  const int64_t W = in[kScanInput].size(1);
  Args args;
  args.packed = packing.view(options.reverse);
  args.units = options.is_complex ? W / 2 : W;
  args.is_complex = options.is_complex;
  args.is_constant = in[kScanFactor].rank() == 1;
  args.a = in[kScanFactor].data<T>();
  return args;
}

template <class T>
Tensors scan_by_kernel(const Tensors& in, const Packing& packing, const LinearScanOptions& options) {
  Tensor h = Tensor::empty(in[kScanInput].shape(), kDTypeOf<T>), last = in[kScanInitial].clone();
  auto args = common_arguments<T, kernels::LinearScan<T>>(in, packing, options);
  args.b = in[kScanInput].data<T>();
  args.state = last.data<T>();
  args.h = h.data<T>();
  parallel_runs(args.units,
                [&](int64_t begin, int64_t end) { kernels::linear_scan_kernels<T>().forward(args, begin, end); });
  return {h, last};
}

template <class T>
Tensors scan_gradient(const Tensors& in, const autograd::VjpArgs& v, const Tensor& h, const Packing& packing,
                      const LinearScanOptions& options) {
  const DType dtype = kDTypeOf<T>;
  const bool constant = in[kScanFactor].rank() == 1;
  const Tensor dh = v.grad(0);
  Tensor dstate = v.grad(1).clone(), db = Tensor::empty(h.shape(), dtype);
  Tensor da = constant ? Tensor::zeros(dstate.shape(), dtype) : Tensor::empty(h.shape(), dtype);
  auto args = common_arguments<T, kernels::LinearScanGrad<T>>(in, packing, options);
  args.h = h.data<T>();
  args.initial = in[kScanInitial].data<T>();
  args.dh = dh.data<T>();
  args.dstate = dstate.data<T>();
  args.da = da.data<T>();
  args.db = db.data<T>();
  parallel_runs(args.units,
                [&](int64_t begin, int64_t end) { kernels::linear_scan_kernels<T>().backward(args, begin, end); });
  return {constant ? sum(da, 0) : da, db, dstate};
}

template <class T>
Tensors gated_by_kernel(kernels::ScanGates gates, const Tensors& in, const Packing& packing, bool reverse) {
  Tensor h = Tensor::empty({packing.packed_rows(), in[1].size(1)}, kDTypeOf<T>), last = in[1].clone();
  kernels::GatedScan<T> args{.packed = packing.view(reverse), .units = in[1].size(1)};
  args.sums = in[0].data<T>();
  args.state = last.data<T>();
  args.h = h.data<T>();
  parallel_runs(args.units,
                [&](int64_t begin, int64_t end) { kernels::gated_scan_kernels<T>(gates).forward(args, begin, end); });
  return {h, last};
}

template <class T>
Tensors gated_gradient(kernels::ScanGates gates, const Tensors& in, const autograd::VjpArgs& v, const Tensor& h,
                       const Packing& packing, bool reverse) {
  const Tensor dh = v.grad(0);
  Tensor dstate = v.grad(1).clone(), dsums = Tensor::empty(in[0].shape(), kDTypeOf<T>);
  kernels::GatedScanGrad<T> args{.packed = packing.view(reverse), .units = in[1].size(1)};
  args.sums = in[0].data<T>();
  args.h = h.data<T>();
  args.initial = in[1].data<T>();
  args.dh = dh.data<T>();
  args.dstate = dstate.data<T>();
  args.dsums = dsums.data<T>();
  parallel_runs(args.units,
                [&](int64_t begin, int64_t end) { kernels::gated_scan_kernels<T>(gates).backward(args, begin, end); });
  return {dsums, dstate};
}

}  // namespace

Tensors scan_coefficients(kernels::ScanGates gates, const Tensor& sums) {
  const int count = kernels::gates_of(gates);
  const int64_t H = sums.size(-1) / count;
  const auto part = [&](int g) { return slice(sums, {sums.rank() - 1, g * H}, H); };
  const Tensor c = part(count - 1), candidate = relu(c) + minimum(sigmoid(c), Tensor::scalar(0.5, c.dtype()));
  const Tensor gate = sigmoid(part(0));
  if (gates == kernels::ScanGates::kMinGru) return {1 - gate, gate * candidate};
  const Tensor input = sigmoid(part(1)), total = gate + input;
  return {gate / total, input / total * candidate};
}

Tensors gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial, const Packing& packing,
                   bool reverse) {
  const int64_t H = initial.size(-1);
  if (initial.shape() != Shape{packing.batch(), H} ||
      sums.shape() != Shape{packing.packed_rows(), kernels::gates_of(gates) * H} || sums.dtype() != initial.dtype())
    fail("gated_scan: sums {} {} and initial {} {} do not fit", name_of(sums.dtype()), sums.shape().str(),
         name_of(initial.dtype()), initial.shape().str());
  if (packing.packed_rows() == 0) return {Tensor::zeros({0, H}, sums.dtype()), initial};
  const Tensors inputs{sums, initial};
  const Tensors outputs = dispatch_float("gated_scan", sums.dtype(), [&](auto zero) {
    return gated_by_kernel<decltype(zero)>(gates, inputs, packing, reverse);
  });
  return record_with_twin(
      "gated_scan", inputs, outputs,
      [gates, packing, reverse, h = outputs[0].detach()](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("gated_scan", h.dtype(), [&](auto zero) {
          return gated_gradient<decltype(zero)>(gates, in, v, h, packing, reverse);
        });
      },
      [gates, packing, reverse](const Tensors& in) {
        const Tensors made = scan_coefficients(gates, in[0]);
        return linear_scan(made[0], made[1], in[1], packing, {.reverse = reverse});
      });
}

Tensor linear_scan_step(const Tensor& a, const Tensor& b, const Tensor& h, bool is_complex) {
  if (!is_complex) return a * h + b;
  const auto real = [](const Tensor& z) { return slice(z, {z.rank() - 1, 0}, z.size(-1) / 2); };
  const auto imaginary = [](const Tensor& z) { return slice(z, {z.rank() - 1, z.size(-1) / 2}, z.size(-1) / 2); };
  const Tensor re = real(a) * real(h) - imaginary(a) * imaginary(h);
  const Tensor im = real(a) * imaginary(h) + imaginary(a) * real(h);
  return concat({re, im}, h.rank() - 1) + b;
}

Tensors composed_linear_scan(const Tensor& a, const Tensor& b, const Tensor& initial, const Packing& packing,
                             const LinearScanOptions& options) {
  const int64_t steps = packing.steps();
  if (steps == 0) return {b, initial};
  Tensor state = initial;
  Tensors h(static_cast<size_t>(steps));
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = options.reverse ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
    const Tensor factor = a.rank() == 1 ? a : rows(a, begin, begin + n);
    h[t] = linear_scan_step(factor, rows(b, begin, begin + n), rows(state, 0, n), options.is_complex);
    state = n == packing.batch() ? h[t] : concat({h[t], rows(state, n, packing.batch())}, 0);
  }
  return {concat(h, 0), state};
}

Tensors linear_scan(const Tensor& a, const Tensor& b, const Tensor& initial, const Packing& packing,
                    const LinearScanOptions& options) {
  const Tensors inputs{a, b, initial};
  check_scan(inputs, packing, options);
  if (packing.packed_rows() == 0) return {b, initial};
  const Tensors outputs = dispatch_float(
      "linear_scan", b.dtype(), [&](auto zero) { return scan_by_kernel<decltype(zero)>(inputs, packing, options); });
  return record_with_twin(
      "linear_scan", inputs, outputs,
      [packing, options, h = outputs[0].detach()](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("linear_scan", h.dtype(),
                              [&](auto zero) { return scan_gradient<decltype(zero)>(in, v, h, packing, options); });
      },
      [packing, options](const Tensors& in) {
        return composed_linear_scan(in[kScanFactor], in[kScanInput], in[kScanInitial], packing, options);
      });
}

}  // namespace recur
