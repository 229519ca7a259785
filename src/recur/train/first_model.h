// The model that a run begins from, instead of new weights: fine-tuning.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "recur/tasks/task.h"

namespace recur {

// Opens it. Throws Error where it is of another task or its weights are int8, which cannot be trained on.
std::unique_ptr<Trained> load_first_model(const std::filesystem::path& path, std::string_view task);

// Sets the options of the task as the model has them. Those that say how it learns may have been given other values,
// such as dropout and the batch size, and these stay. Throws UsageError, naming both values, for one that was given and
// says what the model is, or how it reads data. `name` stands for the model.
void take_options(Config& config, const Trained& model, const std::string& name);

}  // namespace recur
