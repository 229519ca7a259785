#include "model.h"

#include <nanobind/stl/function.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "interruptible.h"
#include "messages.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/tasks/network/network_trained.h"
#include "recur/tasks/task.h"
#include "table_sink.h"

namespace recur::python {
namespace {

using TextMap = std::map<std::string, std::string>;

// Predictions while the data arrive. The model lives as long.
class LiveSession {
 public:
  LiveSession(const Model& model, const Options& options)
      : trained_(model.with(options)), session_(trained_->session()) {
    if (session_ == nullptr) fail_usage("the task '{}' needs all data before it predicts", trained_->info().name);
  }

  // A text or bytes.
  nb::list take(const nb::object& chunk) {
    const bool is_text = nb::isinstance<nb::str>(chunk);
    if (!is_text && !nb::isinstance<nb::bytes>(chunk)) throw nb::type_error("take: expected a text or bytes");
    const nb::bytes bytes(is_text ? nb::object(chunk.attr("encode")()) : chunk);
    const std::string_view line(bytes.c_str(), bytes.size());
    without_gil([&] { session_->take({line}, sink_); });
    return sink_.take_rows();
  }
  nb::list finish() {
    without_gil([&] { session_->finish(sink_); });
    return sink_.take_rows();
  }

 private:
  std::shared_ptr<const Trained> trained_;
  std::unique_ptr<Session> session_;
  TableSink sink_;
};

// Work with a model that Ctrl-C stops between two batches.
void work_with(const std::function<void()>& work) {
  std::atomic<bool> stop{false};
  run_interruptibly(stop, [&] {
    const StopScope scope(&stop);
    work();
  });
}

nb::tuple predicted(const Model& model, const DataFiles& data, const nb::dict& options) {
  const auto trained = model.with(options_of(options));
  TableSink sink;
  work_with([&] { trained->predict(data, sink); });
  return nb::make_tuple(sink.take_table(), sink.take_pictures());
}

nb::list tables_of(const std::vector<Table>& tables) {
  nb::list list;
  for (const Table& table : tables) {
    nb::list rows;
    for (const auto& cells : table.rows) {
      nb::list row;
      for (const TableCell& cell : cells) row.append(object_of(cell));
      rows.append(row);
    }
    list.append(nb::make_tuple(table.name, table.columns, rows));
  }
  return list;
}

nb::tuple evaluated(const Model& model, const DataFiles& data, const nb::dict& options) {
  const auto trained = model.with(options_of(options));
  Evaluation result;
  work_with([&] { result = trained->evaluate(data); });
  nb::dict metrics;
  for (const Metric& each : result.metrics) metrics[each.name.c_str()] = each.value;
  return nb::make_tuple(result.examples, metrics, tables_of(result.tables), result.verdict);
}

nb::object generated(const Model& model, const nb::dict& given) {
  GenerateOptions options;
  Config config(options);
  set_options(options_of(given), config);
  TableSink sink;
  work_with([&] { model.trained()->generate(options, sink); });
  return sink.take_text();
}

TextMap plain(const Assets& assets) { return {assets.begin(), assets.end()}; }

void bind_use(nb::class_<Model>& model) {
  model
      .def("predict", &predicted, nb::arg("data"), nb::arg("options"),
           nb::sig("def predict(self, data: collections.abc.Sequence[DataFile], options: dict[str, typing.Any]) -> "
                   "tuple[tuple[list[str], list[typing.Any]], dict[str, bytes]]"),
           "((the names of the columns, the columns), pictures by name).")
      .def("evaluate", &evaluated, nb::arg("data"), nb::arg("options"),
           nb::sig("def evaluate(self, data: collections.abc.Sequence[DataFile], options: dict[str, typing.Any]) -> "
                   "tuple[int, dict[str, float], list[tuple[str, list[str], list[list[typing.Any]]]], str]"),
           "(number of examples, metrics, tables, verdict).")
      .def("generate", &generated, nb::arg("options"),
           nb::sig("def generate(self, options: dict[str, typing.Any]) -> str"),
           "The text that a language model goes on with.")
      .def(
          "session", [](const Model& m, const nb::dict& options) { return new LiveSession(m, options_of(options)); },
          nb::arg("options"), nb::sig("def session(self, options: dict[str, typing.Any]) -> Session"),
          "Predictions while the data arrive.");
}

}  // namespace

Model::Model(const std::string& path) {
  trained_ = std::shared_ptr<const Trained>(load_trained(path));
  facts_ = read_model_facts(path);
}

std::shared_ptr<const Trained> Model::with(const Options& options) const {
  if (options.empty()) return trained_;
  std::shared_ptr<Trained> other = trained_->clone();
  Config config;
  other->declare_use(config);
  set_options(options, config);
  return other;
}

NetworkStream Model::network_stream() const {
  const auto* const network = dynamic_cast<const NetworkTrained*>(trained_.get());
  if (network == nullptr) {
    fail_usage(
        "a model of the task '{}' is not stepped by numbers; session() takes lines as they arrive, and layers of "
        "recur.nn have stream()",
        trained_->info().name);
  }
  return NetworkStream(network->network());
}

void bind_model(nb::module_& m) {
  nb::class_<LiveSession>(m, "Session", "Predictions while the data arrive; made by Model.session().")
      .def("take", &LiveSession::take, nb::arg("chunk"),
           nb::sig("def take(self, chunk: str | bytes) -> list[dict[str, typing.Any]]"),
           "Takes the next line, or of sounds the next bytes, and gives the rows that it completes.")
      .def("finish", &LiveSession::finish, nb::sig("def finish(self) -> list[dict[str, typing.Any]]"),
           "Behind the last chunk: the rows that were waiting for more.");

  nb::class_<Model> model(m, "Model", "A trained model; recur.Model makes it convenient.");
  model
      .def(
          "__init__", [](Model* self, const std::string& path) { without_gil([&] { new (self) Model(path); }); },
          nb::arg("path"))
      .def_prop_ro(
          "task", [](const Model& model) { return model.trained()->info().name; }, "The name of its task.")
      .def_prop_ro(
          "describe",
          [](const Model& model) {
            nb::list facts;
            for (const Fact& fact : model.trained()->describe())
              facts.append(nb::make_tuple(fact.name, object_of(fact.value)));
            return facts;
          },
          nb::sig("def describe(self) -> list[tuple[str, str | int | float]]"), "Facts, in the order to show them.")
      .def_prop_ro(
          "facts", [](const Model& model) { return plain(model.facts()); }, "Where it comes from: step, metrics.")
      .def_prop_ro(
          "assets", [](const Model& model) { return plain(model.trained()->assets()); },
          "What it keeps of its data besides numbers: vocabularies, scalers.")
      .def_prop_ro(
          "options_toml", [](const Model& model) { return model.trained()->options_toml(); }, "All its options, TOML.")
      .def_prop_ro(
          "parameter_count", [](const Model& model) { return model.trained()->module().parameter_count(); },
          "How many numbers were learnt.")
      .def(
          "use_options",
          [](const Model& model) {
            const auto other = model.trained()->clone();
            Config config;
            other->declare_use(config);
            return fields_of(config);
          },
          nb::sig("def use_options(self) -> list[tuple[str, str, str, str, list[str], str]]"),
          "The options of predict and evaluate: (key, section, type, default, choices, help).")
      .def(
          "tensors",
          [](const Model& model) {
            nb::dict tensors;
            for (const NamedTensor& each : model.trained()->module().state())
              tensors[each.name.c_str()] = each.value.clone();
            return tensors;
          },
          nb::sig("def tensors(self) -> dict[str, Tensor]"), "A copy of its parameters and buffers.")
      .def(
          "save",
          [](const Model& model, const std::string& path, bool int8) {
            without_gil([&] {
              int8 ? model.trained()->save_int8(path, model.facts()) : model.trained()->save(path, model.facts());
            });
          },
          nb::arg("path"), nb::arg("int8") = false,
          "Writes the model file, whole or not at all; with int8 its matrices rounded to 8-bit integers.");
  bind_use(model);
}

}  // namespace recur::python
