// Files that a command writes must not be files that it reads.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace recur::cli {

struct Output {
  std::string option;  // "--out"
  std::string path;    // "": it writes none
};

// Throws UsageError for an output that is one of the inputs, by whatever name, that lies in a folder that is one, or
// that is another output. Of `model`, a model file or a run, the model and the files of its run are inputs.
void check_outputs(const std::vector<Output>& outputs, const std::string& model,
                   const std::vector<std::string>& inputs);

}  // namespace recur::cli
