#include "recur/tasks/task.h"

#include <charconv>

#include "recur/base/error.h"

namespace recur {

std::optional<double> TrainingData::held_out_fraction() const {
  double value = 0;
  const char* end = valid.data() + valid.size();
  const auto [rest, error] = std::from_chars(valid.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  if (!(value > 0 && value < 1)) fail_usage("valid: expected a file, or a fraction between 0 and 1, got {}", value);
  return value;
}

void Task::predict(const Paths&, RowSink&) { fail_usage("the task '{}' has no predictions", info().name); }

std::unique_ptr<LineStream> Task::stream() { fail_usage("the task '{}' does not predict line by line", info().name); }

void Task::generate(const GenerateOptions&, const TextSink&) {
  fail_usage("the task '{}' does not write", info().name);
}

Description Task::describe_data(const Paths&) { fail_usage("the task '{}' does not describe data", info().name); }

std::string Task::options_toml() const {
  Config config;
  const_cast<Task*>(this)->declare(config);  // which only refers to the options
  return config.to_toml();
}

}  // namespace recur
