// The moments of all training sounds as a model keeps them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "recur/data/audio/spectral_features.h"

namespace recur {

// As a JSON object, exactly.
std::string moments_text(const FeatureMoments& moments);

// What moments_text() gave, of `width` features. Throws Error: it is untrusted input.
FeatureMoments read_moments(std::string_view text, int64_t width);

}  // namespace recur
