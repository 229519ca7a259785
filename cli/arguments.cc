#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <deque>

#include "cli/output.h"
#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur::cli {
namespace {

std::string negated(const ConfigField& field) { return "--no-" + field.flag().substr(2); }

// Where help goes instead of to the standard output; null: nowhere else.
thread_local CommandLine* described_line = nullptr;

ValueKind kind_of(std::string_view placeholder, bool has_choices) {
  constexpr std::array<std::string_view, 6> kFiles = {"FILE", "FILE.toml", "FOLDER", "PATH", "RUN", "MODEL"};
  if (placeholder.empty()) return ValueKind::kNone;
  if (has_choices) return ValueKind::kChoice;
  return std::ranges::count(kFiles, placeholder) > 0 ? ValueKind::kFile : ValueKind::kText;
}

}  // namespace

CommandLine described(int (*run)(const Words& words), Words words) {
  CommandLine line;
  struct Reset {
    ~Reset() { described_line = nullptr; }
  } reset;
  described_line = &line;
  words.emplace_back("--help");
  run(words);
  return line;
}

void Arguments::positional(std::string name, std::string& variable, bool required) {
  positionals_.push_back({std::move(name), required, &variable, nullptr});
}

void Arguments::positionals(std::string name, std::vector<std::string>& variable, bool required) {
  positionals_.push_back({std::move(name), required, nullptr, &variable});
}

void Arguments::flag(std::string name, bool& variable, std::string help) {
  flags_.push_back({std::move(name), "", std::move(help), &variable, nullptr, nullptr});
}

void Arguments::text(std::string name, std::string& variable, std::string placeholder, std::string help,
                     std::vector<std::string> choices) {
  flags_.push_back(
      {std::move(name), std::move(placeholder), std::move(help), nullptr, &variable, nullptr, std::move(choices)});
}

void Arguments::texts(std::string name, std::vector<std::string>& variable, std::string placeholder, std::string help) {
  flags_.push_back({std::move(name), std::move(placeholder), std::move(help), nullptr, nullptr, &variable});
}

void Arguments::config(Config& config, const Wanted& wanted) {
  for (const ConfigField& field : config.fields()) {
    if (!wanted || wanted(field)) options_.push_back({&config, &field});
  }
}

void Arguments::fail_unknown(const std::string& word) const {
  if (!word.starts_with("-") || word == "-") fail_usage("unexpected argument '{}'; usage: {}", word, usage_);
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known{"--help"};
  for (const Flag& flag : flags_) known.push_back(flag.name);
  for (const Option& option : options_) known.push_back(option.field->flag());
  const std::vector<std::string_view> views(known.begin(), known.end());
  fail_usage("unknown option {}{}", name, did_you_mean(name, views));
}

std::vector<Arguments::Given> Arguments::parse_words(const Words& words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (Positional& each : positionals_) {
    if (each.one) app.add_option(each.name, *each.one);
    if (each.many) app.add_option(each.name, *each.many);
  }
  for (Flag& each : flags_) {
    if (each.on) app.add_flag(each.name, *each.on);
    if (each.one) app.add_option(each.name, *each.one)->take_last();
    if (each.many) app.add_option(each.name, *each.many)->expected(1)->take_all();
  }
  // Read only after parsing, so that a config file can be read before.
  std::deque<std::string> texts;
  std::vector<std::pair<CLI::Option*, Given>> options;
  for (const auto& [config, field] : options_) {
    std::string& text = texts.emplace_back();
    CLI::Option* option = field->type == ConfigType::kBool ? app.add_flag(field->flag() + ",!" + negated(*field), text)
                                                           : app.add_option(field->flag(), text);
    options.push_back({option->take_last(), {config, field->key, "", field->flag()}});
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view message = error.what();
    fail_usage("{}: a value is missing", message.substr(0, message.find(':')));
  } catch (const CLI::ParseError& error) {
    fail_usage("{}", error.what());
  }
  for (const Flag& each : flags_) {
    const bool is_path = each.placeholder == "FILE" || each.placeholder == "RUN" || each.placeholder == "MODEL" ||
                         each.placeholder == "FOLDER" || each.placeholder == "FILE.toml";
    if (is_path && each.one && each.one->empty() && app.get_option(each.name)->count() > 0) {
      fail_usage("{}: expected a path, got ''", each.name);
    }
  }
  std::vector<std::string> extras = app.remaining();
  std::erase(extras, "--");  // the words after it have been taken
  if (!extras.empty()) fail_unknown(extras.front());

  std::vector<Given> given;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i].first->count() == 0) continue;
    given.push_back(options[i].second);
    given.back().text = texts[i];
  }
  return given;
}

void Arguments::check_positionals() const {
  for (const Positional& each : positionals_) {
    const bool missing = each.one ? each.one->empty() : each.many->empty();
    if (each.required && missing) fail_usage("{} is missing; usage: {}", each.name, usage_);
  }
}

bool Arguments::parse(const Words& words, const std::function<void()>& before) {
  const auto end = std::ranges::find(words, "--");
  if (std::find(words.begin(), end, "--help") != end || std::find(words.begin(), end, "-h") != end) {
    if (described_line == nullptr)
      print(help());
    else
      *described_line = line();
    return false;
  }
  const std::vector<Given> given = parse_words(words);
  check_positionals();
  if (before) before();
  for (const Given& each : given) each.config->set_from_string(each.key, each.text, each.flag);
  return true;
}

CommandLine Arguments::line() const {
  CommandLine line{.usage = usage_, .summary = summary_, .footer = footer_, .options = {}};
  for (const Option& option : options_) line.options.push_back(describe(*option.field));
  for (const Flag& flag : flags_) {
    line.options.push_back({.section = "Other",
                            .flag = flag.name,
                            .placeholder = flag.placeholder,
                            .summary = flag.help,
                            .meaning = flag.help,
                            .kind = kind_of(flag.placeholder, !flag.choices.empty()),
                            .choices = flag.choices,
                            .repeats = flag.many != nullptr});
  }
  line.options.push_back({.section = "Other",
                          .flag = "--help",
                          .placeholder = "",
                          .summary = "Show this text",
                          .meaning = "Show this text"});
  return line;
}

std::string Arguments::help() const {
  const CommandLine said = line();
  HelpText out(fmt::format("usage: {}\n\n{}\n", said.usage, said.summary));
  for (const HelpOption& option : said.options) out.option(option);
  return out.text() + (said.footer.empty() ? "" : "\n" + said.footer);
}

}  // namespace recur::cli
