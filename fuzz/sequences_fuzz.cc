// Any bytes, read as any format of sequences, are sequences that keep the promises of Sequence, or an Error. The first
// byte chooses the format and options.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_statistics.h"

namespace {

void check(bool kept) {
  if (!kept) __builtin_trap();
}

void check_sequence(const recur::SequenceSet& set, const recur::Sequence& s) {
  const auto steps = static_cast<std::size_t>(set.length(s));
  check(s.values.size() == steps * set.channels.size());
  check(s.times.empty() ? set.time_kind == recur::TimeKind::kNone || steps == 0 : s.times.size() == steps);
  check(s.step_labels.empty() || s.step_labels.size() == steps);
  check(s.labels.size() == set.labels.size() && s.statics.size() == set.statics.size());
  for (std::size_t t = 1; t < s.times.size(); ++t) check(s.times[t] > s.times[t - 1]);
  for (const float value : s.values) check(!std::isinf(value));
  for (const std::int32_t label : s.step_labels) check(label < static_cast<std::int32_t>(set.step_classes.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<const char*, 8> kFormats{"csv", "tsv", "jsonl", "ts", "tsf", "npy", "npz", "idx"};
  if (size == 0) return 0;
  recur::SequenceOptions options;
  options.format = kFormats[data[0] % kFormats.size()];
  options.repeats = (data[0] & 8) != 0 ? recur::Repeats::kMean : recur::Repeats::kFail;
  options.sort_time = (data[0] & 16) != 0;
  options.need_labels = (data[0] & 32) == 0;
  options.columns.layout = static_cast<recur::Layout>(data[0] >> 6);
  options.max_values = 1 << 16;
  const std::vector<recur::DataFile> files{
      recur::DataFile::from_memory("input", std::string(reinterpret_cast<const char*>(data) + 1, size - 1))};
  try {
    const recur::SequenceSet set = recur::read_sequences(files, options);
    for (const recur::Sequence& s : set.sequences) check_sequence(set, s);
    recur::sequence_statistics(set);
    check(recur::Columns::from_text(set.columns.to_text()).complete);
  } catch (const recur::Error&) {
  }
  return 0;
}
