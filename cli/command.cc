#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/build_text.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/base/threads.h"
#include "recur/data/files/byte_limits.h"
#include "recur/kernels/kernels.h"

namespace recur::cli {
namespace {

// In the order of the overview.
constexpr std::array kCommands = {
    Command{"train", "TASK DATA...", "train a model into a new run folder", run_train},
    Command{"evaluate", "MODEL DATA...", "compute the metrics of a model on test data", run_evaluate},
    Command{"predict", "MODEL DATA...", "predict each record of the data", run_predict},
    Command{"adapt", "MODEL DATA... --out FILE", "fit a model that has learnt to adapt to a few examples", run_adapt},
    Command{"generate", "MODEL", "generate text with a language model, speech, or handwriting", run_generate},
    Command{"explain", "MODEL DATA...", "explain what moved each prediction of a model", run_explain},
    Command{"audit", "MODEL DATA...|TABLE", "compare how decisions treat groups", run_audit},
    Command{"report", "RUN...", "write a page on runs and how good their models are", run_report},
    Command{"inspect", "MODEL|RUN|DATA...", "describe a model, a run or data", run_inspect},
    Command{"quantize", "MODEL --out FILE", "write a model with 8-bit weights and compare it", run_quantize},
    Command{"prune", "RUN --out RUN", "train a model on with sparse weights and compare it", run_prune},
    Command{"export", "MODEL --to FORMAT --out FILE", "write a model for other programs", run_export},
    Command{"import", "FILE --out MODEL", "convert a model of PyTorch, Keras, ONNX or RTNeural", run_import},
    Command{"resume", "RUN", "continue a run that was stopped", run_resume},
    Command{"bench", "[SHAPES.csv]", "measure the speed of recurrent layers", run_bench},
    Command{"docs", "KIND", "print tables of options, man pages, completion of a shell", run_docs},
};

std::string overview() {
  std::string out = "Recur trains, evaluates and runs recurrent neural networks on sequences.\n\nusage:\n";
  for (const Command& command : kCommands) {
    out += fmt::format("  recur {:<26}  {}\n", fmt::format("{} {}", command.name, command.arguments), command.summary);
  }
  out +=
      "\nrecur COMMAND --help lists the options of a command with their defaults. A MODEL is a .recur file or a run\n"
      "folder. To begin:\n\n"
      "  recur train lm book.txt --valid 0.1 --time 5m --out runs/book\n"
      "  recur generate runs/book --prompt \"Once\" --length 400\n";
  return out;
}

// At the end of a command, however it ends.
struct FinishedMessages {
  ~FinishedMessages() { finish_messages(); }
};

// RECUR_TARGET, RECUR_KERNELS, RECUR_THREADS and the limits of bytes: before any work, whether a command needs them or
// not.
void check_environment() {
  kernels::description();
  threads();
  usual_memory_bytes();
  unpacked_bytes_allowed();
}

[[noreturn]] void fail_unknown(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Command& command : kCommands) known.push_back(command.name);
  if (name.starts_with("-")) fail_usage("unknown option {}; recur --help shows the commands", name);
  fail_usage("unknown command '{}'{}; the commands are {}", name, did_you_mean(name, known), fmt::join(known, ", "));
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int dispatch(const Words& words) {
  show_messages();
  const std::string name = words.empty() ? "--help" : words.front();
  if (name == "--help" || name == "-h" || (name == "help" && words.size() < 2)) {
    print(overview());
    return kDone;
  }
  if (name == "help") return dispatch({words[1], "--help"});
  if (name == "--version") {
    print(build_text());
    return kDone;
  }
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  if (found == kCommands.end()) fail_unknown(name);
  const Words rest(words.begin() + 1, words.end());
  if (!wants_help(rest)) check_environment();
  const FinishedMessages finished;
  return found->run(rest);
}

}  // namespace recur::cli
