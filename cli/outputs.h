// Files that a command writes must not be files that it reads.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/config.h"

namespace recur::cli {

struct Output {
  std::string option;  // "--out"
  std::string path;    // "": it writes none
};

// The files that options name to be written.
std::vector<Output> output_files(const Config& config);

// Throws UsageError for an output that is one of the inputs, by whatever name, that lies in a folder that is one, or
// that is another output. Of `model`, a model file or a run, the model and the files of its run are inputs.
void check_outputs(const std::vector<Output>& outputs, const std::string& model,
                   const std::vector<std::string>& inputs);

// What a command reads, which no file that it writes may replace.
struct Inputs {
  std::string model{};              // "": none
  std::vector<std::string> data{};  // - is the standard input

  // Throws UsageError for a file, found while it works, that would replace the model, a file of its run, one of `data`,
  // or any other that has been read, such as what a list names.
  void check(const std::string& output) const;
};

// Writes a whole file. Throws UsageError for one that has been read.
void write_output(const std::string& path, std::string_view bytes);

}  // namespace recur::cli
