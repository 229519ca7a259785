// What the commands have in common that use a trained model on data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/outputs.h"
#include "recur/tasks/task.h"
#include "recur/tasks/trained.h"

namespace recur::cli {

// All tasks, and that of imported models, which cannot be trained.
std::vector<TaskInfo> used_tasks();

struct UseCommand {
  // Loads the model that the words name, since its task decides which flags there are.
  UseCommand(const Words& words, std::string usage, std::string summary);

  // As Arguments::parse().
  bool parse(const Words& words);
  // Throws UsageError for an output, of which an option of the task may name one more, that the command reads.
  void check_outputs(std::vector<Output> outputs) const;

  // All that the command reads, for what is written while it works.
  Inputs inputs() const;

  // What DATA names; - is the standard input, all of it.
  DataFiles files() const;

  std::string model;
  std::vector<std::string> data;
  bool quiet = false;
  std::unique_ptr<Trained> trained;  // null where help alone is asked for, without a model
  struct Machine {
    int threads = 0;

    template <class Visitor>
    void visit(Visitor& v) {
      v("threads", threads, "Number of threads; 0: the environment variable RECUR_THREADS, or 1 if it is not set",
        Range{0, 1024});
    }
  } machine;
  Config config;
  Arguments arguments;

 private:
  std::unique_ptr<Task> task_;  // whose options help shows without a model
};

}  // namespace recur::cli
