#include "recur/data/text/lm_batcher.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int64_t kShortestRandom = 5;
constexpr int64_t kBeyondSteps = 25;  // five standard deviations
constexpr float kDeviation = 5.0f;
constexpr double kHalfShare = 0.05;

void check_positive(int64_t batch, int64_t steps) {
  if (batch < 1) fail_usage("batch: expected 1 or more, got {}", batch);
  if (steps < 1) fail_usage("bptt: expected 1 or more steps, got {}", steps);
}

// Spreads symbols row[0, count] of stream b over column b: inputs but the last, targets but the first.
void put_column(std::span<const int32_t> row, int64_t b, int64_t batch, std::span<int32_t> inputs,
                std::span<int32_t> targets) {
  for (size_t t = 0; t + 1 < row.size(); ++t) {
    const size_t at = t * static_cast<size_t>(batch) + static_cast<size_t>(b);
    inputs[at] = row[t];
    targets[at] = row[t + 1];
  }
}

}  // namespace

LmBatcher::LmBatcher(const Corpus& corpus, const LmBatcherOptions& options) : corpus_(corpus), options_(options) {
  check_positive(options.batch, options.steps);
  stream_ = corpus.size() / options.batch;
  if (stream_ < 2) {
    fail(
        "the text has {} symbols, too few for a batch of {} streams (at least {}); use a longer text or a batch of at "
        "most {}",
        corpus.size(), options.batch, 2 * options.batch, std::max<int64_t>(corpus.size() / 2, 1));
  }
  cursor_.random = Random(options.seed).state();
  row_.resize(static_cast<size_t>(max_steps()) + 1);
}

int64_t LmBatcher::max_steps() const {
  const int64_t most = options_.random_steps ? options_.steps + kBeyondSteps : options_.steps;
  return std::min(most, stream_ - 1);
}

double LmBatcher::progress() const {
  return static_cast<double>(cursor_.position) / static_cast<double>(steps_per_pass());
}

void LmBatcher::set_cursor(const Cursor& cursor) {
  if (cursor.position < 0 || cursor.position >= steps_per_pass() || cursor.epoch < 0) {
    fail("the place in the text to go on from (step {} of epoch {}) is not in it: a stream has {} steps",
         cursor.position, cursor.epoch, steps_per_pass());
  }
  cursor_ = cursor;
}

int64_t LmBatcher::draw_steps() {
  if (!options_.random_steps) return options_.steps;
  Random random(cursor_.random);
  const auto steps = static_cast<float>(options_.steps);
  const float base = random.bernoulli(kHalfShare) ? steps / 2 : steps;
  const auto drawn = static_cast<int64_t>(std::lround(base + kDeviation * random.normal()));
  cursor_.random = random.state();
  return std::clamp(drawn, kShortestRandom, options_.steps + kBeyondSteps);
}

LmWindow LmBatcher::next(std::span<int32_t> inputs, std::span<int32_t> targets) {
  LmWindow window{.starts_pass = cursor_.position == 0};
  window.steps = std::min(draw_steps(), steps_per_pass() - cursor_.position);
  window.symbols = window.steps * options_.batch;
  assert(static_cast<int64_t>(std::min(inputs.size(), targets.size())) >= window.symbols);
  const auto row = std::span(row_).first(static_cast<size_t>(window.steps) + 1);
  for (int64_t b = 0; b < options_.batch; ++b) {
    corpus_.read(b * stream_ + cursor_.position, row);
    put_column(row, b, options_.batch, inputs, targets);
  }
  cursor_.position += window.steps;
  window.ends_pass = cursor_.position == steps_per_pass();
  if (window.ends_pass) cursor_.position = 0, ++cursor_.epoch;
  return window;
}

LmSweep::LmSweep(const Corpus& corpus, int64_t batch, int64_t steps) : corpus_(corpus), batch_(batch), steps_(steps) {
  check_positive(batch, steps);
  if (symbols() < 1) fail("the text has {} symbol: there is none to predict", corpus.size());
  batch_ = std::min(batch, symbols());
  steps_ = std::min(steps, (symbols() - 1) / batch_ + 1);
  row_.resize(static_cast<size_t>(steps_) + 1);
}

LmWindow LmSweep::next(std::span<int32_t> inputs, std::span<int32_t> targets) {
  // The first `longer` streams have one step more than the others.
  const int64_t shortest = symbols() / batch_, longer = symbols() % batch_;
  const int64_t longest = shortest + (longer > 0 ? 1 : 0);
  if (position_ == longest) return {};
  LmWindow window{.steps = std::min(steps_, longest - position_), .starts_pass = position_ == 0};
  assert(static_cast<int64_t>(std::min(inputs.size(), targets.size())) >= window.steps * batch_);
  for (int64_t b = 0; b < batch_; ++b) {
    const int64_t begin = b * shortest + std::min(b, longer), length = shortest + (b < longer ? 1 : 0);
    const int64_t count = std::min(window.steps, length - position_);
    const auto row = std::span(row_).first(static_cast<size_t>(count) + 1);
    if (count > 0) corpus_.read(begin + position_, row);
    if (count > 0) put_column(row, b, batch_, inputs, targets);
    if (count < window.steps) {
      const auto at = static_cast<size_t>(count * batch_ + b);
      inputs[at] = 0, targets[at] = kNoTarget;
    }
    window.symbols += count;
  }
  position_ += window.steps;
  window.ends_pass = position_ == longest;
  return window;
}

}  // namespace recur
