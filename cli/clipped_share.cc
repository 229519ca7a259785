#include "cli/clipped_share.h"

#include "recur/base/log.h"
#include "recur/data/audio/wave_writer.h"

namespace recur::cli {

void ClippedShare::add(std::span<const float> samples) {
  samples_ += std::ssize(samples);
  clipped_ += count_clipped(samples);
}

void ClippedShare::note() const {
  if (clipped_ == 0) return;
  log_info("the sound is clipped: {:.2g} % of its samples are at full scale", 100 * share());
}

}  // namespace recur::cli
