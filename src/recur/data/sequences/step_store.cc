#include "recur/data/sequences/step_store.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "recur/data/sequences/sequence_set.h"

namespace recur::internal {
namespace {

constexpr int32_t kNoLabel = std::numeric_limits<int32_t>::min();

template <class T>
void put(std::byte*& to, const T* from, size_t count) {
  std::memcpy(to, from, count * sizeof(T));
  to += count * sizeof(T);
}

template <class T>
void take(const std::byte*& from, T* to, size_t count) {
  std::memcpy(to, from, count * sizeof(T));
  from += count * sizeof(T);
}

}  // namespace

size_t StepLayout::steps_of(const Sequence& s) const { return channels == 0 ? 0 : s.values.size() / channels; }

std::span<const std::byte> StepLayout::pack(const Sequence& s, size_t begin, size_t end,
                                            std::span<std::byte> rows) const {
  assert((times || s.times.empty()) && (labels || s.step_labels.empty()));
  const double no_time = std::numeric_limits<double>::quiet_NaN();
  std::byte* to = rows.data();
  for (size_t t = begin; t < end; ++t) {
    if (times) put(to, s.times.empty() ? &no_time : &s.times[t], 1);
    put(to, &s.values[t * channels], channels);
    if (labels) put(to, s.step_labels.empty() ? &kNoLabel : &s.step_labels[t], 1);
  }
  return rows.first((end - begin) * row_bytes());
}

StepStore::StepStore(const StepLayout& layout) : StepStore(layout, std::make_unique<ScratchFile>(kStepPurpose)) {}

StepStore::StepStore(const StepLayout& layout, std::unique_ptr<ScratchFile> rows)
    : layout_(layout), rows_(std::move(rows)) {}

int64_t StepStore::append(const Sequence& s) {
  const int64_t first = layout_.row_bytes() == 0 ? 0 : rows_->size() / static_cast<int64_t>(layout_.row_bytes());
  layout_.pack(s, [&](std::span<const std::byte> rows) { rows_->append(rows); });
  return first;
}

void StepStore::read(int64_t first, int64_t steps, Sequence& out) const {
  const auto count = static_cast<size_t>(steps);
  out.values.resize(count * layout_.channels);
  out.times.resize(layout_.times ? count : 0);
  out.step_labels.resize(layout_.labels ? count : 0);
  const auto row_bytes = static_cast<int64_t>(layout_.row_bytes());
  if (!layout_.times && !layout_.labels) {
    rows_->read(first * row_bytes, std::as_writable_bytes(std::span(out.values)));
    return;
  }
  // In pieces: besides the sequence itself next to nothing is in memory.
  constexpr int64_t kPieceBytes = 1 << 16;
  const int64_t piece = std::max<int64_t>(kPieceBytes / row_bytes, 1);
  std::vector<std::byte> rows(static_cast<size_t>(std::min(piece, steps) * row_bytes));
  for (int64_t t = 0; t < steps; t += piece) {
    const auto some = std::span(rows).first(static_cast<size_t>(std::min(piece, steps - t) * row_bytes));
    rows_->read((first + t) * row_bytes, some);
    unpack(some, static_cast<size_t>(t), out);
  }
  if (!out.times.empty() && std::isnan(out.times[0])) out.times.clear();
  if (!out.step_labels.empty() && out.step_labels[0] == kNoLabel) out.step_labels.clear();
  if (new_labels_.empty()) return;
  for (int32_t& label : out.step_labels) label = label < 0 ? label : new_labels_[static_cast<size_t>(label)];
}

void StepStore::unpack(std::span<const std::byte> rows, size_t first, Sequence& out) const {
  const std::byte* from = rows.data();
  const size_t end = first + rows.size() / layout_.row_bytes();
  for (size_t t = first; t < end; ++t) {
    if (layout_.times) take(from, &out.times[t], 1);
    take(from, &out.values[t * layout_.channels], layout_.channels);
    if (layout_.labels) take(from, &out.step_labels[t], 1);
  }
}

void StepStore::relabel(std::span<const int32_t> new_labels) {
  if (new_labels_.empty()) {
    new_labels_.assign(new_labels.begin(), new_labels.end());
    return;
  }
  for (int32_t& label : new_labels_) label = new_labels[static_cast<size_t>(label)];
}

void free_steps(Sequence& s) {
  s.values = std::vector<float>();
  s.times = std::vector<double>();
  s.step_labels = std::vector<int32_t>();
}

}  // namespace recur::internal
