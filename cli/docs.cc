// recur docs: what the declarations of the options make: docs/options.md, man pages, completion of shells.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/command_pages.h"
#include "cli/completion.h"
#include "cli/man_pages.h"
#include "cli/output.h"
#include "cli/use.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/train/run.h"

namespace recur::cli {
namespace {

void print_training(const TaskInfo& info) {
  print(
      fmt::format("\n## recur train {}\n\n{}; data: {}.\nEach option is a flag with `-` for `_` (`--batch 50`), a key "
                  "of `config.toml`, and what `--set` takes.\n\n",
                  info.name, info.summary, info.data.empty() ? "none" : info.data));
  print(Run(info.name).config().to_markdown());
}

void print_options() {
  print(
      "# Options\n\nMade by `./dev docs` from the declarations in the code, so do not edit it; "
      "[program.md](program.md) "
      "has\nthe commands.\n");
  for (const TaskInfo& info : used_tasks()) {
    const bool trains = std::ranges::count(tasks(), info.name, &TaskInfo::name) > 0;
    if (trains) print_training(info);
    Config use;
    make_task(info.name)->declare_use(use);
    if (!use.fields().empty())
      print(fmt::format("\n## recur evaluate, predict with a model of {}\n\n{}", info.name, use.to_markdown()));
  }
  GenerateOptions generate;
  print("\n## recur generate\n\n" + Config(generate).to_markdown());
}

// YYYY-MM-DD, or nothing.
void check_date(const std::string& date) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  const bool fits = date.size() == kForm.size() && std::ranges::equal(date, kForm, [](char c, char form) {
                      return form == 'd' ? c >= '0' && c <= '9' : c == form;
                    });
  if (!date.empty() && !fits) fail_usage("--date: expected YYYY-MM-DD, got '{}'", date);
}

void write_man_pages(const std::string& out, const std::string& date) {
  if (out.empty()) fail_usage("man: --out FOLDER is missing");
  check_date(date);
  std::filesystem::create_directories(out);
  for (const ManPage& page : man_pages(command_pages(), date))
    write_file_atomic(std::filesystem::path(out) / page.file, page.text);
}

void print_completion(const std::string& shell) {
  const auto found = std::ranges::find(kCompletionShells, shell, &CompletionShell::name);
  if (found == kCompletionShells.end())
    fail_usage("completion: expected one of {}, got '{}'", names_of_shells(), shell);
  print(found->script(command_pages()));
}

}  // namespace

int run_docs(const Words& words) {
  std::string kind, shell, out, date;
  Arguments arguments(
      "recur docs options\n       recur docs man --out FOLDER [--date YYYY-MM-DD]\n       recur docs completion SHELL",
      "Prints the tables of all options as Markdown, writes man pages, or prints the completion of a shell:\n"
      "bash, zsh or fish. All are made of the same declarations as the help of the commands.");
  arguments.positional("KIND", kind);
  arguments.positional("SHELL", shell, false);
  arguments.text("--out", out, "FOLDER", "man: folder of the pages");
  arguments.text("--date", date, "YYYY-MM-DD", "man: date in the headings of the pages; default: none");
  if (!arguments.parse(words)) return kDone;
  if (kind != "completion" && !shell.empty()) fail_usage("{}: unexpected argument '{}'", kind, shell);
  if (kind != "man" && !(out.empty() && date.empty())) fail_usage("--out and --date are options of man");
  if (kind == "options") {
    print_options();
  } else if (kind == "man") {
    write_man_pages(out, date);
  } else if (kind == "completion") {
    print_completion(shell);
  } else {
    fail_usage("KIND: expected one of {}, got '{}'", fmt::join(kDocsKinds, ", "), kind);
  }
  return kDone;
}

}  // namespace recur::cli
