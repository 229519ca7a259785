// Whether attributions depend on what a model has learnt: Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, "Sanity
// checks for saliency maps" (2018).
#pragma once

#include <vector>

#include "recur/base/random.h"
#include "recur/nn/module.h"

namespace recur {

// Replaces every parameter, and every buffer called "weight", which a linear path learns without gradients, by normal
// numbers of its own mean and deviation.
void randomise(Module& module, Random& random);

// Spearman's: the correlation of the ranks of two lists of equal length, equal values having the mean of their ranks. 0
// where a list does not vary.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace recur
