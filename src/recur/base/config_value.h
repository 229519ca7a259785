// The values an option can have, and their text: what stands after --set key= and in help.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace recur {

// A length of time in an options struct: "30m" in a file, Seconds(1800) here.
using Seconds = std::chrono::duration<double>;

enum class ConfigType { kBool, kInteger, kReal, kDuration, kText, kIntegers, kTexts };

// One value of an option: nothing (an optional that is not set), or what its type says; a duration is its seconds.
using ConfigValue = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                                 std::vector<std::string>>;

// "integer", "number", "duration", ... as error messages and tables say it.
std::string_view type_name(ConfigType type);

// The value that a text stands for, or nothing when it is not of the type:
//   kBool true, false, 1, 0    kInteger 128, -1    kReal 0.5, 1e-3 (no inf, no nan)    kDuration as parse_duration
//   kText anything             kIntegers, kTexts   512,256 or [512, 256]
std::optional<ConfigValue> parse_value(ConfigType type, std::string_view text);

// The text that parse_value() turns back into the same value; "none" for nothing.
std::string to_text(ConfigType type, const ConfigValue& value);

// Seconds in "45s", "30m", "2h", "1d", "500ms", sums of them with the larger unit first ("1h30m"), or a plain number
// of seconds ("90"). Nothing for other texts, for negative and for endless times.
std::optional<double> parse_duration(std::string_view text);

// The shortest such text of exactly this time: 5400 is "1h30m", 0.25 is "0.25s".
std::string format_duration(double seconds);

}  // namespace recur
