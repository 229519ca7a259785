#include "recur/tasks/task.h"

#include "recur/base/error.h"

namespace recur {

Description Task::describe_data(const DataFiles&) const {
  fail_usage("the task '{}' does not describe data", info().name);
}

}  // namespace recur
