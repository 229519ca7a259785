// The Gaussian error linear unit by tanh (Hendrycks and Gimpel, 2016), x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715
// x^3))), which is x sigmoid(kGeluSlope (x + kGeluCubic x^3)): no digits are lost below 0 in that form.
#pragma once

namespace recur::kernels {

inline constexpr double kGeluSlope = 1.5957691216057308;  // 2 sqrt(2 / pi)
inline constexpr double kGeluCubic = 0.044715;
inline constexpr double kGeluBound = 12;  // beyond, the sigmoid is 0 or 1 in f32

}  // namespace recur::kernels
