// Arrays and recurrent states in checkpoints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/io/checkpoint.h"
#include "recur/nn/recurrent.h"

namespace recur {

// The numbers must live until the state is saved, as tensors do.
void save_floats(StateWriter& state, const std::string& name, std::span<const float> values);
// Throws Error for another count.
std::vector<float> load_floats(const StateReader& state, const std::string& name, size_t expected);
std::vector<float> load_floats(const StateReader& state, const std::string& name);  // any count

void save_recurrent(StateWriter& state, const std::string& name, const RecurrentState& value);
RecurrentState load_recurrent(const StateReader& state, const std::string& name);

}  // namespace recur
