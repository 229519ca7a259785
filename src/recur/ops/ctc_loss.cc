#include "recur/ops/ctc_loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/gather.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

// The logarithm of what cannot be: no infinity, of which differences would be no numbers.
constexpr double kImpossible = -1e30;

// What each sequence has.
struct CtcSequences {
  std::vector<std::vector<int32_t>> labels;  // of each
  std::vector<int64_t> steps;
};

// Checks the arguments.
CtcSequences sequences_of(const Tensor& logits, const Tensor& labels, const Tensor& lengths, int64_t blank) {
  if (logits.rank() != 3) fail("ctc_loss: logits: expected [T, B, V], got {}", logits.shape().str());
  const int64_t T = logits.size(0), B = logits.size(1), V = logits.size(2);
  if (labels.rank() != 2 || labels.dtype() != DType::kI32 || labels.size(1) != B) {
    fail("ctc_loss: labels: expected i32 [S, {}], got {} {}", B, name_of(labels.dtype()), labels.shape().str());
  }
  if (lengths.defined() && (lengths.dtype() != DType::kI64 || lengths.shape() != Shape{B})) {
    fail("ctc_loss: lengths: expected i64 [{}], got {} {}", B, name_of(lengths.dtype()), lengths.shape().str());
  }
  if (blank < 0 || blank >= V) fail("ctc_loss: blank: expected 0 .. {}, got {}", V - 1, blank);
  CtcSequences out;
  out.labels.resize(static_cast<size_t>(B));
  for (int64_t b = 0; b < B; ++b) {
    const int64_t steps = lengths.defined() ? lengths.values<int64_t>()[b] : T;
    if (steps < 0 || steps > T) fail("ctc_loss: length of sequence {}: expected 0 .. {}, got {}", b, T, steps);
    for (int64_t s = 0; s < labels.size(0); ++s) {
      const int32_t label = labels.values<int32_t>()[s * B + b];
      if (label == -1) break;
      if (label < 0 || label >= V || label == blank) {
        fail("ctc_loss: label {} of sequence {}: expected 0 .. {} but the blank, {}, got {}", s, b, V - 1, blank,
             label);
      }
      out.labels[b].push_back(label);
    }
    if (const int64_t least = ctc_least_steps(out.labels[b]); steps < least) {
      fail("ctc_loss: sequence {}: {} labels need at least {} steps, got {}", b, out.labels[b].size(), least, steps);
    }
    out.steps.push_back(steps);
  }
  return out;
}

// Of one sequence: its labels with a blank before, between and behind them are the states that a path goes through,
// each from itself, from the one before or, where it is a label unlike the last one, from the one before that.
class Lattice {
 public:
  Lattice(std::span<const int32_t> labels, int64_t steps, int64_t blank)
      : steps_(steps),
        states_(2 * std::ssize(labels) + 1),
        symbols_(static_cast<size_t>(states_), blank),
        skip_(static_cast<size_t>(states_ + 2), kImpossible),
        alpha_(static_cast<size_t>(steps * states_)),
        emissions_(alpha_.size()),
        row_(static_cast<size_t>(states_ + 2)),
        scratch_(static_cast<size_t>(4 * states_)) {
    for (int64_t s = 1; s < states_; s += 2) {
      symbols_[s] = labels[s / 2];
      if (s >= 3 && symbols_[s] != symbols_[s - 2]) skip_[s] = 0;
    }
  }

  // The loss; log_softmax(t) gives the logarithms of the probabilities [V] of a step.
  template <class Row>
  double forward(Row&& log_softmax) {
    for (int64_t t = 0; t < steps_; ++t) {
      const auto* row = log_softmax(t);
      for (int64_t s = 0; s < states_; ++s) emissions_[t * states_ + s] = static_cast<double>(row[symbols_[s]]);
    }
    for (int64_t t = 0; t < steps_; ++t) {
      double* alpha = alpha_.data() + t * states_;
      if (t == 0) {
        std::fill(alpha, alpha + states_, kImpossible);
        std::fill(alpha, alpha + std::min<int64_t>(states_, 2), 0.0);
      } else {
        // Two places before the first state, which nothing comes from.
        row_[0] = row_[1] = kImpossible;
        std::copy(alpha - states_, alpha, row_.begin() + 2);
        sum_of_three(row_.data() + 2, row_.data() + 1, row_.data(), skip_.data(), alpha);
      }
      for (int64_t s = 0; s < states_; ++s) alpha[s] += emissions_[t * states_ + s];
    }
    const double* last = alpha_.data() + (steps_ - 1) * states_;
    const double a = last[states_ - 1], b = states_ > 1 ? last[states_ - 2] : kImpossible, top = std::max(a, b);
    log_likelihood_ = top + std::log(std::exp(a - top) + std::exp(b - top));
    return -log_likelihood_;
  }

