// The texts of layers without a state of their own, but convolutions: what stands in a function of x and y.
#pragma once

#include <cstdint>
#include <string>

#include "recur/exchange/c/c_model.h"

namespace recur::c {

// The shortest text of a float that C reads as the same. Throws Error for what is no number.
std::string number(float value);
std::string number(int8_t value);

// Steps that the ring of a convolution holds.
int64_t reach_of(const Layer& layer);

// `weight` and `bias`: the arrays' names.
std::string scale_text(const Layer& layer, const std::string& weight, const std::string& bias);
std::string norm_text(const Layer& layer, const std::string& weight, const std::string& bias);
std::string conv_text(size_t k, const Layer& layer, const std::string& weight, const std::string& bias);
std::string causal_conv_text(size_t k, const Layer& layer, const std::string& weight, const std::string& bias);
std::string activation_text(const Layer& layer);
// A statement for every i below the layer's features.
std::string each_text(const Layer& layer, const std::string& statement);

}  // namespace recur::c
