// One option: its key, help, limits and the variable it stands for.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "recur/base/config_value.h"

namespace recur {

// The numbers an option may take; of a list, each element. Both ends belong to it unless open.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool open_min = false;
  bool open_max = false;

  bool contains(double value) const {
    return (open_min ? value > min : value >= min) && (open_max ? value < max : value <= max);
  }
  // "in [0, 1)", ">= 1", "> 0"; "" without limits.
  std::string text() const;
};

// The texts an option may take; of a list, each element.
struct OneOf {
  OneOf(std::initializer_list<std::string> texts) : choices(texts) {}
  explicit OneOf(std::vector<std::string> texts) : choices(std::move(texts)) {}

  std::vector<std::string> choices;
};

// What is written where the text of an option says; most name files that are read, or none.
enum class Writes { kNothing, kFile, kFolder };

// What Config keeps of an option. The functions refer to the options struct, which must outlive them.
struct ConfigField {
  std::string section;  // heading in files and tables; "" before the first
  std::string key;      // snake_case, unique in the whole configuration
  std::string help;
  ConfigType type = ConfigType::kText;
  bool optional = false;  // may be nothing
  bool single = false;    // a float: its text needs fewer digits
  // Limits of the variable's own integer type.
  std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  Range range;
  std::vector<std::string> choices;
  Writes writes = Writes::kNothing;
  ConfigValue default_value;
  bool given = false;  // set by a file or an override

  std::function<ConfigValue()> get;
  std::function<void(const ConfigValue&)> set;  // a value of the type, already checked

  // "integer in [1, 65536]", "one of rnn, lstm, gru", "duration (optional)".
  std::string type_text() const;
  // As --set takes it.
  std::string value_text() const { return text_of(get()); }
  std::string default_text() const { return text_of(default_value); }
  std::string text_of(const ConfigValue& value) const;
  // "--batch-size" of batch_size.
  std::string flag() const;
};

namespace internal {

// How a variable's type is written: its ConfigType, and the way to and from a ConfigValue.
template <class T>
struct ConfigTraits;

template <>
struct ConfigTraits<bool> {
  static constexpr ConfigType kType = ConfigType::kBool;
  static ConfigValue to(bool value) { return value; }
  static bool from(const ConfigValue& value) { return std::get<bool>(value); }
};

template <std::integral T>
struct ConfigTraits<T> {
  static constexpr ConfigType kType = ConfigType::kInteger;
  static ConfigValue to(T value) { return static_cast<std::int64_t>(value); }
  static T from(const ConfigValue& value) { return static_cast<T>(std::get<std::int64_t>(value)); }
};

template <std::floating_point T>
struct ConfigTraits<T> {
  static constexpr ConfigType kType = ConfigType::kReal;
  static ConfigValue to(T value) { return static_cast<double>(value); }
  static T from(const ConfigValue& value) { return static_cast<T>(std::get<double>(value)); }
};

template <>
struct ConfigTraits<Seconds> {
  static constexpr ConfigType kType = ConfigType::kDuration;
  static ConfigValue to(Seconds value) { return value.count(); }
  static Seconds from(const ConfigValue& value) { return Seconds(std::get<double>(value)); }
};

template <>
struct ConfigTraits<std::string> {
  static constexpr ConfigType kType = ConfigType::kText;
  static ConfigValue to(const std::string& value) { return value; }
  static std::string from(const ConfigValue& value) { return std::get<std::string>(value); }
};

template <>
struct ConfigTraits<std::vector<std::string>> {
  static constexpr ConfigType kType = ConfigType::kTexts;
  static ConfigValue to(const std::vector<std::string>& value) { return value; }
  static std::vector<std::string> from(const ConfigValue& value) { return std::get<std::vector<std::string>>(value); }
};

template <std::integral T>
struct ConfigTraits<std::vector<T>> {
  static constexpr ConfigType kType = ConfigType::kIntegers;
  static ConfigValue to(const std::vector<T>& value) { return std::vector<std::int64_t>(value.begin(), value.end()); }
  static std::vector<T> from(const ConfigValue& value) {
    std::vector<T> out;
    for (const std::int64_t each : std::get<std::vector<std::int64_t>>(value)) out.push_back(static_cast<T>(each));
    return out;
  }
};

template <class T>
struct ConfigTraits<std::optional<T>> {
  static constexpr ConfigType kType = ConfigTraits<T>::kType;
  static ConfigValue to(const std::optional<T>& value) {
    return value ? ConfigTraits<T>::to(*value) : ConfigValue(std::monostate());
  }
  static std::optional<T> from(const ConfigValue& value) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return ConfigTraits<T>::from(value);
  }
};

// The type of one number of T, or void: what gives an integer option its natural limits.
template <class T>
struct Element {
  using type = T;
};
template <class T>
struct Element<std::optional<T>> : Element<T> {};
template <class T>
struct Element<std::vector<T>> : Element<T> {};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

inline void constrain(ConfigField& field, const Range& range) { field.range = range; }
inline void constrain(ConfigField& field, const OneOf& one_of) { field.choices = one_of.choices; }
inline void constrain(ConfigField& field, Writes writes) { field.writes = writes; }

// The field of `variable`, without section and default.
template <class T>
ConfigField bind_field(std::string key, T& variable, std::string help) {
  using Traits = ConfigTraits<T>;
  using Item = typename Element<T>::type;
  ConfigField field;
  field.key = std::move(key);
  field.help = std::move(help);
  field.type = Traits::kType;
  field.optional = kIsOptional<T>;
  field.single = std::is_same_v<Item, float>;
  if constexpr (std::integral<Item> && !std::is_same_v<Item, bool>) {
    using Limits = std::numeric_limits<Item>;
    field.lowest = static_cast<std::int64_t>(Limits::min());
    if (std::in_range<std::int64_t>(Limits::max())) field.highest = static_cast<std::int64_t>(Limits::max());
  }
  field.get = [&variable] { return Traits::to(variable); };
  field.set = [&variable](const ConfigValue& value) { variable = Traits::from(value); };
  return field;
}

// Options are of these types, compiled once in config_field.cc; of others, where they are used.
#define RECUR_FOR_EACH_CONFIG_TYPE(F) \
  F(bool)                             \
  F(int)                              \
  F(std::int64_t)                     \
  F(std::uint64_t)                    \
  F(float)                            \
  F(double)                           \
  F(Seconds)                          \
  F(std::string)                      \
  F(std::vector<std::int64_t>)        \
  F(std::vector<std::string>)         \
  F(std::optional<std::int64_t>)      \
  F(std::optional<float>) F(std::optional<double>) F(std::optional<Seconds>) F(std::optional<std::vector<std::int64_t>>)
#define RECUR_ELSEWHERE(T) extern template ConfigField bind_field(std::string key, T& variable, std::string help);
RECUR_FOR_EACH_CONFIG_TYPE(RECUR_ELSEWHERE)
#undef RECUR_ELSEWHERE

}  // namespace internal

}  // namespace recur
