// Any bytes are the same sequences, or the same Error, whether they are kept in memory or go to disk step by step. The
// first byte chooses the format and options, as in sequences_fuzz.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/sequences/read_sequences.h"

namespace {

struct Outcome {
  recur::SequenceSet set;
  std::string error;
};

Outcome read(const std::vector<recur::DataFile>& files, recur::SequenceOptions options, std::int64_t memory_bytes) {
  options.memory_bytes = memory_bytes;
  try {
    return {.set = recur::read_sequences(files, options), .error = {}};
  } catch (const recur::Error& error) {
    return {.set = {}, .error = error.what()};
  }
}

bool same(const recur::Sequence& a, const recur::Sequence& b) {
  const auto same_value = [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return a.id == b.id && std::ranges::equal(a.values, b.values, same_value) && a.times == b.times &&
         a.labels == b.labels && a.step_labels == b.step_labels && a.statics == b.statics &&
         a.place.line == b.place.line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<const char*, 8> kFormats{"csv", "tsv", "jsonl", "ts", "tsf", "npy", "npz", "idx"};
  if (size < 2) return 0;
  recur::SequenceOptions options;
  options.format = kFormats[data[0] % kFormats.size()];
  options.repeats = (data[0] & 8) != 0 ? recur::Repeats::kMean : recur::Repeats::kFail;
  options.sort_time = (data[0] & 16) != 0;
  options.need_labels = (data[0] & 32) == 0;
  options.columns.layout = static_cast<recur::Layout>(data[0] >> 6);
  options.max_values = 1 << 16;
  const std::vector<recur::DataFile> files{
      recur::DataFile::from_memory("input", std::string(reinterpret_cast<const char*>(data) + 2, size - 2))};
  const Outcome memory = read(files, options, std::int64_t{1} << 30), disk = read(files, options, data[1] + 1);
  if (memory.error != disk.error || memory.set.size() != disk.set.size()) __builtin_trap();
  if (memory.set.notes != disk.set.notes || memory.set.step_classes != disk.set.step_classes) __builtin_trap();
  for (std::int64_t i = 0; i < memory.set.size(); ++i) {
    if (!same(*memory.set.load(i), *disk.set.load(i))) __builtin_trap();
  }
  return 0;
}
