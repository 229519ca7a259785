#include "recur/data/bucket_batcher.h"

#include <algorithm>
#include <numeric>

#include "recur/base/error.h"
#include "recur/base/random.h"

namespace recur {
namespace {

using Batches = std::vector<std::vector<int32_t>>;

std::vector<int32_t> numbers(size_t count) {
  std::vector<int32_t> result(count);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

std::vector<int32_t> random_order(size_t count, Random& random) {
  std::vector<int32_t> order = numbers(count);
  random.shuffle(std::span(order));
  return order;
}

// Runs of neighbours in random order. The last run of the data may be shorter.
std::vector<int32_t> order_of_runs(size_t count, int64_t run, Random& random) {
  const auto size = static_cast<size_t>(run);
  std::vector<int32_t> order;
  order.reserve(count);
  for (const int32_t index : random_order((count + size - 1) / size, random)) {
    const size_t begin = static_cast<size_t>(index) * size, end = std::min(begin + size, count);
    for (size_t i = begin; i < end; ++i) order.push_back(static_cast<int32_t>(i));
  }
  return order;
}

// Cuts sequences that are sorted by length; the longest of a batch is its last.
void cut(std::span<const int32_t> sorted, const std::vector<int64_t>& lengths, const BucketOptions& options,
         Batches& out) {
  std::vector<int32_t> batch;
  for (const int32_t sequence : sorted) {
    const int64_t size = std::ssize(batch) + 1;
    const bool full = size > options.batch || size * lengths[sequence] > options.most_steps;
    if (full && !batch.empty()) out.push_back(std::exchange(batch, {}));
    batch.push_back(sequence);
  }
  if (!batch.empty()) out.push_back(std::move(batch));
}

void sort_by_length(std::span<int32_t> sequences, const std::vector<int64_t>& lengths) {
  std::ranges::stable_sort(sequences, {}, [&](int32_t sequence) { return lengths[sequence]; });
}

}  // namespace

BucketBatcher::BucketBatcher(std::vector<int64_t> lengths, const BucketOptions& options)
    : lengths_(std::move(lengths)), options_(options) {
  if (lengths_.empty()) fail("there are no sequences to make batches of");
  plan();
}

void BucketBatcher::plan() {
  Random random(options_.seed, static_cast<uint64_t>(cursor_.epoch));
  const bool by_windows = options_.run > 1;
  std::vector<int32_t> order =
      by_windows ? order_of_runs(lengths_.size(), options_.run, random) : random_order(lengths_.size(), random);
  batches_.clear();
  const auto pool =
      static_cast<size_t>(std::max(options_.batch * options_.pool / options_.run, int64_t{1}) * options_.run);
  for (size_t begin = 0; begin < order.size(); begin += pool) {
    const auto part = std::span(order).subspan(begin, std::min(pool, order.size() - begin));
    const size_t batches_before = batches_.size();
    if (by_windows) random.shuffle(part);
    sort_by_length(part, lengths_);
    cut(part, lengths_, options_, batches_);
    if (by_windows) random.shuffle(std::span(batches_).subspan(batches_before));
  }
  if (!by_windows) random.shuffle(std::span(batches_));
}

BucketBatcher::Batch BucketBatcher::next() {
  if (cursor_.position == batches_per_pass()) {
    cursor_ = {.epoch = cursor_.epoch + 1};
    plan();
  }
  const auto& batch = batches_[static_cast<size_t>(cursor_.position++)];
  return {.sequences = batch, .ends_pass = cursor_.position == batches_per_pass()};
}

double BucketBatcher::epoch() const {
  return static_cast<double>(cursor_.epoch) +
         static_cast<double>(cursor_.position) / static_cast<double>(batches_per_pass());
}

void BucketBatcher::set_cursor(const Cursor& cursor) {
  if (cursor.epoch < 0) fail("the place in the data is damaged: pass {}", cursor.epoch);
  cursor_ = cursor;
  plan();
  if (cursor.position < 0 || cursor.position > batches_per_pass()) {
    fail("the place in the data is damaged: batch {} of {}", cursor.position, batches_per_pass());
  }
}

std::vector<std::vector<int32_t>> batches_by_length(const std::vector<int64_t>& lengths, const BucketOptions& options) {
  std::vector<int32_t> order = numbers(lengths.size());
  sort_by_length(order, lengths);
  Batches result;
  cut(order, lengths, options, result);
  return result;
}

}  // namespace recur
