// An optimiser chosen by name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/optim/optimizer.h"

namespace recur {

// Unset values have the default of the chosen optimiser; options that it does not have are ignored.
struct OptimizerOptions {
  std::string name = "adam";  // one of optimizer_names()
  std::optional<double> rate = {};
  double weight_decay = 0;
  bool decay_vectors = true;                     // weight decay for biases and scales too
  double momentum = 0;                           // sgd, rmsprop
  bool nesterov = false;                         // sgd
  std::optional<double> beta1 = {}, beta2 = {};  // adam, adamw
  std::optional<double> alpha = {};              // rmsprop
  std::optional<double> epsilon = {};
  bool centered = false;  // rmsprop
  bool amsgrad = false;   // adam, adamw
};

// "sgd", "asgd", "adam", "adamw", "rmsprop", "adagrad".
std::vector<std::string_view> optimizer_names();

// Throws UsageError for an unknown name, suggesting the nearest.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterGroups& groups);
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const Tensors& parameters);

}  // namespace recur
