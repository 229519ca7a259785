// Logistic regression of one yes-or-no answer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// The weights [features + 1], the constant last, that minimise the sum of the answers' cross-entropy in nats plus
// |w|^2 / (2 C) of all but the constant: by Newton's method, to the last digits. x [N, features]; answers 1, 0, or NaN
// for one that is not known and counts for nothing.
std::vector<double> fit_logistic(std::span<const float> x, std::span<const float> answers, int64_t features,
                                 double c = 1);

// The logit of one example.
double logit(std::span<const double> weights, std::span<const float> x);

}  // namespace recur
