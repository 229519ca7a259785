// The command line of one subcommand: its positional words, its own flags, and a flag for every option of a Config.
//
//   GenerateOptions options;
//   Config config(options);
//   Arguments arguments("recur generate MODEL [options]", "Generates text with a language model.");
//   arguments.positional("MODEL", model);
//   arguments.config(config);
//   if (!arguments.parse(words)) return kDone;   // help was asked for and printed
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/help.h"
#include "recur/base/config.h"

namespace recur::cli {

// All that help says of a command line.
struct CommandLine {
  std::string usage, summary, footer;
  std::vector<HelpOption> options;
};

// What `run` prints as help when the words are followed by --help, in parts instead.
CommandLine described(int (*run)(const Words& words), Words words);

class Arguments {
 public:
  Arguments(std::string usage, std::string summary) : usage_(std::move(usage)), summary_(std::move(summary)) {}

  // The variables must outlive parse(). Positional words are taken in the order of their declaration.
  void positional(std::string name, std::string& variable, bool required = true);
  void positionals(std::string name, std::vector<std::string>& variable, bool required = true);
  void flag(std::string name, bool& variable, std::string help);
  // With `choices`, which the help names itself, a shell completes those.
  void text(std::string name, std::string& variable, std::string placeholder, std::string help,
            std::vector<std::string> choices = {});
  void texts(std::string name, std::vector<std::string>& variable, std::string placeholder, std::string help);
  // A flag for each option, or only for those that `wanted` accepts.
  using Wanted = std::function<bool(const ConfigField&)>;
  void config(Config& config, const Wanted& wanted = {});
  void footer(std::string text) { footer_ = std::move(text); }

  // Sets the variables, calls `before`, then sets the options of the configs, which override those set by `before`.
  // Returns false when help was requested, after printing it, or giving it to described(). Throws UsageError.
  bool parse(const Words& words, const std::function<void()>& before = {});

  std::string help() const;
  CommandLine line() const;

 private:
  struct Positional {
    std::string name;
    bool required;
    std::string* one;
    std::vector<std::string>* many;
  };
  struct Flag {
    std::string name, placeholder, help;
    bool* on;
    std::string* one;
    std::vector<std::string>* many;
    std::vector<std::string> choices{};
  };
  // An option of a config that stands on the command line.
  struct Given {
    Config* config;
    std::string key, text, flag;
  };

  struct Option {
    Config* config;
    const ConfigField* field;
  };

  std::vector<Given> parse_words(const Words& words);
  void check_positionals() const;
  [[noreturn]] void fail_unknown(const std::string& word) const;

  std::string usage_, summary_, footer_;
  std::vector<Positional> positionals_;
  std::vector<Flag> flags_;
  std::vector<Option> options_;
};

}  // namespace recur::cli
