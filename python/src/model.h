// A trained model as Python sees it.
#pragma once

#include <memory>
#include <string>

#include "binding.h"
#include "options.h"
#include "recur/tasks/network/network_model.h"
#include "recur/tasks/trained.h"

namespace recur::python {

// A value whose copies share the model, which is const: any number of threads may use one.
class Model {
 public:
  // Throws Error as load_trained() does.
  explicit Model(const std::string& path);

  const std::shared_ptr<const Trained>& trained() const { return trained_; }
  const Assets& facts() const { return facts_; }
  // The model with these options of prediction and evaluation, or itself where there are none.
  std::shared_ptr<const Trained> with(const Options& options) const;
  // Throws UsageError for a model that is not stepped.
  NetworkStream network_stream() const;

 private:
  std::shared_ptr<const Trained> trained_;
  Assets facts_;
};

}  // namespace recur::python
