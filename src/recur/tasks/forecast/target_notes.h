// What is worth saying about the columns that were taken for targets.
#pragma once

#include <string>

#include "recur/tasks/forecast/panel_data.h"

namespace recur {

// Names the targets of several that have one or two values in all: flags and prices that never change tell little when
// they are forecast, and weigh in every metric as much as the others. Empty: there are none.
std::string narrow_targets_note(const PanelData& data);

}  // namespace recur
