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
  std::vector<int32_t> order = numbers(lengths_.size());
  random.shuffle(std::span(order));
  batches_.clear();
  const auto pool = static_cast<size_t>(options_.batch * options_.pool);
  for (size_t begin = 0; begin < order.size(); begin += pool) {
    const auto part = std::span(order).subspan(begin, std::min(pool, order.size() - begin));
    sort_by_length(part, lengths_);
    cut(part, lengths_, options_, batches_);
  }
  random.shuffle(std::span(batches_));
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
