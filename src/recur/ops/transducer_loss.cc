#include "recur/ops/transducer_loss.h"

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
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

// The logarithm of what cannot be: no infinity, of which differences would be no numbers.
constexpr double kNoPath = -1e30;

// What each sequence has.
struct TransducerSequence {
  std::vector<int32_t> labels;
  int64_t steps = 0;
  int64_t first = 0;  // its first row

  int64_t width() const { return std::ssize(labels) + 1; }
};

// Checks the arguments.
std::vector<TransducerSequence> transducer_sequences(const Tensor& logits, const Tensor& labels, const Tensor& steps,
                                                     int64_t blank) {
  if (logits.rank() != 2) fail("transducer_loss: logits: expected [N, V], got {}", logits.shape().str());
  const int64_t V = logits.size(1);
  if (steps.rank() != 1 || steps.dtype() != DType::kI64) {
    fail("transducer_loss: steps: expected i64 [B], got {} {}", name_of(steps.dtype()), steps.shape().str());
  }
  const int64_t B = steps.size(0);
  if (labels.rank() != 2 || labels.dtype() != DType::kI32 || labels.size(1) != B) {
    fail("transducer_loss: labels: expected i32 [U, {}], got {} {}", B, name_of(labels.dtype()), labels.shape().str());
  }
  if (blank < 0 || blank >= V) fail("transducer_loss: blank: expected 0 .. {}, got {}", V - 1, blank);
  std::vector<TransducerSequence> out(static_cast<size_t>(B));
  int64_t rows = 0;
  for (int64_t b = 0; b < B; ++b) {
    TransducerSequence& own = out[static_cast<size_t>(b)];
    own.steps = steps.values<int64_t>()[b];
    own.first = rows;
    for (int64_t u = 0; u < labels.size(0); ++u) {
      const int32_t label = labels.values<int32_t>()[u * B + b];
      if (label == -1) break;
      if (label < 0 || label >= V || label == blank) {
        fail("transducer_loss: label {} of sequence {}: expected 0 .. {} but the blank, {}, got {}", u, b, V - 1, blank,
             label);
      }
      own.labels.push_back(label);
    }
    // No product of these overflows: both are held against the rows that there are.
    if (own.steps < 0 || own.steps > logits.size(0)) {
      fail("transducer_loss: steps of sequence {}: expected 0 .. {}, got {}", b, logits.size(0), own.steps);
    }
    if (own.steps == 0 && !own.labels.empty()) {
      fail("transducer_loss: sequence {}: {} labels need a step at least, got 0", b, own.labels.size());
    }
    rows += own.steps * own.width();
  }
  if (rows != logits.size(0)) {
    fail("transducer_loss: logits: expected {} rows, T (U + 1) of each sequence, got {}", rows, logits.size(0));
  }
  return out;
}

// The points (t, u) of one sequence by diagonals d = t + u: those of one depend on those of the last one alone, so that
// each is a few vector operations. Of a diagonal there are places for all u; those of no point hold kNoPath. Logarithms
// are sums of many and so f64; what is added to the larger of two, and probabilities, are of T.
template <class T>
class TransducerLattice {
 public:
  TransducerLattice(int64_t steps, int64_t width)
      : steps_(steps),
        width_(width),
        diagonals_(steps + width - 1),
        blanks_(static_cast<size_t>(diagonals_ * width), kNoPath),
        says_(blanks_.size(), kNoPath),
        alpha_(blanks_.size()),
        scratch_(static_cast<size_t>(3 * width)),
        differences_(static_cast<size_t>(width)) {}

  // ln P(blank) and, unless all is said, ln P(next label) at a point.
  void put(int64_t t, int64_t u, double blank, double says) {
    const size_t at = place(t, u);
    blanks_[at] = blank;
    if (u + 1 < width_) says_[at] = says;
  }

  // The loss. After put() of all points.
  double forward() {
    double* stay = scratch_.data() + width_;
    double* say = stay + width_;
    std::fill(alpha_.begin(), alpha_.begin() + width_, kNoPath);
    alpha_[0] = 0;
    for (int64_t d = 1; d < diagonals_; ++d) {
      const double* before = alpha_.data() + (d - 1) * width_;
      const double* blank = blanks_.data() + (d - 1) * width_;
      const double* label = says_.data() + (d - 1) * width_;
      say[0] = kNoPath;
      for (int64_t u = 0; u < width_; ++u) stay[u] = before[u] + blank[u];
      for (int64_t u = 1; u < width_; ++u) say[u] = before[u - 1] + label[u - 1];
      sum_of_two(stay, say, alpha_.data() + d * width_);
      // Behind the last step there are no points.
      for (int64_t u = 0; u < width_ && d - u >= steps_; ++u) alpha_[d * width_ + u] = kNoPath;
    }
    log_likelihood_ = alpha_.back() + blanks_.back();
    return -log_likelihood_;
  }

