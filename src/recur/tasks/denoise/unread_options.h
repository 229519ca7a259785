// Options that were given, and that training does not read.
#pragma once

#include "recur/tasks/denoise/denoise_options.h"

namespace recur {

// Throws UsageError naming the options that neither the kind of data, the noise nor the network reads and that are not
// as in `usual`, those of the model that training begins from, or the defaults. The kind of data must have been chosen.
void refuse_unread_options(const DenoiseOptions& options, const DenoiseOptions& usual = {});

}  // namespace recur
