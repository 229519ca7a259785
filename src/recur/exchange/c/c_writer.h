// A model as C: one source and one header in C99, which need nothing but <stdint.h>.
#pragma once

#include <filesystem>
#include <string>

#include "recur/exchange/c/c_model.h"

namespace recur::c {

struct Program {
  std::string header, source;
};

// What the model takes on a device.
struct Footprint {
  int64_t flash = 0;     // bytes of the weights
  int64_t ram = 0;       // bytes of the state
  int64_t products = 0;  // multiplications and additions of a step
};
Footprint footprint_of(const Model& model);

// `name` begins all names: NAME_state, NAME_reset, NAME_step, NAME_self_test. Throws UsageError where it is no name of
// C.
Program write_program(const Model& model, const std::string& name);

// Writes `path`, which ends in .c, and the header beside it; the names begin with the file's. Throws Error for a model
// that has no C code.
Footprint export_c(const Trained& trained, const std::filesystem::path& path);

}  // namespace recur::c
