#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/output.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/suggest.h"
#include "recur/base/version.h"

namespace recur::cli {
namespace {

// In the order of the overview.
constexpr std::array kCommands = {
    Command{"train", "TASK DATA...", "train a model into a new run folder", run_train},
    Command{"evaluate", "MODEL DATA...", "compute the metrics of a model on test data", run_evaluate},
    Command{"predict", "MODEL DATA...", "predict each record of the data", run_predict},
    Command{"generate", "MODEL", "generate text with a language model", run_generate},
    Command{"inspect", "MODEL|RUN|DATA...", "describe a model, a run or data", run_inspect},
    Command{"quantize", "MODEL --out FILE", "write a model with 8-bit weights and compare it", run_quantize},
    Command{"resume", "RUN", "continue a run that was stopped", run_resume},
    Command{"bench", "[SHAPES.csv]", "measure the speed of recurrent layers", run_bench},
    Command{"docs", "options", "print the option tables of the documentation", run_docs, true},
};

std::string overview() {
  std::string out = "Recur trains, evaluates and runs recurrent neural networks on sequences.\n\nusage:\n";
  for (const Command& command : kCommands) {
    if (!command.hidden) {
      out +=
          fmt::format("  recur {:<26}  {}\n", fmt::format("{} {}", command.name, command.arguments), command.summary);
    }
  }
  out +=
      "\nrecur COMMAND --help lists the options of a command with their defaults. A MODEL is a .recur file or a run\n"
      "folder. To begin:\n\n"
      "  recur train lm book.txt --valid 0.1 --time 5m --out runs/book\n"
      "  recur generate runs/book --prompt \"Once\" --length 400\n";
  return out;
}

[[noreturn]] void fail_unknown(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Command& command : kCommands) {
    if (!command.hidden) known.push_back(command.name);
  }
  if (name.starts_with("-")) fail_usage("unknown option {}; recur --help shows the commands", name);
  fail_usage("unknown command '{}'{}; the commands are {}", name, did_you_mean(name, known), fmt::join(known, ", "));
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int dispatch(const Words& words) {
  set_log_sink([](LogLevel level, std::string_view message) {
    if (level == LogLevel::kWarning) tell(fmt::format("recur: warning: {}", message));
  });
  const std::string name = words.empty() ? "--help" : words.front();
  if (name == "--help" || name == "-h" || (name == "help" && words.size() < 2)) {
    print(overview());
    return kDone;
  }
  if (name == "help") return dispatch({words[1], "--help"});
  if (name == "--version") {
    print(fmt::format("recur {}\n", version()));
    return kDone;
  }
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  if (found == kCommands.end()) fail_unknown(name);
  return found->run(Words(words.begin() + 1, words.end()));
}

}  // namespace recur::cli
