#include <fmt/format.h>

#include <map>
#include <utility>

#include "cli/completion.h"

namespace recur::cli {
namespace {

std::string flags_text(const std::vector<HelpOption>& options) {
  std::string out;
  for (const HelpOption& option : options) {
    out += " " + option.flag;
    if (!option.negated.empty()) out += " " + option.negated;
  }
  return out.empty() ? "" : out.substr(1);
}

// _recur_flags COMMAND TASK: all flags; where no task is named those of every task.
std::string flags_function(const std::vector<CommandPage>& pages) {
  std::string out = "_recur_flags() {\n  case $1 in\n";
  for (const CommandPage& page : pages) {
    out += fmt::format("    {})\n      echo '{}'\n", page.name, flags_text(page.options));
    for (const TaskPage& task : page.tasks) {
      const std::string flags = flags_text(task.options);
      if (!flags.empty()) out += fmt::format("      [[ -z $2 || $2 == {} ]] && echo '{}'\n", task.name, flags);
    }
    out += "      ;;\n";
  }
  return out + "  esac\n}\n";
}

// What is done for the value of an option.
std::string value_text(const HelpOption& option) {
  const std::string words = fmt::format("{}", fmt::join(option.choices, " "));
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kText:
      return option.placeholder == "KEY=VALUE" ? "kind=key" : "kind=text";
    case ValueKind::kFile:
      return "kind=file";
    case ValueKind::kChoice:
      return fmt::format("kind=choice choices='{}'", words);
    case ValueKind::kChoices:
      return fmt::format("kind=list choices='{}'", words);
  }
  return "";
}

// For each flag, what its value is in which commands and tasks.
using Occurrences = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

Occurrences occurrences_of(const std::vector<CommandPage>& pages) {
  Occurrences all;
  for (const CommandPage& page : pages) {
    for (const HelpOption& option : page.options)
      all[option.flag].emplace_back(fmt::format("{},*,", page.name), value_text(option));
    for (const TaskPage& task : page.tasks) {
      for (const HelpOption& option : task.options)
        all[option.flag].emplace_back(fmt::format("{},{},", page.name, task.name), value_text(option));
    }
  }
  return all;
}

// _recur_value COMMAND TASK FLAG: sets kind, and choices. A flag that means the same everywhere has one line for all.
std::string value_function(const std::vector<CommandPage>& pages) {
  std::map<std::string, std::string> patterns;  // by what is done, those of one place and those of all
  std::string special;
  for (const auto& [flag, places] : occurrences_of(pages)) {
    const std::string& usual = places.front().second;
    for (const auto& [place, value] : places) {
      if (value != usual) special += fmt::format("    {}{}) {} ;;\n", place, flag, value.empty() ? ":" : value);
    }
    if (!usual.empty()) patterns[usual] += fmt::format("{}*,{}", patterns[usual].empty() ? "" : " | ", flag);
  }
  std::string out = "_recur_value() {\n  case $1,$2,$3 in\n" + special;
  for (const auto& [value, pattern] : patterns) out += fmt::format("    {}) {} ;;\n", pattern, value);
  return out + "  esac\n}\n";
}

// The flags of train that are no keys of --set.
std::string other_flags(const std::vector<CommandPage>& pages) {
  std::string out = "--no-*";
  for (const CommandPage& page : pages) {
    if (page.name != "train") continue;
    for (const HelpOption& option : page.options)
      if (!option.is_key) out += " | " + option.flag;
  }
  return out;
}

constexpr const char* kBashMain = R"bash(
_recur_complete() {{ # the words that begin with $cur
  mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}}

_recur() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} flag=${{COMP_WORDS[COMP_CWORD - 1]}} command=${{COMP_WORDS[1]}}
  local task='' kind='' choices='' head word keys=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _recur_complete -W '{commands} help --help --version'
    return
  fi
  # --flag=value comes as three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $flag == = ]]; then
    flag=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  if [[ $flag != -* && ${{COMP_WORDS[COMP_CWORD - 2]}} != '' ]]; then
    # --set key=value
    for word in "${{COMP_WORDS[COMP_CWORD - 2]}}" "${{COMP_WORDS[COMP_CWORD - 3]:-}}"; do
      [[ $word == --set && ${{COMP_WORDS[COMP_CWORD]}}${{COMP_WORDS[COMP_CWORD - 1]}} == *=* ]] && flag=--${{flag//_/-}}
    done
  fi
  for word in "${{COMP_WORDS[@]:2:COMP_CWORD - 2}}"; do
    if [[ ' {tasks} ' == *" $word "* ]]; then
      task=$word
      break
    fi
  done
  _recur_value "$command" "$task" "$flag"
  case $kind in
    text) return ;;
    choice) _recur_complete -W "$choices" ;;
    list)
      head=${{cur%"${{cur##*,}}"}} cur=${{cur##*,}}
      _recur_complete -P "$head" -W "$choices"
      ;;
    key)
      for word in $(_recur_flags "$command" "$task"); do
        case $word in {others}) ;; *) word=${{word#--}} keys+=" ${{word//-/_}}=" ;; esac
      done
      _recur_complete -W "$keys"
      compopt -o nospace 2>/dev/null
      ;;
    file)
      _recur_complete -f
      compopt -o filenames 2>/dev/null
      ;;
    *)
      case $command,$COMP_CWORD,$cur in
        *,*,-*) _recur_complete -W "$(_recur_flags "$command" "$task")" ;;
        train,2,*) _recur_complete -W '{tasks}' ;;
        help,2,*) _recur_complete -W '{commands}' ;;
        docs,2,*) _recur_complete -W '{docs}' ;;
        docs,3,*) [[ $flag == completion ]] && _recur_complete -W '{shells}' ;;
        *)
          _recur_complete -f
          compopt -o filenames 2>/dev/null
          ;;
      esac
      ;;
  esac
}}

complete -F _recur recur
)bash";

}  // namespace

std::string bash_completion(const std::vector<CommandPage>& pages) {
  std::string out =
      "# Completion of recur in bash: source it, or put it into the folder bash-completion/completions as recur.\n"
      "# Made by recur docs completion bash from the declarations of the options.\n\n";
  out += flags_function(pages) + "\n" + value_function(pages);
  std::string tasks;
  for (const CommandPage& page : pages)
    if (page.name == "train") tasks = names_of_tasks(page);
  return out + fmt::format(kBashMain, fmt::arg("commands", names_of_commands(pages)), fmt::arg("tasks", tasks),
                           fmt::arg("others", other_flags(pages)),
                           fmt::arg("docs", fmt::format("{}", fmt::join(kDocsKinds, " "))),
                           fmt::arg("shells", names_of_shells()));
}

}  // namespace recur::cli