  // Calls visit(t, u, said, blank, label) with the posterior probabilities of being at a point, and of going on from it
  // by a blank and by the next label. After forward().
  template <class Visit>
  void backward(Visit&& visit) {
    std::vector<double> beta(static_cast<size_t>(width_), kNoPath), next = beta;
    std::vector<double> by_blank(beta.size()), by_label(beta.size());
    std::vector<T> posterior(3 * beta.size());
    for (int64_t d = diagonals_ - 1; d >= 0; --d) {
      const double* blank = blanks_.data() + d * width_;
      const double* label = says_.data() + d * width_;
      const bool last = d + 1 == diagonals_;
      for (int64_t u = 0; u < width_; ++u) {
        by_blank[u] = blank[u] + next[u];
        by_label[u] = u + 1 < width_ ? label[u] + next[u + 1] : kNoPath;
      }
      if (last) by_blank[width_ - 1] = blank[width_ - 1];
      sum_of_two(by_blank.data(), by_label.data(), beta.data());
      const double* alpha = alpha_.data() + d * width_;
      for (int64_t u = 0; u < width_; ++u) {
        posterior[u] = static_cast<T>(alpha[u] + beta[u] - log_likelihood_);
        posterior[width_ + u] = static_cast<T>(alpha[u] + by_blank[u] - log_likelihood_);
        posterior[2 * width_ + u] = static_cast<T>(alpha[u] + by_label[u] - log_likelihood_);
      }
      kernels::table<T>().unary(kernels::Unary::kExp, posterior.data(), posterior.data(), 3 * width_);
      for (int64_t u = std::max<int64_t>(d - steps_ + 1, 0); u <= std::min(d, width_ - 1); ++u) {
        visit(d - u, u, posterior[u], posterior[width_ + u], posterior[2 * width_ + u]);
      }
      std::swap(beta, next);
    }
  }

 private:
  size_t place(int64_t t, int64_t u) const { return static_cast<size_t>((t + u) * width_ + u); }

  // out = ln(exp(a) + exp(b)), at least kNoPath; uses the first third of the scratch.
  void sum_of_two(const double* a, const double* b, double* out) {
    double* top = scratch_.data();
    T* difference = differences_.data();
    for (int64_t u = 0; u < width_; ++u) {
      top[u] = std::max(a[u], b[u]);
      difference[u] = static_cast<T>(std::min(a[u], b[u]) - top[u]);
    }
    const auto& table = kernels::table<T>();
    table.unary(kernels::Unary::kExp, difference, difference, width_);
    for (int64_t u = 0; u < width_; ++u) difference[u] += 1;
    table.unary(kernels::Unary::kLog, difference, difference, width_);
    for (int64_t u = 0; u < width_; ++u) out[u] = std::max(top[u] + static_cast<double>(difference[u]), kNoPath);
  }

  int64_t steps_, width_, diagonals_;
  std::vector<double> blanks_, says_, alpha_;  // [diagonals, width]
  std::vector<double> scratch_;
  std::vector<T> differences_;
  double log_likelihood_ = 0;
};

struct TransducerResult {
  Tensor losses;  // [B]
  Tensor grad;    // d(loss) / d(logits) [N, V]; undefined where it is not wanted
};

template <class T>
TransducerResult fused_transducer(const Tensor& logits, const std::vector<TransducerSequence>& sequences, int64_t blank,
                                  bool wanted) {
  const int64_t rows = logits.size(0), classes = logits.size(1);
  TransducerResult result{Tensor::zeros({std::ssize(sequences)}, kDTypeOf<T>), {}};
  // First the logarithms of the probabilities; of each sequence these become the gradient.
  Tensor work = Tensor::empty(logits.shape(), kDTypeOf<T>);
  const T* x = logits.data<T>();
  T* const all = work.data<T>();
  T* const losses = result.losses.data<T>();
  parallel_for(rows, 64, [&](int64_t begin, int64_t end) {
    kernels::table<T>().softmax(x + begin * classes, all + begin * classes, end - begin, classes, true);
  });
  parallel_for(std::ssize(sequences), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const TransducerSequence& own = sequences[static_cast<size_t>(b)];
      if (own.steps == 0) continue;
      const int64_t width = own.width();
      TransducerLattice<T> lattice(own.steps, width);
      const auto row = [&](int64_t t, int64_t u) { return all + (own.first + t * width + u) * classes; };
      for (int64_t t = 0; t < own.steps; ++t) {
        for (int64_t u = 0; u < width; ++u) {
          const T* p = row(t, u);
          const double says = u + 1 < width ? static_cast<double>(p[own.labels[static_cast<size_t>(u)]]) : kNoPath;
          lattice.put(t, u, static_cast<double>(p[blank]), says);
        }
      }
      losses[b] = static_cast<T>(lattice.forward());
      if (!wanted) continue;
      lattice.backward([&](int64_t t, int64_t u, T here, T by_blank, T by_label) {
        T* to = row(t, u);
        kernels::table<T>().unary(kernels::Unary::kExp, to, to, classes);
        for (int64_t v = 0; v < classes; ++v) to[v] *= here;
        to[blank] -= by_blank;
        if (u + 1 < width) to[own.labels[static_cast<size_t>(u)]] -= by_label;
      });
    }
  });
  if (wanted) result.grad = work;
  return result;
}