  // Takes the probability of each symbol at each step, given the labels, off gradient(t) [V]. After forward().
  template <class Row>
  void backward(Row&& gradient) {
    std::vector<double> beta(static_cast<size_t>(states_), kImpossible);
    std::fill(beta.end() - std::min<int64_t>(states_, 2), beta.end(), 0.0);
    double* posterior = scratch_.data();
    for (int64_t t = steps_ - 1; t >= 0; --t) {
      if (t + 1 < steps_) {
        for (int64_t s = 0; s < states_; ++s) row_[s] = beta[s] + emissions_[(t + 1) * states_ + s];
        row_[states_] = row_[states_ + 1] = kImpossible;
        sum_of_three(row_.data(), row_.data() + 1, row_.data() + 2, skip_.data() + 2, beta.data());
      }
      const double* alpha = alpha_.data() + t * states_;
      for (int64_t s = 0; s < states_; ++s) posterior[s] = alpha[s] + beta[s] - log_likelihood_;
      kernels::table<double>().unary(kernels::Unary::kExp, posterior, posterior, states_);
      auto* to = gradient(t);
      for (int64_t s = 0; s < states_; ++s) {
        to[symbols_[s]] -= static_cast<std::remove_reference_t<decltype(*to)>>(posterior[s]);
      }
    }
  }

 private:
  // out = ln(exp(a) + exp(b) + exp(c + skip)) for all states.
  void sum_of_three(const double* a, const double* b, const double* c, const double* skip, double* out) {
    double *x = scratch_.data(), *y = x + states_, *z = y + states_, *top = z + states_;
    const int64_t n = states_;
    for (int64_t s = 0; s < n; ++s) {
      const double jump = c[s] + skip[s], most = std::max(std::max(a[s], b[s]), jump);
      x[s] = a[s] - most;
      y[s] = b[s] - most;
      z[s] = jump - most;
      top[s] = most;
    }
    const auto& table = kernels::table<double>();
    table.unary(kernels::Unary::kExp, x, x, 3 * n);
    for (int64_t s = 0; s < n; ++s) x[s] += y[s] + z[s];
    table.unary(kernels::Unary::kLog, x, x, n);
    for (int64_t s = 0; s < n; ++s) out[s] = std::max(top[s] + x[s], kImpossible);
  }

  int64_t steps_, states_;
  std::vector<int64_t> symbols_;
  std::vector<double> skip_;  // 0 where a path may come from two states before; two more places behind the last
  std::vector<double> alpha_, emissions_;  // [steps, states]
  std::vector<double> row_, scratch_;
  double log_likelihood_ = 0;
};

struct CtcResult {
  Tensor losses;  // [B]
  Tensor grad;    // d(loss) / d(logits); undefined where it is not wanted
};

template <class T>
CtcResult fused_ctc(const Tensor& logits, const CtcSequences& sequences, int64_t blank, bool wanted) {
  const int64_t steps = logits.size(0), batch = logits.size(1), classes = logits.size(2);
  const T* x = logits.data<T>();
  CtcResult result{Tensor::zeros({batch}, kDTypeOf<T>), {}};
  if (wanted) result.grad = Tensor::zeros(logits.shape(), kDTypeOf<T>);
  T* losses = result.losses.data<T>();
  T* grads = wanted ? result.grad.data<T>() : nullptr;
  Tensor normal = Tensor::empty(logits.shape(), kDTypeOf<T>);
  T* log_softmax = normal.data<T>();
  const int64_t rows = steps * batch;
  parallel_for(rows, 64, [&](int64_t begin, int64_t end) {
    kernels::table<T>().softmax(x + begin * classes, log_softmax + begin * classes, end - begin, classes, true);
  });
  parallel_for(batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const int64_t length = sequences.steps[b];
      if (length == 0) continue;
      const auto at = [&](int64_t t) { return (t * batch + b) * classes; };
      Lattice lattice(sequences.labels[b], length, blank);
      losses[b] = static_cast<T>(lattice.forward([&](int64_t t) { return log_softmax + at(t); }));
      if (!wanted) continue;
      for (int64_t t = 0; t < length; ++t) {
        kernels::table<T>().unary(kernels::Unary::kExp, log_softmax + at(t), grads + at(t), classes);
      }
      lattice.backward([&](int64_t t) { return grads + at(t); });
    }
  });
  return result;
}

}  // namespace

