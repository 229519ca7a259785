#include <fmt/format.h>

#include "cli/completion.h"

namespace recur::cli {
namespace {

// Text within '...' of zsh, where `marks` take a backslash.
std::string zsh_quoted(std::string_view text, std::string_view marks) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '\\' || marks.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// What _arguments takes for an option: '--cell=[Recurrent cell]:NAME:(lstm gru)'.
std::string zsh_spec(const HelpOption& option) {
  const std::string name = option.placeholder.empty() ? "value" : zsh_quoted(option.placeholder, ":");
  const std::string words = fmt::format("{}", fmt::join(option.choices, " "));
  std::string value;
  switch (option.kind) {
    case ValueKind::kNone:
      break;
    case ValueKind::kText:
      value = fmt::format(":{}: ", name);
      break;
    case ValueKind::kFile:
      value = fmt::format(":{}:_files", name);
      break;
    case ValueKind::kChoice:
      value = fmt::format(":{}:({})", name, words);
      break;
    case ValueKind::kChoices:
      value = fmt::format(":{}:_values -s , {} {}", name, name, words);
      break;
  }
  return fmt::format("'{}{}{}[{}]{}'", option.repeats ? "*" : "", option.flag, value.empty() ? "" : "=",
                     zsh_quoted(option.summary, "[]:"), value);
}

std::string zsh_specs(const std::vector<HelpOption>& options, std::string_view indent) {
  std::string out;
  for (const HelpOption& option : options) {
    out += fmt::format("{}{}\n", indent, zsh_spec(option));
    if (!option.negated.empty()) {
      HelpOption off{
          .section = {}, .flag = option.negated, .placeholder = {}, .summary = "Not: " + option.summary, .meaning = {}};
      out += fmt::format("{}{}\n", indent, zsh_spec(off));
    }
  }
  return out;
}

std::string zsh_words(const CommandPage& page) {
  if (page.name == "train") return fmt::format("'1:task:({})' '*:data:_files'", names_of_tasks(page));
  if (page.name == "docs")
    return fmt::format("'1:kind:({})' '2:shell:({})'", fmt::join(kDocsKinds, " "), names_of_shells());
  return "'*:file:_files'";
}

std::string zsh_command(const CommandPage& page) {
  std::string out =
      fmt::format("    {})\n      options=(\n{}      )\n", page.name, zsh_specs(page.options, "        "));
  if (!page.tasks.empty()) {
    out += "      case $words[2] in\n";
    for (const TaskPage& task : page.tasks) {
      if (task.options.empty()) continue;
      out += fmt::format("        {}) options+=(\n{}        ) ;;\n", task.name, zsh_specs(task.options, "          "));
    }
    out += "      esac\n";
  }
  return out + fmt::format("      _arguments -S : $options {}\n      ;;\n", zsh_words(page));
}

}  // namespace

std::string zsh_completion(const std::vector<CommandPage>& pages) {
  std::string out =
      "#compdef recur\n"
      "# Completion of recur in zsh: put it into a folder of $fpath as _recur.\n"
      "# Made by recur docs completion zsh from the declarations of the options.\n\n"
      "_recur() {\n  local -a commands options\n  if (( CURRENT == 2 )); then\n    commands=(\n";
  for (const CommandPage& page : pages) out += fmt::format("      '{}:{}'\n", page.name, zsh_quoted(page.summary, ":"));
  out +=
      "    )\n    _describe -t commands 'recur command' commands\n    return\n  fi\n"
      "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n";
  for (const CommandPage& page : pages) out += zsh_command(page);
  return out +
         "  esac\n}\n\nif [[ $funcstack[1] == _recur ]]; then\n  _recur \"$@\"\nelse\n  compdef _recur recur\nfi\n";
}

}  // namespace recur::cli
