#include "recur/decode/ctc_joint_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/ops/embedding.h"

namespace recur {
namespace {

// The logarithm of what CTC cannot say: no infinity, of which differences would be no numbers.
constexpr double kUnheard = -1e30;
constexpr size_t kOwnParts = 2;  // behind those of the model: numbers and forward variables

double sum_of_logs(double a, double b) {
  if (a < b) std::swap(a, b);
  return a + std::log1p(std::exp(b - a));
}

}  // namespace

// Forward variables of a hypothesis g: ln of the probabilities that the first t + 1 steps say g and end in its last
// symbol, and in a blank.
struct CtcJointSteps::Row {
  int64_t input = 0;
  int32_t last = -1;  // symbol; -1: nothing has been said
  double* said;       // [T]
  double* blank;      // [T]
  double* whole;      // [1]: ln P(what is heard begins with g)
};

CtcJointSteps::CtcJointSteps(const StepModel& model, const Tensor& log_probabilities, std::vector<int64_t> lengths,
                             double weight)
    : model_(model), lengths_(std::move(lengths)), weight_(weight) {
  const Shape& shape = log_probabilities.shape();
  if (shape.rank() != 3 || shape[1] != std::ssize(lengths_) || shape[2] != model.symbols()) {
    fail("ctc: expected probabilities [T, {}, {}], got {}", lengths_.size(), model.symbols(), shape.str());
  }
  if (!(weight >= 0 && weight <= 1)) fail("ctc: expected a weight of 0 .. 1, got {}", weight);
  steps_ = shape[0];
  batch_ = shape[1];
  count_ = shape[2];
  for (const int64_t length : lengths_) {
    if (length < 0 || length > steps_) fail("ctc: length: expected 0 .. {}, got {}", steps_, length);
  }
  for (const float each : log_probabilities.values<float>()) {
    logs_.push_back(std::max(double{each}, kUnheard));
    probabilities_.push_back(std::exp(double{each}));
  }
}

Tensors CtcJointSteps::initial(int64_t hypotheses) const {
  if (hypotheses != batch_) fail("ctc: expected a hypothesis for each of {} sounds, got {}", batch_, hypotheses);
  Tensors state = model_.initial(hypotheses);
  Tensor numbers = Tensor::empty({batch_, 2}, DType::kI32);
  Tensor forward = Tensor::full({batch_, 2 * steps_ + 1}, kUnheard, DType::kF64);
  for (int64_t b = 0; b < batch_; ++b) {
    numbers.data<int32_t>()[2 * b] = static_cast<int32_t>(b);
    numbers.data<int32_t>()[2 * b + 1] = -1;
    double* blank = forward.data<double>() + b * (2 * steps_ + 1) + steps_;
    double sum = 0;
    for (int64_t t = 0; t < lengths_[static_cast<size_t>(b)]; ++t) blank[t] = sum += log_p(t, b, count_ - 1);
    blank[steps_] = 0;  // everything begins with nothing
  }
  state.insert(state.end(), {numbers, forward});
  return state;
}

// The hypothesis with a symbol behind it (Watanabe et al. 2017, algorithm 2).
void CtcJointSteps::advance(Row& row, int32_t symbol) const {
  const int64_t length = lengths_[static_cast<size_t>(row.input)];
  double before_said = kUnheard, before_blank = kUnheard;  // of the shorter one, at the step before
  double said = kUnheard, blank = kUnheard, whole = kUnheard;
  for (int64_t t = 0; t < length; ++t) {
    double came = sum_of_logs(before_blank, symbol == row.last ? kUnheard : before_said);
    if (t == 0) came = row.last < 0 ? 0 : kUnheard;
    before_said = row.said[t];
    before_blank = row.blank[t];
    const double heard = log_p(t, row.input, symbol);
    whole = std::max(sum_of_logs(whole, came + heard), kUnheard);
    blank = std::max(sum_of_logs(blank, said) + log_p(t, row.input, count_ - 1), kUnheard);
    said = std::max(sum_of_logs(said, came) + heard, kUnheard);
    row.said[t] = said;
    row.blank[t] = blank;
  }
  *row.whole = whole;
  row.last = symbol;
}

// ln P of each symbol behind the hypothesis, the end last.
void CtcJointSteps::score(const Row& row, std::vector<double>& out) const {
  const int64_t length = lengths_[static_cast<size_t>(row.input)], end = count_ - 1;
  // From which a new symbol can begin at a step: after any other symbol, and after the last one once more.
  std::vector<double> other(static_cast<size_t>(length)), same(other.size());
  double most = kUnheard;
  for (int64_t t = 0; t < length; ++t) {
    const bool first = t == 0;
    same[t] = first ? (row.last < 0 ? 0 : kUnheard) : row.blank[t - 1];
    other[t] = first ? same[t] : sum_of_logs(row.blank[t - 1], row.said[t - 1]);
    most = std::max(most, other[t]);
  }
  out.assign(static_cast<size_t>(count_), 0);
  for (int64_t t = 0; t < length; ++t) {
    const double* p = probabilities_.data() + (t * batch_ + row.input) * count_;
    const double from = std::exp(other[t] - most);
    for (int64_t v = 0; v < end; ++v) out[v] += (v == row.last ? std::exp(same[t] - most) : from) * p[v];
  }
  for (int64_t v = 0; v < end; ++v) out[v] = std::max(most + std::log(out[v]), kUnheard) - *row.whole;
  // Without a step nothing alone can be said.
  double all = row.last < 0 ? 0 : kUnheard;
  if (length > 0) all = sum_of_logs(row.said[length - 1], row.blank[length - 1]);
  out[static_cast<size_t>(end)] = std::max(all, kUnheard) - *row.whole;
}

StepModel::Step CtcJointSteps::step(const Tensor& symbols, const Tensors& state) const {
  const auto own = state.end() - static_cast<std::ptrdiff_t>(kOwnParts);
  Step out = model_.step(symbols, {state.begin(), own});
  Tensor numbers = own[0].clone(), forward = own[1].clone(), joint = out.log_probabilities.clone();
  const int64_t width = 2 * steps_ + 1;
  std::vector<double> scores;
  for (int64_t k = 0; k < numbers.size(0); ++k) {
    int32_t* number = numbers.data<int32_t>() + 2 * k;
    double* said = forward.data<double>() + k * width;
    Row row{.input = number[0], .last = number[1], .said = said, .blank = said + steps_, .whole = said + 2 * steps_};
    // The end is what a text begins with.
    if (const int32_t symbol = symbols.values<int32_t>()[static_cast<size_t>(k)]; symbol != count_ - 1) {
      advance(row, symbol);
      number[1] = symbol;
    }
    score(row, scores);
    float* to = joint.data<float>() + k * count_;
    for (int64_t v = 0; v < count_; ++v) {
      if (std::isinf(to[v])) continue;
      to[v] = static_cast<float>((1 - weight_) * double{to[v]} + weight_ * scores[static_cast<size_t>(v)]);
    }
  }
  out.log_probabilities = joint;
  out.state.insert(out.state.end(), {numbers, forward});
  return out;
}

Tensors CtcJointSteps::reorder(const Tensors& state, const Tensor& from) const {
  const auto own = state.end() - static_cast<std::ptrdiff_t>(kOwnParts);
  Tensors out = model_.reorder({state.begin(), own}, from);
  for (auto part = own; part != state.end(); ++part) out.push_back(index_select(*part, from));
  return out;
}

}  // namespace recur