// i32 [N]: of each row the sequence that it belongs to.
Tensor sequence_of_rows(const std::vector<TransducerSequence>& sequences, int64_t rows) {
  Tensor out = Tensor::empty({rows}, DType::kI32);
  for (size_t b = 0; b < sequences.size(); ++b) {
    const TransducerSequence& own = sequences[b];
    std::fill_n(out.data<int32_t>() + own.first, own.steps * own.width(), static_cast<int32_t>(b));
  }
  return out;
}

// [W, W]: 0 where k <= u, else kNoPath.
Tensor up_to(int64_t width, DType dtype) {
  Tensor out = Tensor::full({width, width}, kNoPath, DType::kF64);
  for (int64_t u = 0; u < width; ++u) std::fill_n(out.data<double>() + u * width, u + 1, 0.0);
  return cast(out, dtype);
}

// One sequence, from ln P(blank) and ln P(next label) [T, W]; the label's of the last column do not count. Step by
// step: with s_u the sum of ln P(label) of the first u labels at a step,
//   alpha_u = s_u + ln sum over k <= u of exp(alpha'_k + blank'_k - s_k),
// where the primes are of the step before.
Tensor transducer_alphas(const Tensor& blanks, const Tensor& says, const Tensor& mask) {
  const int64_t width = blanks.size(1);
  const DType dtype = blanks.dtype();
  Tensor alpha;
  for (int64_t t = 0; t < blanks.size(0); ++t) {
    Tensor sums = Tensor::zeros({1}, dtype);
    if (width > 1) sums = concat({sums, cumsum(split(row(says, t), 0, {width - 1, 1})[0], 0)}, 0);
    if (t == 0) {
      alpha = sums;
      continue;
    }
    const Tensor came = alpha + row(blanks, t - 1) - sums;
    alpha = sums + logsumexp(reshape(came, {1, width}) + mask, 1);
  }
  return -(rows(alpha, width - 1, width) + rows(row(blanks, blanks.size(0) - 1), width - 1, width));
}

}  // namespace

int64_t transducer_rows(std::span<const int64_t> steps, std::span<const int64_t> labels) {
  int64_t rows = 0;
  for (size_t b = 0; b < steps.size(); ++b) rows += steps[b] * (labels[b] + 1);
  return rows;
}

Tensor transducer_loss_twin(const Tensor& logits, const Tensor& labels, const Tensor& steps, int64_t blank) {
  const auto sequences = transducer_sequences(logits, labels, steps, blank);
  const DType dtype = logits.dtype();
  const Tensor log_probabilities = log_softmax(logits, 1);
  Tensors losses;
  for (const TransducerSequence& own : sequences) {
    if (own.steps == 0) {
      losses.push_back(Tensor::zeros({1}, dtype));
      continue;
    }
    const int64_t width = own.width(), count = own.steps * width;
    std::vector<int32_t> next(own.labels);
    next.push_back(static_cast<int32_t>(blank));
    Tensor symbols = Tensor::empty({count, 2}, DType::kI32);
    for (int64_t k = 0; k < count; ++k) {
      symbols.data<int32_t>()[2 * k] = static_cast<int32_t>(blank);
      symbols.data<int32_t>()[2 * k + 1] = next[static_cast<size_t>(k % width)];
    }
    const Tensor chosen = gather(rows(log_probabilities, own.first, own.first + count), 1, symbols);
    const Tensors parts = split(chosen, 1, {1, 1});
    const Shape lattice{own.steps, width};
    losses.push_back(transducer_alphas(reshape(parts[0], lattice), reshape(parts[1], lattice), up_to(width, dtype)));
  }
  return losses.empty() ? Tensor::zeros({0}, dtype) : concat(losses, 0);
}

Tensor transducer_loss(const Tensor& logits, const Tensor& labels, const Tensor& steps, int64_t blank) {
  if (Trace* trace = tracing()) {
    return trace->op("transducer_loss", {logits, labels, steps}, {{"blank", blank}},
                     [&] { return transducer_loss(logits, labels, steps, blank); });
  }
  if (logits.dtype() == DType::kBF16) {
    return cast(transducer_loss(cast(logits, DType::kF32), labels, steps, blank), DType::kBF16);
  }
  const auto sequences = transducer_sequences(logits, labels, steps, blank);
  const bool wanted = autograd::recording() && logits.requires_grad();
  const TransducerResult result = dispatch_float("transducer_loss", logits.dtype(), [&](auto zero) {
    return fused_transducer<decltype(zero)>(logits, sequences, blank, wanted);
  });
  return record_with_twin(
      "transducer_loss", {logits}, {result.losses},
      [grad = result.grad, sequences](const Tensors&, const autograd::VjpArgs& v) {
        const Tensor of_rows = gather(v.grad(), 0, sequence_of_rows(sequences, grad.size(0)));
        return Tensors{grad * reshape(of_rows, {grad.size(0), 1})};
      },
      [labels, steps, blank](const Tensors& in) {
        return Tensors{transducer_loss_twin(in[0], labels, steps, blank)};
      })[0];
}

}  // namespace recur
