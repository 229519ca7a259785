#include "recur/tasks/task.h"

#include "recur/base/error.h"

namespace recur {

void Task::predict(const Paths&, RowSink&) { fail_usage("the task '{}' has no predictions", info().name); }

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
