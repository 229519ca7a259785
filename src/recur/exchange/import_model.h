// Models of other tools, from their files: PyTorch's state dicts, Keras's models, RTNeural's JSON, ONNX. docs/import.md
// says what is read of each.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recur/tasks/trained.h"

namespace recur {

struct ImportOptions {
  std::string layers = {};  // as ArrangeOptions has it, of files that do not say how their layers follow each other
  std::string key = {};     // of a checkpoint with several state dicts: which
  // What is known of the inputs of an ONNX graph: NAME=NUMBER, a constant; NAME=1x576, the shape of a call, which is
  // then one step.
  std::vector<std::string> inputs = {};
};

struct ImportedModel {
  std::unique_ptr<Trained> trained;  // of the task `network`
  std::string format;                // "PyTorch state dict"
  // Of a graph: the largest difference between what it gives for random numbers and what the layers give that were read
  // from it, |layers - graph| / max(1, |graph|). Nothing where it could not be run, which is logged.
  std::optional<double> difference = {};
};

// Throws Error for what cannot be read, naming file, layer or key, what was expected and what is read instead;
// UsageError where the file can be understood in several ways, naming the option that decides. Guesses are logged.
ImportedModel import_model(const std::filesystem::path& path, const ImportOptions& options = {});

}  // namespace recur
