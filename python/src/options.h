// The options of Recur as keyword arguments.
#pragma once

#include <string>
#include <vector>

#include "binding.h"
#include "recur/base/config.h"

namespace recur::python {

struct Option {
  std::string key;
  std::string value;     // as --set takes it, or an array in TOML
  bool is_list = false;  // the second
};
using Options = std::vector<Option>;

// Values that are None are left out: they stand for the default. Throws TypeError for what no option can be.
Options options_of(const nb::dict& given);

// Throws UsageError for a key that there is not, suggesting the nearest, and for a value that does not fit.
void set_options(const Options& options, Config& config);

// What `config` has: a list of (key, section, type, default, choices, help).
nb::list fields_of(const Config& config);

}  // namespace recur::python
