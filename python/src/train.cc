// Training by the loop of the program.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding.h"
#include "interruptible.h"
#include "options.h"
#include "recur/tasks/task.h"
#include "recur/train/run.h"

namespace recur::python {
namespace {

struct Validation {
  int64_t step;
  double epoch;
  std::optional<double> train_loss;
  double elapsed;
  bool best;
  std::vector<Metric> metrics;
};

// Keeps what the thread that trains reports, for another one to read.
class Reports : public TrainObserver {
 public:
  void on_step(const StepReport& report) override {
    const std::lock_guard lock(mutex_);
    last_ = report;
  }
  void on_validation(const ValidationReport& report) override {
    const std::lock_guard lock(mutex_);
    validations_.push_back(
        {report.step, report.epoch, report.train_loss, report.elapsed, report.best, report.evaluation.metrics});
  }

  std::optional<StepReport> last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  const std::vector<Validation>& validations() const { return validations_; }  // REQUIRES: nobody trains any more

 private:
  mutable std::mutex mutex_;
  std::optional<StepReport> last_;
  std::vector<Validation> validations_;
};

nb::dict metrics_of(const std::vector<Metric>& metrics) {
  nb::dict result;
  for (const Metric& each : metrics) result[each.name.c_str()] = each.value;
  return result;
}

nb::dict progress_of(const StepReport& report) {
  nb::dict progress;
  progress["step"] = report.step;
  progress["epoch"] = report.epoch;
  progress["loss"] = report.loss;
  progress["lr"] = report.rate;
  progress["gradient_norm"] = report.gradient_norm;
  progress["examples_per_second"] = report.examples_per_second;
  progress["elapsed"] = report.elapsed;
  progress["progress"] = report.progress;
  return progress;
}

nb::list history_of(const std::vector<Validation>& validations) {
  nb::list history;
  for (const Validation& each : validations) {
    nb::dict row;
    row["step"] = each.step;
    row["epoch"] = each.epoch;
    row["train_loss"] = each.train_loss ? nb::object(nb::float_(*each.train_loss)) : nb::none();
    row["elapsed"] = each.elapsed;
    row["best"] = each.best;
    row["metrics"] = metrics_of(each.metrics);
    history.append(row);
  }
  return history;
}

std::string end_text(TrainEnd end) {
  return end == TrainEnd::kFinished ? "finished" : end == TrainEnd::kEarly ? "early" : "stopped";
}

nb::dict result_of(const TrainResult& result, const Reports& reports) {
  nb::dict out;
  out["end"] = end_text(result.end);
  out["step"] = result.step;
  out["epoch"] = result.epoch;
  out["elapsed"] = result.elapsed;
  const auto last = reports.last();
  out["loss"] = last ? nb::object(nb::float_(last->loss)) : nb::none();
  out["best_step"] = result.best_step;
  out["refit_steps"] = result.refit_steps ? nb::object(nb::int_(*result.refit_steps)) : nb::none();
  out["best"] = result.best ? nb::object(metrics_of(result.best->metrics)) : nb::none();
  out["verdict"] = result.best ? verdict(*result.best, result.baselines) : std::string();
  out["history"] = history_of(reports.validations());
  return out;
}

nb::dict train(const std::string& task, const DataFiles& files, const DataFiles& valid, const std::string& folder,
               const nb::dict& options, const nb::object& on_progress, bool force) {
  Run run(task);
  set_options(options_of(options), run.config());
  run.take_data(files, valid);
  Reports reports;
  std::atomic<bool> stop{false};
  TrainResult result;
  std::function<void()> meanwhile;
  int64_t told = 0;
  if (!on_progress.is_none()) {
    meanwhile = [&] {
      const auto last = reports.last();
      if (!last || last->step == std::exchange(told, last->step)) return;
      on_progress(progress_of(*last));
    };
  }
  run_interruptibly(
      stop, [&] { result = run.train(folder, force, {.observer = &reports, .stop = &stop}); }, meanwhile);
  return result_of(result, reports);
}

}  // namespace

void bind_train(nb::module_& m) {
  m.def("train", &train, nb::arg("task"), nb::arg("data"), nb::arg("valid"), nb::arg("folder"), nb::arg("options"),
        nb::arg("on_progress") = nb::none(), nb::arg("force") = false,
        nb::sig("def train(task: str, data: collections.abc.Sequence[DataFile], valid: "
                "collections.abc.Sequence[DataFile], folder: str, options: dict[str, typing.Any], on_progress: "
                "collections.abc.Callable[[dict[str, typing.Any]], None] | None = None, force: bool = False) -> "
                "dict[str, typing.Any]"),
        "Trains as the program does, into the folder of a run. Ctrl-C ends it after the running step; the model so far "
        "is\n"
        "then in the folder.");
  m.def(
      "task_options", [](const std::string& task) { return fields_of(Run(task).config()); }, nb::arg("task"),
      nb::sig("def task_options(task: str) -> list[tuple[str, str, str, str, list[str], str]]"),
      "All options of training: (key, section, type, default, choices, help).");
  m.def(
      "task_use_options",
      [](const std::string& task) {
        const auto made = make_task(task);
        Config config;
        made->declare_use(config);
        return fields_of(config);
      },
      nb::arg("task"), nb::sig("def task_use_options(task: str) -> list[tuple[str, str, str, str, list[str], str]]"),
      "The options of prediction and evaluation: (key, section, type, default, choices, help).");
  m.def(
      "tasks",
      [] {
        nb::list list;
        for (const TaskInfo& info : tasks()) list.append(nb::make_tuple(info.name, info.summary, info.data));
        return list;
      },
      nb::sig("def tasks() -> list[tuple[str, str, str]]"), "The tasks: (name, summary, what its data are).");
}

}  // namespace recur::python
