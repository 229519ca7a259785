// recur export: a model for other programs.
#include <filesystem>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/table.h"
#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/exchange/formats.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

std::string format_names() {
  std::string names;
  for (const ExportFormat& format : export_formats()) {
    const std::string one = fmt::format("{} ({})", format.name, format.description);
    names += (names.empty() ? "" : ", ") + one;
  }
  return names;
}

int64_t count_of(const std::string& text) {
  int64_t count = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || count > 1'000'000) fail_usage("--check: expected a number of batches, got '{}'", text);
    count = 10 * count + (c - '0');
  }
  return count;
}

Json report_json(const ExportReport& report, const std::string& format, int64_t bytes) {
  Json json{{"format", format}, {"bytes", bytes}};
  for (const char* kind : {"input", "output", "tensor"}) {
    Json list = Json::array();
    for (const auto& value : report.values)
      if (value.kind == kind) list.push_back(Json{{"name", value.name}, {"type", value.type}, {"what", value.what}});
    if (!list.empty()) json[std::string(kind) + "s"] = std::move(list);
  }
  json["notes"] = report.notes;
  json["other_parts"] = report.other_parts;
  json["checks"] = report.checks;
  json["difference"] = report.difference ? Json(*report.difference) : Json();
  return json;
}

std::string report_text(const ExportReport& report, const std::string& out, int64_t bytes) {
  std::vector<std::vector<std::string>> rows = {{"", "name", "type", ""}};
  for (const auto& value : report.values) rows.push_back({value.kind, value.name, value.type, value.what});
  std::string text = report.values.empty() ? "" : table(rows, "llll");
  for (const std::string& note : report.notes) text += note + "\n";
  for (const std::string& part : report.other_parts)
    text += fmt::format("The {} is another file: --part {}\n", part, part);
  if (report.difference)
    text += fmt::format("checked on {}: the largest difference from the model is {:.1e}\n",
                        counted(report.checks, "random batch", "random batches"), *report.difference);
  return text + fmt::format("wrote {}, {}\n", out, human_bytes(bytes));
}

}  // namespace

int run_export(const Words& words) {
  std::string model, out, to, checks, samples;
  ExportOptions options;
  bool json = false;
  Arguments arguments("recur export MODEL --to FORMAT --out FILE [options]",
                      "Writes a model for other programs. MODEL is a .recur file or a run folder.");
  arguments.positional("MODEL", model);
  std::vector<std::string> names;
  for (const ExportFormat& format : export_formats()) names.emplace_back(format.name);
  arguments.text("--to", to, "FORMAT", format_names() + "; default: by the extension of FILE", names);
  arguments.text("--out", out, "FILE", "Output file");
  arguments.text("--part", options.graph.part, "PART",
                 "Part of a network with several parts: encoder or decoder (translate)", {"encoder", "decoder"});
  arguments.flag("--stateful", options.graph.stateful, "One time step with states in and out (lm)");
  arguments.text("--check", checks, "N",
                 "Compare the file with the model on N random batches; default 3, 0: no check (onnx)");
  arguments.text("--samples", samples, "FILE", "Write these batches and the model's outputs as safetensors (onnx)");
  arguments.flag("--json", json, "Print one JSON object");
  if (!arguments.parse(words)) return kDone;
  if (out.empty()) fail_usage("--out FILE is missing");
  const ExportFormat& format = find_export_format(to, out);
  if (!checks.empty()) options.checks = count_of(checks);

  options.samples = samples;
  const std::string header =
      std::string_view(format.name) == "c" ? std::filesystem::path(out).replace_extension(".h").string() : "";
  check_outputs({{"--out", out}, {"--out, the header", header}, {"--samples", samples}}, model, {});
  const ExportReport report = format.write(*load_trained(model), options, out);
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(out));
  print(json ? json_line(report_json(report, format.name, bytes)) : report_text(report, out, bytes));
  return kDone;
}

}  // namespace recur::cli
