#include <fmt/format.h>

#include <cstddef>

#include "cli/facts.h"
#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/io/safetensors.h"
#include "recur/tasks/task.h"

namespace recur::cli {
namespace {

int64_t elements(const TensorView& tensor) {
  int64_t count = 1;
  for (const int64_t size : tensor.shape) count *= size;
  return count;
}

std::string shape_text(const std::vector<int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

std::string tensors_text(const SafetensorsFile& file) {
  std::vector<std::vector<std::string>> rows = {{"tensor", "type", "shape", "elements"}};
  int64_t sum = 0;
  for (const TensorView& tensor : file.tensors()) {
    rows.push_back({tensor.name, tensor.dtype, shape_text(tensor.shape), thousands(elements(tensor))});
    sum += elements(tensor);
  }
  rows.push_back({"in all", "", "", thousands(sum)});
  return table(rows, "lllr");
}

Json tensors_json(const SafetensorsFile& file) {
  Json out = Json::array();
  for (const TensorView& tensor : file.tensors()) {
    out.push_back({{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
  }
  return out;
}

bool is_model(const SafetensorsFile& file) {
  const auto kind = file.metadata().find("recur.kind");
  return kind != file.metadata().end() && kind->second == "model";
}

void print_model(const std::filesystem::path& path, const SafetensorsFile& file, const InspectOptions& options) {
  const std::unique_ptr<Trained> trained = load_trained(path);
  const Assets facts = read_model_facts(path);
  const std::unique_ptr<Task> task = make_task(trained->info().name);  // for what its options are called
  Config config;
  task->declare(config);
  config.parse_toml(trained->options_toml(), "options");
  if (options.json) {
    Json json = {{"kind", "model"},
                 {"path", path.string()},
                 {"task", trained->info().name},
                 {"parameters", trained->module().parameter_count()}};
    json["description"] = facts_json(trained->describe());
    for (const auto& [name, value] : facts) json["facts"][name] = fact_json(value);
    json["options"] = options_json(config);
    json["tensors"] = tensors_json(file);
    print(json_line(json));
    return;
  }
  Facts all;
  all.add("model", path.string());
  all.add("task", task->info().name + ": " + task->info().summary);
  add_changed_options(all, config);
  all.add("parameters", thousands(trained->module().parameter_count()));
  for (const Fact& fact : trained->describe()) all.add(spaced(fact.name), cell_text(fact.value));
  for (const auto& [name, value] : facts) all.add(spaced(name), fact_text(value));
  print(all.text() + "\n" + tensors_text(file));
}

}  // namespace

void inspect_tensors(const std::filesystem::path& path, const InspectOptions& options) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  if (is_model(file)) return print_model(path, file, options);
  if (options.json) {
    Json json = {{"kind", "tensors"}, {"path", path.string()}, {"tensors", tensors_json(file)}};
    for (const auto& [name, value] : file.metadata()) json["metadata"][name] = value;
    print(json_line(json));
    return;
  }
  Facts facts;
  facts.add("file", path.string());
  for (const auto& [name, value] : file.metadata()) {
    facts.add(name, value.size() > 80 ? in_quotes(value.substr(0, 77)) + "..." : value);
  }
  print(facts.text() + "\n" + tensors_text(file));
}

}  // namespace recur::cli
