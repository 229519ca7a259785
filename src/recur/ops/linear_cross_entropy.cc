#include "recur/ops/linear_cross_entropy.h"

#include <algorithm>
#include <numeric>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"
#include "recur/ops/cross_entropy_rows.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/product.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

using autograd::VjpArgs;

enum Input { kX, kWeight, kBias };

Tensor composed(const Tensors& in, const Tensor& targets, const CrossEntropyOptions& options) {
  return cross_entropy(linear(in[kX], in[kWeight], in[kBias]), targets, options);
}

// Rows of a chunk. Their logits are 64 MiB of f32; where V is large the rows are many enough still that adding to the
// weight's gradient [V, F] once a chunk costs little beside the chunk's products.
int64_t rows_of_chunk(int64_t classes) {
  constexpr int64_t kLogits = int64_t{1} << 24, kLeastRows = 512;
  return std::max(kLeastRows, kLogits / std::max<int64_t>(classes, 1));
}

struct Result {
  Tensor loss;       // []
  Tensors grads{3};  // d(loss) of each input that wants one
};

template <class T>
class FusedLoss {
 public:
  FusedLoss(const Tensors& inputs, const Tensor& targets, const CrossEntropyOptions& options, double share)
      : in_(inputs),
        targets_(targets),
        options_(options),
        share_(share),
        N_(targets.numel()),
        F_(inputs[kWeight].size(1)),
        V_(inputs[kWeight].size(0)),
        chunk_(std::min(N_, rows_of_chunk(V_))),
        logits_(Tensor::empty({chunk_, V_}, kDTypeOf<T>)),
        losses_(Tensor::empty({N_}, kDTypeOf<T>)),
        weights_(Tensor::full({chunk_}, share, kDTypeOf<T>)) {}

  Result run(const std::vector<bool>& wanted) {
    for (int i = 0; i < 3; ++i)
      if (wanted[i]) result_.grads[i] = Tensor::empty(in_[i].shape(), kDTypeOf<T>);
    if (N_ == 0)
      for (int i : {kWeight, kBias})
        if (wanted[i]) result_.grads[i] = Tensor::zeros(in_[i].shape(), kDTypeOf<T>);
    for (int64_t begin = 0; begin < N_; begin += chunk_) take(begin, std::min(N_, begin + chunk_));
    const auto losses = losses_.values<T>();
    result_.loss = Tensor::scalar(std::accumulate(losses.begin(), losses.end(), 0.0) * share_, kDTypeOf<T>);
    return std::move(result_);
  }

 private:
  bool wants(Input i) const { return result_.grads[i].defined(); }
  const T* input(Input i) const { return in_[i].data<T>(); }
  T* grad(Input i) { return result_.grads[i].data<T>(); }

  void take(int64_t begin, int64_t end) {
    const int64_t rows = end - begin;
    const kernels::CrossEntropy<T> loss{.rows = rows,
                                        .classes = V_,
                                        .logits = std::as_const(logits_).template data<T>(),
                                        .targets = targets_.data<int32_t>() + begin,
                                        .ignored = options_.ignored,
                                        .smoothing = static_cast<T>(options_.smoothing)};
    compute_logits(input(kX) + begin * F_, rows);
    row_losses(loss, losses_.data<T>() + begin);
    if (!wants(kX) && !wants(kWeight) && !wants(kBias)) return;
    row_gradients(loss, std::as_const(weights_).template data<T>(), logits_.data<T>());
    if (wants(kX)) multiply<T>(product_for_x(begin, rows));
    if (wants(kWeight)) multiply<T>(product_for_weight(begin, rows));
    if (wants(kBias)) add_to_bias(begin, rows);
  }

  // x [rows, F] -> logits [rows, V]
  void compute_logits(const T* x, int64_t rows) {
    multiply<T>({.trans_b = true,
                 .m = rows,
                 .n = V_,
                 .k = F_,
                 .a = x,
                 .lda = F_,
                 .b = input(kWeight),
                 .ldb = F_,
                 .bias = in_[kBias].defined() ? input(kBias) : nullptr,
                 .c = logits_.data<T>(),
                 .ldc = V_});
  }

