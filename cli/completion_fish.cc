#include <fmt/format.h>

#include "cli/completion.h"

namespace recur::cli {
namespace {

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_value(const HelpOption& option) {
  const std::string words = fmt::format("{}", fmt::join(option.choices, " "));
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kText:
      return " -x";
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kChoice:
      return fmt::format(" -x -a '{}'", words);
    case ValueKind::kChoices:
      return fmt::format(" -x -a '(__recur_list {})'", words);
  }
  return "";
}

std::string fish_options(const std::string& condition, const std::vector<HelpOption>& options) {
  std::string out;
  for (const HelpOption& option : options) {
    const std::string begin = fmt::format("complete -c recur -n '{}' -l ", condition);
    out += fmt::format("{}{}{} -d {}\n", begin, option.flag.substr(2), fish_value(option), fish_quoted(option.summary));
    if (!option.negated.empty())
      out += fmt::format("{}{} -d {}\n", begin, option.negated.substr(2), fish_quoted("Not: " + option.summary));
  }
  return out;
}

constexpr const char* kFishFunctions =
    R"(# Completion of recur in fish: put it into a folder of $fish_complete_path as recur.fish.
# Made by recur docs completion fish from the declarations of the options.

function __recur_at # COMMAND [TASK]
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = "$argv[1]"; or return 1
    set -q argv[2]; or return 0
    test (count $words) -ge 3; and contains -- $argv[2] $words[3..-1]
end

function __recur_word # NUMBER COMMAND: the word of that number is the current one
    set -l words (commandline -opc)
    test (count $words) -eq $argv[1]; or return 1
    set -q argv[2]; or return 0
    test "$words[2]" = "$argv[2]"
end

function __recur_list # CHOICE...: behind what is there of a list
    set -l head (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
    for choice in $argv
        echo "$head$choice"
    end
end

)";

}  // namespace

std::string fish_completion(const std::vector<CommandPage>& pages) {
  std::string out = kFishFunctions;
  for (const CommandPage& page : pages) {
    out += fmt::format("complete -c recur -n '__recur_word 1' -f -a {} -d {}\n", page.name, fish_quoted(page.summary));
  }
  out += fmt::format("complete -c recur -n '__recur_word 2 docs' -f -a '{}'\n", fmt::join(kDocsKinds, " "));
  out += fmt::format("complete -c recur -n '__recur_word 3 docs' -f -a '{}'\n", names_of_shells());
  for (const CommandPage& page : pages) {
    out += "\n" + fish_options("__recur_at " + page.name, page.options);
    for (const TaskPage& task : page.tasks) {
      if (page.name == "train") {
        out += fmt::format("complete -c recur -n '__recur_word 2 train' -f -a {} -d {}\n", task.name,
                           fish_quoted(task.summary));
      }
      out += fish_options(fmt::format("__recur_at {} {}", page.name, task.name), task.options);
    }
  }
  return out;
}

}  // namespace recur::cli
