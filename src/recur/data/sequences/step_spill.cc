#include "recur/data/sequences/step_spill.h"

#include <algorithm>
#include <memory>

#include "recur/data/files/byte_limits.h"

namespace recur::internal {

int64_t memory_bytes(const SequenceOptions& options) {
  return options.memory_bytes > 0 ? options.memory_bytes : usual_memory_bytes();
}

StepSpill::StepSpill(SequenceSet& set, const SequenceOptions& options)
    : set_(set), memory_bytes_(memory_bytes(options)) {}

void StepSpill::spill() {
  allocated_ = 0;
  std::ranges::fill(charged_, 0);
  if (!grouper_) {
    layout_ = {.channels = set_.channels.size(),
               .times = set_.time_kind != TimeKind::kNone,
               .labels = !set_.columns.step_labels.empty()};
    grouper_.emplace(layout_.row_bytes(), kStepPurpose);
  }
  for (size_t i = 0; i < set_.sequences.size(); ++i) {
    Sequence& s = set_.sequences[i];
    if (s.values.empty()) continue;
    layout_.pack(s, [&](std::span<const std::byte> rows) { grouper_->append(i, rows); });
    free_steps(s);
  }
}

void StepSpill::finish() {
  if (!grouper_) return;
  spill();
  const int64_t bytes = grouper_->rows() * static_cast<int64_t>(layout_.row_bytes());
  int64_t first = 0;
  for (size_t i = 0; i < set_.sequences.size(); ++i) {
    const int64_t steps = grouper_->rows(i);
    set_.sequences[i].stored = {.store = 0, .first = first, .steps = steps};
    first += steps;
  }
  set_.stores = {std::make_shared<StepStore>(layout_, grouper_->finish())};
  if (bytes <= memory_bytes_) load_all();
}

void StepSpill::load_all() {
  for (Sequence& s : set_.sequences) {
    set_.stores[0]->read(s.stored.first, s.stored.steps, s);
    s.stored = {};
  }
  set_.stores.clear();
}

}  // namespace recur::internal