int64_t ctc_least_steps(std::span<const int32_t> labels) {
  int64_t steps = std::ssize(labels);
  for (size_t s = 1; s < labels.size(); ++s) steps += labels[s] == labels[s - 1] ? 1 : 0;
  return steps;
}

Tensor ctc_loss_twin(const Tensor& logits, const Tensor& labels, const Tensor& lengths, int64_t blank) {
  const CtcSequences sequences = sequences_of(logits, labels, lengths, blank);
  const int64_t T = logits.size(0), B = logits.size(1), S = 2 * labels.size(0) + 1;
  const DType dtype = logits.dtype();
  if (T == 0) return Tensor::zeros({B}, dtype);
  // Which symbol each state stands for; where a path may begin, jump to and end; which sequences have steps.
  Tensor symbols = Tensor::full({B, S}, static_cast<double>(blank), DType::kI32);
  Tensor begins = Tensor::full({B, S}, kImpossible, DType::kF64), jumps = begins.clone(), ends = begins.clone();
  Tensor empty = Tensor::zeros({B}, DType::kI32);
  for (int64_t b = 0; b < B; ++b) {
    const std::vector<int32_t>& own = sequences.labels[b];
    for (int64_t s = 0; s < 2 * std::ssize(own) + 1; ++s) {
      const bool label = s % 2 == 1;
      if (label) symbols.data<int32_t>()[b * S + s] = own[s / 2];
      if (s < 2) begins.data<double>()[b * S + s] = 0;
      if (label && s >= 3 && own[s / 2] != own[s / 2 - 1]) jumps.data<double>()[b * S + s] = 0;
      if (s >= 2 * std::ssize(own) - 1) ends.data<double>()[b * S + s] = 0;
    }
    empty.data<int32_t>()[b] = sequences.steps[b] == 0 ? 1 : 0;
  }
  const Tensor log_probabilities = log_softmax(logits, 2), jump = cast(jumps, dtype);
  const auto emission = [&](int64_t t) { return gather(row(log_probabilities, t), 1, symbols); };
  const auto moved = [&](const Tensor& alpha, int64_t by) {
    const Tensor before = Tensor::full({B, by}, kImpossible, dtype);
    return S <= by ? Tensor::full({B, S}, kImpossible, dtype) : concat({before, split(alpha, 1, {S - by, by})[0]}, 1);
  };
  Tensor alpha = emission(0) + cast(begins, dtype);
  for (int64_t t = 1; t < T; ++t) {
    const Tensor ways = stack({alpha, moved(alpha, 1), moved(alpha, 2) + jump}, 2);
    const Tensor next = logsumexp(ways, 2) + emission(t);
    Tensor running = Tensor::zeros({B, 1}, DType::kI32);
    for (int64_t b = 0; b < B; ++b) running.data<int32_t>()[b] = t < sequences.steps[b] ? 1 : 0;
    alpha = where(running, next, alpha);
  }
  return masked_fill(-logsumexp(alpha + cast(ends, dtype), 1), empty, 0);
}

Tensor ctc_loss(const Tensor& logits, const Tensor& labels, const Tensor& lengths, int64_t blank) {
  if (Trace* trace = tracing()) {
    return trace->op("ctc_loss", {logits, labels, lengths}, {{"blank", blank}},
                     [&] { return ctc_loss(logits, labels, lengths, blank); });
  }
  if (logits.dtype() == DType::kBF16) {
    return cast(ctc_loss(cast(logits, DType::kF32), labels, lengths, blank), DType::kBF16);
  }
  const CtcSequences sequences = sequences_of(logits, labels, lengths, blank);
  const bool wanted = autograd::recording() && logits.requires_grad();
  const CtcResult result = dispatch_float("ctc_loss", logits.dtype(), [&](auto zero) {
    return fused_ctc<decltype(zero)>(logits, sequences, blank, wanted);
  });
  return record_with_twin(
      "ctc_loss", {logits}, {result.losses},
      [grad = result.grad](const Tensors&, const autograd::VjpArgs& v) {
        return Tensors{grad * reshape(v.grad(), {1, grad.size(1), 1})};
      },
      [labels, lengths, blank](const Tensors& in) { return Tensors{ctc_loss_twin(in[0], labels, lengths, blank)}; })[0];
}

}  // namespace recur
