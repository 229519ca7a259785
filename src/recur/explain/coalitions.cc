#include "recur/explain/coalitions.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/data/files/plain_text.h"

namespace recur {

int64_t variants_at_once(const ReadRecord& read) {
  constexpr int64_t kMost = 128, kNumbers = int64_t{1} << 20;
  return std::clamp<int64_t>(kNumbers / std::max<int64_t>(read.x.numel(), 1), 1, kMost);
}

double finite_score(double score, const ReadRecord& read) {
  if (std::isfinite(score)) return score;
  fail("record {}: with parts replaced by the baseline the score is {}; choose another baseline", quoted_cell(read.id),
       score);
}

CoalitionScores::CoalitionScores(const Explainable& record, const Tensor& baseline, const Parts& parts)
    : record_(record),
      parts_(parts),
      x_(record.read().x),
      baseline_(baseline),
      batch_(variants_at_once(record.read())) {}

void CoalitionScores::run(std::span<const Coalition> coalitions, std::vector<double>& out) {
  const int64_t steps = x_.size(0), features = x_.size(1), batch = std::ssize(coalitions);
  Tensor x = Tensor::empty({steps, batch, features}, x_.dtype());
  const auto of = parts_.of_number();
  dispatch_float("explain", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T *own = std::as_const(x_).data<T>(), *other = std::as_const(baseline_).data<T>();
    T* to = x.data<T>();
    for (int64_t t = 0; t < steps; ++t) {
      for (const Coalition& coalition : coalitions) {
        for (int64_t at = t * features; at < (t + 1) * features; ++at) {
          const int32_t part = of[static_cast<size_t>(at)];
          *to++ = part < 0 || coalition[static_cast<size_t>(part)] != 0 ? own[at] : other[at];
        }
      }
    }
  });
  const Tensor scores = record_.score(x).clone(DType::kF64);
  for (const double score : scores.values<double>()) out.push_back(finite_score(score, record_.read()));
  evaluations_ += batch;
}

std::vector<double> CoalitionScores::operator()(std::span<const Coalition> coalitions) {
  const autograd::NoGrad no_grad;
  std::vector<double> out;
  const auto most = static_cast<size_t>(batch_);
  for (size_t begin = 0; begin < coalitions.size(); begin += most) {
    check_stop();
    run(coalitions.subspan(begin, std::min(most, coalitions.size() - begin)), out);
  }
  return out;
}

Attribution CoalitionScores::attribution() {
  return {.parts = parts_.all(), .values = {}, .low = {}, .high = {}, .score = all(), .baseline_score = none()};
}

double CoalitionScores::of_constant(uint8_t there) {
  const Coalition coalition(static_cast<size_t>(parts()), there);
  return (*this)(std::span(&coalition, 1))[0];
}

}  // namespace recur
