// recur generate: a language model writes, piece by piece.
#include <utility>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/output.h"
#include "recur/base/threads.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

// The generated text, printed piece by piece or kept.
class Written : public Sink {
 public:
  Written(const std::string& prompt, bool shows) : prompt_(prompt), shows_(shows) {}

  bool text(std::string_view piece) override {
    begin();
    text_ += piece;
    if (shows_) {
      print(piece);
      flush_output();
    }
    return true;
  }

  void finish() {
    begin();
    const bool whole_line = text_.empty() ? prompt_.ends_with('\n') : text_.ends_with('\n');
    if (shows_ && !whole_line) print("\n");
  }

  const std::string& written() const { return text_; }

 private:
  // The prompt is shown once the model has accepted it.
  void begin() {
    if (shows_ && !std::exchange(begun_, true)) print(prompt_);
  }

  const std::string& prompt_;
  bool shows_, begun_ = false;
  std::string text_;
};

}  // namespace

int run_generate(const Words& words) {
  GenerateOptions options;
  Config config(options);
  std::string model;
  bool json = false;
  Arguments arguments(
      "recur generate MODEL [options]",
      "Generates text with a language model and prints each piece as soon as it is sampled. MODEL is a\n"
      ".recur file or a run folder. The same seed gives the same text.");
  arguments.positional("MODEL", model);
  arguments.config(config);
  arguments.flag("--json", json, "Print one JSON object at the end");
  if (!arguments.parse(words)) return kDone;

  const std::unique_ptr<Trained> trained = load_trained(model);
  Written out(options.prompt, !json);
  trained->generate(options, out);
  out.finish();
  if (json) {
    print(json_line(
        {{"task", trained->info().name}, {"prompt", options.prompt}, {"seed", options.seed}, {"text", out.written()}}));
  }
  return kDone;
}

}  // namespace recur::cli
