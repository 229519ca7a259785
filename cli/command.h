// The subcommands of the program.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur::cli {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// What follows the subcommand's name on the command line.
using Words = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view arguments;  // as the overview shows them
  std::string_view summary;
  int (*run)(const Words& words);  // gives the exit code, or throws
};

int run_train(const Words& words);
int run_evaluate(const Words& words);
int run_predict(const Words& words);
int run_adapt(const Words& words);
int run_generate(const Words& words);
int run_report(const Words& words);
int run_audit(const Words& words);
int run_explain(const Words& words);
int run_inspect(const Words& words);
int run_quantize(const Words& words);
int run_prune(const Words& words);
int run_export(const Words& words);
int run_import(const Words& words);
int run_resume(const Words& words);
int run_bench(const Words& words);
int run_docs(const Words& words);

std::span<const Command> commands();

// Runs what the words of the command line, without the program's name, ask for. Errors are thrown.
int dispatch(const Words& words);

}  // namespace recur::cli
