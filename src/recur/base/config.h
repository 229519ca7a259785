// Configuration: options structs whose fields are declared once, with help and limits, and from that declaration are
// read from TOML, overridden by --set key=value, registered as flags, written back in full and documented.
//
//   struct ModelOptions {
//     std::string cell = "lstm";
//     int hidden = 128;
//     std::optional<Seconds> time;
//
//     template <class Visitor>
//     void visit(Visitor& v) {
//       v("cell", cell, "Recurrent cell", OneOf{"rnn", "lstm", "gru"});
//       v("hidden", hidden, "Hidden units per layer", Range{1, 65536});
//       v("time", time, "Stop after this long");
//     }
//   };
//   struct RunOptions {
//     ModelOptions model;
//     TrainOptions train;
//
//     template <class Visitor>
//     void visit(Visitor& v) {
//       v.section("Model", model);
//       v.section("Training", train);
//     }
//   };
//
//   RunOptions options;
//   Config config(options);
//   config.read_file("run.toml");         // hidden = 256
//   config.apply_override("time=30m");
//
// Variables may be bool, integers, float, double, std::string, Seconds, std::vector of integers or of std::string, and
// std::optional of these. All keys share one namespace; sections are headings only.
#pragma once

#include <cassert>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/config_field.h"

namespace recur {

// The fields of one or several options structs, which it refers to and which must outlive it. All input is
// checked for type, limits and choices; errors throw UsageError naming file, line and column or
// the override, expected and got, and the nearest key for an unknown one. After an error the options are partly set.
class Config {
 public:
  Config() = default;
  template <class Options>
  explicit Config(Options& options) {
    add(options);
  }

  // Adds the fields of a struct, under a heading when one is given. Defaults are the values of a new Options{}, not
  // those that `options` has now.
  template <class Options>
  void add(Options& options, std::string heading = "");

  const std::vector<ConfigField>& fields() const { return fields_; }
  const ConfigField* find(std::string_view key) const;  // null when there is none

  // Sets what a TOML file of at most 64 MB says: a flat list of key = value. "none" unsets an optional one.
  void read_file(const std::filesystem::path& path);
  // The same for a text; `name` stands for the file in errors.
  void parse_toml(std::string_view text, const std::string& name);

  // Sets `key` (with _ or -) to what `text` stands for (parse_value(); "none" unsets an optional one). `where` begins
  // the error message, such as "--hidden"; by default the key.
  void set_from_string(std::string_view key, std::string_view text, std::string_view where = "");
  // The same for "key=value", the argument of --set.
  void apply_override(std::string_view assignment);

  // Everything as TOML, defaults included, with help as comments. parse_toml() of it gives the same values to the bit.
  std::string to_toml() const;
  // A table of all options for each heading.
  std::string to_markdown() const;

  // Called by visit() functions: declares one option, with any of Range, OneOf and Writes.
  template <class T, class... Constraints>
  void operator()(std::string key, T& variable, std::string help, const Constraints&... constraints);
  // Called by visit() functions: the options of a nested struct, under a heading.
  template <class Options>
  void section(std::string heading, Options& options);

 private:
  ConfigField& field(std::string_view key, std::string_view where);
  void set_checked(ConfigField& field, const ConfigValue& value, std::string_view where);

  std::vector<ConfigField> fields_;
  std::string heading_;
};

// The options as Config::to_toml() writes them.
template <class Options>
std::string toml_of(Options options) {
  return Config(options).to_toml();
}

template <class Options>
void Config::add(Options& options, std::string heading) {
  const std::size_t first = fields_.size();
  section(heading, options);
  Options fresh{};
  Config defaults;
  defaults.section(std::move(heading), fresh);
  for (std::size_t i = first; i < fields_.size(); ++i) fields_[i].default_value = defaults.fields_[i - first].get();
}

template <class T, class... Constraints>
void Config::operator()(std::string key, T& variable, std::string help, const Constraints&... constraints) {
  assert(!find(key) && "two options have the same key");
  ConfigField field = internal::bind_field(std::move(key), variable, std::move(help));
  field.section = heading_;
  (internal::constrain(field, constraints), ...);
  fields_.push_back(std::move(field));
}

template <class Options>
void Config::section(std::string heading, Options& options) {
  std::swap(heading, heading_);
  options.visit(*this);
  std::swap(heading, heading_);
}

}  // namespace recur
