// recur import: a model of another tool as a model of Recur.
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/table.h"
#include "recur/base/error.h"
#include "recur/exchange/import_model.h"

namespace recur::cli {

int run_import(const Words& words) {
  std::string file, out;
  ImportOptions options;
  bool json = false, quiet = false;
  Arguments arguments(
      "recur import FILE --out MODEL [options]",
      "Converts a file of another tool to a model: a state dict of PyTorch (.pt, .pth, .safetensors), a\n"
      "model or weights of Keras (.keras, .h5), RTNeural's JSON, or ONNX. The model predicts, streams, is\n"
      "quantised and exported like any other; its task is network.");
  arguments.positional("FILE", file);
  arguments.text("--out", out, "MODEL", "Output file");
  arguments.text("--layers", options.layers, "NAMES",
                 "Layers in order, for a file that does not give it: names of its modules, activations, last; words of "
                 "a layer after colons (embed:embedding,lstm,last,fc,sigmoid)");
  arguments.text("--key", options.key, "NAME", "State dict to read, if a checkpoint has several");
  arguments.texts(
      "--input", options.inputs, "NAME=VALUE",
      "Input of an ONNX graph: a number, which makes it a constant (sr=16000), or the shape of a call, which "
      "makes a call one step (input=1x576)");
  arguments.flag("--json", json, "Print one JSON object");
  arguments.flag("--quiet", quiet, "Print warnings and errors only, besides the result");
  if (!arguments.parse(words)) return kDone;
  if (out.empty()) fail_usage("--out MODEL is missing");
  if (quiet) hide_notes();

  check_outputs({{"--out", out}}, "", {file});
  const ImportedModel imported = import_model(file, options);
  imported.trained->save(
      out, {{"imported_from", std::filesystem::path(file).filename().string()}, {"format", imported.format}});
  const int64_t parameters = imported.trained->module().parameter_count();
  if (json) {
    Json object = {{"path", out}, {"format", imported.format}, {"parameters", parameters}};
    if (imported.format == "ONNX model")
      object["largest_difference"] = imported.difference ? Json(*imported.difference) : Json(nullptr);
    object["description"] = facts_json(imported.trained->describe());
    print(json_line(object));
    return kDone;
  }
  Facts facts;
  facts.add("model", out);
  facts.add("format", imported.format);
  facts.add("parameters", thousands(parameters));
  for (const Fact& fact : imported.trained->describe()) facts.add(spaced(fact.name), cell_text(fact.value));
  print(facts.text());
  if (imported.difference)
    print(
        fmt::format("checked by a run of the graph: the largest difference from it is {:.1e}\n", *imported.difference));
  return kDone;
}

}  // namespace recur::cli
