// Any bytes, read as a sound, are finite samples at a rate that can be resampled and transformed, or an Error; read as
// a list of sounds they are rows with texts of UTF-8, or an Error. The first byte chooses.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/base/error.h"
#include "recur/data/audio/resample.h"
#include "recur/data/audio/sound_file.h"
#include "recur/data/audio/spectral_features.h"
#include "recur/data/audio/transcripts.h"
#include "recur/data/files/utf8.h"

namespace {

void read_as_sound(std::string bytes) {
  constexpr std::int64_t kMost = 1 << 16;
  const recur::SoundFile file = recur::read_sound(recur::DataFile::from_memory("input.wav", std::move(bytes)), kMost);
  if (file.sound.samples.empty() || file.channels < 1) __builtin_trap();
  for (const float x : file.sound.samples) {
    if (!std::isfinite(x)) __builtin_trap();
  }
  const std::vector<float> samples = recur::at_speed(file.sound.samples, 0.9);
  static const recur::SpectralFeatures features(recur::SpectralOptions{});
  recur::FrameRows rows = features(samples);
  if (rows.steps() != features.steps(static_cast<std::int64_t>(samples.size()))) __builtin_trap();
  recur::normalise(rows, recur::moments_of(rows));
}

void read_as_list(std::string bytes, const char* name, bool texts) {
  const recur::DataFile files[] = {recur::DataFile::from_memory(name, std::move(bytes))};
  for (const recur::Transcript& item : recur::read_transcripts(files, {.need_texts = texts}).items) {
    if (recur::find_invalid_utf8(item.text) != recur::kNoPosition) __builtin_trap();
    if (texts && item.text.empty()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 4 == 1) {
      read_as_list(std::move(bytes), "list.tsv", (data[0] & 4) != 0);
    } else if (data[0] % 4 == 2) {
      read_as_list(std::move(bytes), (data[0] & 8) != 0 ? "list.csv" : "list.jsonl", (data[0] & 4) != 0);
    } else {
      read_as_sound(std::move(bytes));
    }
  } catch (const recur::Error&) {
  }
  return 0;
}
