// The newer recurrences (docs/recurrences.md) as C: what a program keeps of each, and its step.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/exchange/c/c_model.h"
#include "recur/tensor/named_tensors.h"

namespace recur::c {

bool is_recurrence(std::string_view kind);

// The parameters of a layer as its step reads them: where that is only a function of them, its value, computed in f64.
// REQUIRES: is_recurrence(kind)
NamedTensors step_parts(std::string_view kind, const NamedTensors& parameters);

// A part of a layer by its name; null: it has none.
const Matrix* find_part(const Layer& layer, std::string_view name);

// Floats that are kept from step to step, 0 at first.
struct Kept {
  std::string name;  // "h"; in the state the number of the layer is behind it
  int64_t count = 0;
};
std::vector<Kept> kept_by(const Layer& layer);
// Floats of state->x that a step works in.
int64_t room_of(const Layer& layer);

// What the writer does for a step.
struct StepWriter {
  std::function<std::string(std::string_view part)> array;  // the part's name in the program; "0": it has none
  // y = weight x + bias
  std::function<std::string(std::string_view weight, std::string_view bias, std::string_view x, std::string_view y)>
      affine;
};

// The statements of a step from `input` to `y`, which are different arrays; x is the room, and each kept array is
// called by its name.
std::string recurrence_text(const Layer& layer, const StepWriter& write);

}  // namespace recur::c
