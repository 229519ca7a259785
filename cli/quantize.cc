// recur quantize: a model with 8-bit weights, and what that costs.
#include <cmath>
#include <filesystem>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/table.h"
#include "recur/base/error.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

struct Cost {
  int64_t bytes_before = 0, bytes_after = 0;
  Evaluation before, after;  // without examples where there is no data
};

Json cost_json(const Cost& cost) {
  Json json = {{"bytes_before", cost.bytes_before}, {"bytes_after", cost.bytes_after}};
  if (cost.before.metrics.empty()) return json;
  json["examples"] = cost.before.examples;
  for (const Metric& metric : cost.before.metrics)
    json["metrics"][metric.name] = {{"before", metric.value}, {"after", cost.after.at(metric.name)}};
  return json;
}

std::string cost_text(const Cost& cost) {
  std::vector<std::vector<std::string>> rows = {{"", "before", "int8", "change"}};
  const auto change = [](double before, double after) {
    return before == 0 || !std::isfinite(after / before) ? std::string()
                                                         : fmt::format("{:+.2f} %", 100 * (after / before - 1));
  };
  rows.push_back({"size", human_bytes(cost.bytes_before), human_bytes(cost.bytes_after),
                  change(static_cast<double>(cost.bytes_before), static_cast<double>(cost.bytes_after))});
  for (const Metric& metric : cost.before.metrics) {
    const double after = cost.after.at(metric.name);
    rows.push_back({spaced(metric.name), real_text(metric.value, 6), real_text(after, 6), change(metric.value, after)});
  }
  return table(rows, "lrrr");
}

int64_t size_of(const std::filesystem::path& path) { return static_cast<int64_t>(std::filesystem::file_size(path)); }

// The model with the options that were given for the other.
std::unique_ptr<Trained> load_with(const std::string& path, const Config& given) {
  std::unique_ptr<Trained> model = load_trained(path);
  Config own;
  model->declare_use(own);
  for (const ConfigField& field : own.fields())
    if (const ConfigField* same = given.find(field.key)) field.set(same->get());
  return model;
}

}  // namespace

int run_quantize(const Words& words) {
  std::string model, out;
  std::vector<std::string> data;
  bool json = false, quiet = false;
  Arguments arguments("recur quantize MODEL --out FILE [options]",
                      "Writes a model whose matrices are 8-bit integers with a scale per row, about a quarter of the\n"
                      "size. It is used like any model; its recurrent layers multiply integers. --data compares the\n"
                      "metrics of both models. MODEL is a .recur file or a run folder.");
  arguments.positional("MODEL", model);
  arguments.text("--out", out, "FILE", "Output file");
  arguments.texts("--data", data, "FILE", "Test data to compare both models on; may be repeated");
  arguments.flag("--quiet", quiet, "Print the comparison, warnings and errors only");
  arguments.flag("--json", json, "Print one JSON object");
  Config config;
  std::unique_ptr<Trained> named;  // its task decides which options there are
  if (const std::string path = first_path(words); std::filesystem::exists(path)) {
    named = load_trained(path);
    named->declare_use(config);
    arguments.config(config);
  } else {
    arguments.footer("With --data, the options of `recur evaluate MODEL` apply as well.\n");
  }
  if (!arguments.parse(words)) return kDone;
  if (out.empty()) fail_usage("--out FILE is missing");
  if (quiet) hide_notes();

  check_outputs({{"--out", out}}, model, data);
  const std::filesystem::path from = model_path(model);
  load_trained(model)->save_int8(out, read_model_facts(model));
  Cost cost{.bytes_before = size_of(from), .bytes_after = size_of(out), .before = {}, .after = {}};
  if (!data.empty()) {
    const DataFiles files(data.begin(), data.end());
    cost.before = load_with(model, config)->evaluate(files);
    cost.after = load_with(out, config)->evaluate(files);
  }
  print(json ? json_line(cost_json(cost)) : cost_text(cost));
  return kDone;
}

}  // namespace recur::cli
