// The options that nobody has set, by environment.
#pragma once

#include "recur/environments/environment.h"
#include "recur/tasks/act/act_options.h"

namespace recur {

// Sets what is left open.
void choose_defaults(ActOptions& options, const EnvironmentSpec& spec);
// The learning rate that goes with them.
double usual_rate(const ActOptions& options, const EnvironmentSpec& spec);

}  // namespace recur
