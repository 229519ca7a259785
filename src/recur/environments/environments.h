// The environments that are built in, and those that are other programs, by their names.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "recur/environments/environment.h"

namespace recur {

struct EnvironmentKind {
  std::string name;     // "t-maze"
  std::string variant;  // what may stand behind a colon: "LENGTH"; "": nothing
  std::string summary;  // one line
};

// In the order to list them; "command" is among them.
std::span<const EnvironmentKind> environment_kinds();

struct EnvironmentOptions {
  std::chrono::duration<double> timeout = std::chrono::seconds(60);  // of an answer of another program
};

// A new environment of a name such as "cart-pole:positions" or "command:python3 my_env.py" (command_environment.h).
// Throws UsageError for an unknown one, with the nearest name; Error when another program does not begin as it should.
std::unique_ptr<Environment> make_environment(std::string_view name, const EnvironmentOptions& options = {});

// Whether the name makes another program run.
bool is_command_environment(std::string_view name);

}  // namespace recur
