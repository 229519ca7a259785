// tanh x = x P(x^2) / Q(x^2), minimax in relative error over |x| <= 7.9 (6e-9 before rounding, 3e-7 after; fitted by
// linearised least squares with Lawson's weights); beyond, 1.
#pragma once

namespace recur::kernels {

inline constexpr float kTanhMost = 7.9f;
// From the highest power down.
inline constexpr float kTanhP[] = {1.54282195e-08f, 2.20234178e-05f, 0.00357900235f, 0.134506292f, 1.0f};
inline constexpr float kTanhQ[] = {8.59887935e-07f, 0.000342366755f, 0.0261922771f, 0.467839572f, 1.0f};

}  // namespace recur::kernels
