// What the commands have in common that use a trained model on data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "recur/tasks/task.h"

namespace recur::cli {

struct UseCommand {
  // Loads the model that the words name, since its task decides which flags there are; for help, a new task.
  UseCommand(const Words& words, std::string usage, std::string summary);

  // As Arguments::parse().
  bool parse(const Words& words);

  Paths paths() const { return {data.begin(), data.end()}; }

  std::string model;
  std::vector<std::string> data;
  std::unique_ptr<Task> task;
  struct Machine {
    int threads = 0;

    template <class Visitor>
    void visit(Visitor& v) {
      v("threads", threads, "Threads; 0: as the environment's RECUR_THREADS says, or 1", Range{0, 1024});
    }
  } machine;
  Config config;
  Arguments arguments;
};

}  // namespace recur::cli
