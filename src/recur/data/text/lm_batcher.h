// Batches for a language model: B places of the text read side by side, a window of T symbols at a time, so that the
// state at the end of one window is the state at the start of the next (truncated back-propagation through time).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/text/corpus.h"

namespace recur {

// One window. Element (t, b) of inputs and targets is at t * batch + b; the target is the symbol after the input.
struct LmWindow {
  int64_t steps = 0;         // T of this window
  int64_t symbols = 0;       // targets that count: steps * batch, less the kNoTarget ones
  bool starts_pass = false;  // the state must be reset before it
  bool ends_pass = false;    // the next window starts from the beginning of the text
};

// The target of a place that has run out of text, in LmSweep; its input is symbol 0.
constexpr int32_t kNoTarget = -1;

struct LmBatcherOptions {
  int64_t batch = 32;  // B
  int64_t steps = 64;  // T
  // Windows of random length (Merity, Keskar and Socher, 2018): normal with standard deviation 5 around T, or around
  // T/2 in one window of twenty, at least 5 and at most T + 25 steps.
  bool random_steps = false;
  uint64_t seed = 1;
};

// Endless windows for training. Stream b is the symbols from b * (n / B) on; the up to B - 1 symbols behind the last
// stream are not used. The last window of a pass is as short as the text leaves it.
class LmBatcher {
 public:
  // Where it stands: a value to store and to go on from exactly.
  struct Cursor {
    int64_t position = 0;  // in each stream
    int64_t epoch = 0;     // passes completed
    Random::State random;

    bool operator==(const Cursor&) const = default;
  };

  // The corpus must outlive it. Throws Error when a stream would be shorter than two symbols.
  LmBatcher(const Corpus& corpus, const LmBatcherOptions& options);

  // Writes the next window; each buffer must have room for max_steps() * B.
  LmWindow next(std::span<int32_t> inputs, std::span<int32_t> targets);

  int64_t batch() const { return options_.batch; }
  int64_t max_steps() const;
  int64_t steps_per_pass() const { return stream_ - 1; }
  double progress() const;  // of the pass, 0 to below 1

  const Cursor& cursor() const { return cursor_; }
  void set_cursor(const Cursor& cursor);  // throws Error when it cannot be of this text

 private:
  int64_t draw_steps();

  const Corpus& corpus_;
  LmBatcherOptions options_;
  int64_t stream_;  // symbols of each stream
  Cursor cursor_;
  std::vector<int32_t> row_;
};

// One pass for evaluation: every symbol but the first of the text is a target exactly once. Streams differ in length by
// at most one symbol, so only the last step can have places without a target.
class LmSweep {
 public:
  // B is lowered for a text with fewer than B targets. Throws Error for a text of one symbol.
  LmSweep(const Corpus& corpus, int64_t batch, int64_t steps);

  // Writes the next window, for which the buffers have room for steps * batch(); steps is 0 when all is done.
  LmWindow next(std::span<int32_t> inputs, std::span<int32_t> targets);

  int64_t batch() const { return batch_; }
  int64_t symbols() const { return corpus_.size() - 1; }  // targets in all

 private:
  const Corpus& corpus_;
  int64_t batch_, steps_;
  int64_t position_ = 0;
  std::vector<int32_t> row_;
};

}  // namespace recur
