// Small runs for tests of training.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "recur/io/metrics_log.h"
#include "recur/train/run.h"
#include "tests/tasks/lm/lm_text.h"

namespace recur::testing {

// Notes what a run tells, and asks it to stop when it has taken `stop_at` steps.
class Witness : public TrainObserver {
 public:
  explicit Witness(int64_t stop_at = -1) : stop_at_(stop_at) {}

  void on_step(const StepReport& report) override {
    steps.push_back(report);
    if (report.step == stop_at_) stop = true;
  }
  void on_validation(const ValidationReport& report) override {
    validations.push_back(report.evaluation);
    validated_at.push_back(report.step);
  }
  void on_message(std::string_view text) override { messages.emplace_back(text); }

  void stop_at(int64_t step) { stop_at_ = step; }
  Trainer::Context context() { return {.observer = this, .stop = &stop}; }

  std::atomic<bool> stop{false};
  std::vector<StepReport> steps;
  std::vector<Evaluation> validations;
  std::vector<int64_t> validated_at;
  std::vector<std::string> messages;

 private:
  int64_t stop_at_;
};

// The options of a tiny language model over `text`, changed by `overrides`.
inline void set_small(Run& run, const std::filesystem::path& text, const std::vector<std::string>& overrides) {
  run.config().apply_override("data=" + text.string());
  for (const char* each : {"valid=0.2", "batch=4", "bptt=10", "hidden=12", "lr=0.01", "log_every=3"}) {
    run.config().apply_override(each);
  }
  for (const std::string& each : overrides) run.config().apply_override(each);
}

inline std::unique_ptr<Run> small_run(const std::filesystem::path& text, const std::vector<std::string>& overrides) {
  auto run = std::make_unique<Run>("lm");
  set_small(*run, text, overrides);
  return run;
}

// All that a checkpoint holds but times, as bytes by name.
inline std::map<std::string, std::string> contents_of(const std::filesystem::path& checkpoint) {
  const StateReader state = StateReader::open(checkpoint);
  std::map<std::string, std::string> all;
  for (const TensorView& view : state.file().tensors()) {
    all["tensor " + view.name] = {reinterpret_cast<const char*>(view.data.data()), view.data.size()};
  }
  for (const auto& [key, value] : state.file().metadata()) {
    if (key != "run.elapsed" && key != "run.validated" && key != "recur.checksum") all[key] = value;
  }
  return all;
}

// The rows of metrics.jsonl but times and speeds, as text.
inline std::vector<std::string> rows_of(const std::filesystem::path& metrics) {
  std::vector<std::string> rows;
  for (const MetricsRow& row : read_metrics(metrics)) {
    std::string text = fmt::format("{} {}", row.step, row.epoch);
    for (const Metric& each : row.metrics) {
      if (each.name.ends_with("seconds") || each.name.ends_with("per_second")) continue;
      text += fmt::format(" {}={}", each.name, each.value);
    }
    rows.push_back(text);
  }
  return rows;
}

}  // namespace recur::testing
