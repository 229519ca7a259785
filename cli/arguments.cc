#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <deque>

#include "cli/help.h"
#include "cli/output.h"
#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur::cli {
namespace {

std::string negated(const ConfigField& field) { return "--no-" + field.flag().substr(2); }

}  // namespace

void Arguments::positional(std::string name, std::string& variable, bool required) {
  positionals_.push_back({std::move(name), required, &variable, nullptr});
}

void Arguments::positionals(std::string name, std::vector<std::string>& variable, bool required) {
  positionals_.push_back({std::move(name), required, nullptr, &variable});
}

void Arguments::flag(std::string name, bool& variable, std::string help) {
  flags_.push_back({std::move(name), "", std::move(help), &variable, nullptr, nullptr});
}

void Arguments::text(std::string name, std::string& variable, std::string placeholder, std::string help) {
  flags_.push_back({std::move(name), std::move(placeholder), std::move(help), nullptr, &variable, nullptr});
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
    print(help());
    return false;
  }
  const std::vector<Given> given = parse_words(words);
  check_positionals();
  if (before) before();
  for (const Given& each : given) each.config->set_from_string(each.key, each.text, each.flag);
  return true;
}

std::string Arguments::help() const {
  HelpText out(fmt::format("usage: {}\n\n{}\n", usage_, summary_));
  for (const Option& option : options_) out.option(*option.field);
  out.section("Other");
  for (const Flag& flag : flags_) out.option(flag.name, flag.placeholder, flag.help);
  out.option("--help", "", "Show this text");
  return out.text() + (footer_.empty() ? "" : "\n" + footer_);
}

}  // namespace recur::cli