  // dx = dlogits weight
  kernels::Gemm<T> product_for_x(int64_t begin, int64_t rows) {
    return {.m = rows,
            .n = F_,
            .k = V_,
            .a = std::as_const(logits_).template data<T>(),
            .lda = V_,
            .b = input(kWeight),
            .ldb = F_,
            .c = grad(kX) + begin * F_,
            .ldc = F_};
  }

  // dweight += dlogits^T x
  kernels::Gemm<T> product_for_weight(int64_t begin, int64_t rows) {
    return {.trans_a = true,
            .m = V_,
            .n = F_,
            .k = rows,
            .a = std::as_const(logits_).template data<T>(),
            .lda = V_,
            .b = input(kX) + begin * F_,
            .ldb = F_,
            .add = begin > 0,
            .c = grad(kWeight),
            .ldc = F_};
  }

  void add_to_bias(int64_t begin, int64_t rows) {
    const auto& table = kernels::table<T>();
    Tensor sums = begin == 0 ? result_.grads[kBias] : Tensor::empty({V_}, kDTypeOf<T>);
    table.reduce(kernels::Reduce::kSum, std::as_const(logits_).template data<T>(), sums.template data<T>(), 1, rows,
                 V_);
    if (begin == 0) return;
    T* to = grad(kBias);
    table.binary(kernels::Binary::kAdd, kernels::Stretch::kNone, to, std::as_const(sums).template data<T>(), to, V_);
  }

  const Tensors& in_;
  const Tensor& targets_;
  const CrossEntropyOptions& options_;
  double share_;
  int64_t N_, F_, V_, chunk_;
  Tensor logits_;   // of the chunk, then their gradient
  Tensor losses_;   // of each row
  Tensor weights_;  // of the rows of a chunk in the result
  Result result_;
};

Tensor scaled(const Tensor& gradient, double by) { return !gradient.defined() || by == 1 ? gradient : gradient * by; }

}  // namespace

Tensor linear_cross_entropy(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& targets,
                            const CrossEntropyOptions& options) {
  const Tensors inputs{x, weight, bias};
  if (Trace* trace = tracing())
    return trace->op_with_twin(
        "linear_cross_entropy", {x, weight, bias, targets}, attributes_of(options),
        [&] { return linear_cross_entropy(x, weight, bias, targets, options); },
        [&] { return composed(inputs, targets, options); });
  const bool one_dtype = weight.dtype() == x.dtype() && (!bias.defined() || bias.dtype() == x.dtype());
  const bool fused = one_dtype && x.dtype() != DType::kBF16 && options.reduction != Reduction::kNone;
  const bool fits = x.rank() > 0 && weight.rank() == 2 && x.size(-1) == weight.size(1) && weight.size(1) > 0 &&
                    (!bias.defined() || bias.shape() == Shape{weight.size(0)});
  if (!fused || !fits) return composed(inputs, targets, options);  // which says what does not fit
  const int64_t count = count_targets("linear_cross_entropy", x.shape().with(-1, weight.size(0)), targets, options);
  std::vector<bool> wanted;
  for (const Tensor& input : inputs)
    wanted.push_back(autograd::recording() && input.defined() && input.requires_grad());
  const Result result = dispatch_float("linear_cross_entropy", x.dtype(), [&](auto zero) {
    return FusedLoss<decltype(zero)>(inputs, targets, options, share_of_row(options, count)).run(wanted);
  });
  return record_with_twin(
      "linear_cross_entropy", inputs, {result.loss},
      [grads = result.grads](const Tensors&, const VjpArgs& v) {
        const double by = v.grad().item();
        return Tensors{scaled(grads[kX], by), scaled(grads[kWeight], by), scaled(grads[kBias], by)};
      },
      [targets, options](const Tensors& in) { return Tensors{composed(in, targets, options)}; })[0];
}

}  // namespace recur
