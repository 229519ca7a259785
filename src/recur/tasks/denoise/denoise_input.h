// Whether files hold pictures or series.
#pragma once

#include <string>

#include "recur/tasks/trained.h"

namespace recur {

// "pictures" or "series", by the names, contents and shapes of the files. Throws UsageError where they are of both
// kinds, and for arrays of which there are two likely readings: [N, T], and [N, H, W] unless of bytes or square.
std::string input_of(const DataFiles& files);

}  // namespace recur
