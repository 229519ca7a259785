// The formats that a trained model can be exported in. Each is a line of formats.cc.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

struct ExportOptions {
  GraphRequest graph = {};             // for formats that hold a graph
  std::filesystem::path samples = {};  // where to write the inputs and outputs of the check; empty: nowhere
  int64_t checks = 3;                  // random inputs that the written file is held against the model on; 0: none
};

// What was written, for people.
struct ExportReport {
  struct Value {
    std::string kind;  // "input", "output"
    std::string name, type, what;
  };
  std::vector<Value> values;
  std::vector<std::string> notes;
  std::vector<std::string> other_parts;  // that the model has and the file does not
  int64_t checks = 0;
  std::optional<double> difference;  // the largest that was found: |file - model| / max(1, |model|)
};

struct ExportFormat {
  const char* name;         // "onnx", as --to takes it
  const char* extension;    // ".onnx": the usual ending of such files
  const char* description;  // of the option --to: a few words
  // Writes `out`, under a temporary name until it is complete. Throws Error by name for what the format cannot hold,
  // and where the file does not compute what the model does; UsageError for options that it does not have.
  ExportReport (*write)(const Trained& model, const ExportOptions& options, const std::filesystem::path& out);
};

std::span<const ExportFormat> export_formats();
// The format of that name, or, where it is "", the one of the file's ending. Throws UsageError with the names.
const ExportFormat& find_export_format(std::string_view name, const std::filesystem::path& out);

}  // namespace recur
