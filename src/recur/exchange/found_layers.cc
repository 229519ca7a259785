#include "recur/exchange/found_layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/tasks/network/network_trained.h"

namespace recur {
namespace {

// Throws Error with the layer's own name in front, where it has parameters of other names or shapes.
void check_tensors(const std::string& file, const FoundLayer& found, const NamedTensors& wanted) {
  for (const NamedTensor& want : wanted) {
    const auto have = std::ranges::find(found.tensors, want.name, &NamedTensor::name);
    if (have == found.tensors.end()) {
      fail("{}: layer {} ({}): {} {} is missing", file, found.name, text_of(found.layer), want.name,
           want.value.shape().str());
    }
    if (have->value.shape() != want.value.shape()) {
      fail("{}: layer {} ({}): {}: expected the shape {}, got {}", file, found.name, text_of(found.layer), want.name,
           want.value.shape().str(), have->value.shape().str());
    }
  }
}

int64_t elements_of(const FoundStack& stack) {
  int64_t count = 0;
  for (const FoundLayer& found : stack) {
    for (const NamedTensor& tensor : found.tensors) count += tensor.value.numel();
  }
  return count;
}

}  // namespace

std::unique_ptr<Trained> make_network(const std::string& file, int64_t input, const FoundStack& stack) {
  NetworkOptions options;
  options.model.input = input;
  int64_t features = input;
  for (const FoundLayer& found : stack) {
    if (found.input > 0 && found.input != features) {
      fail("{}: layer {} ({}) reads {} features, but gets {}", file, found.name, text_of(found.layer), found.input,
           features);
    }
    features = features_after(found.layer, features);
    options.model.stack.push_back(text_of(found.layer));
  }
  try {
    check_stack(options.model, elements_of(stack));
  } catch (const Error& error) {
    fail("{}: {}", file, error.what());
  }
  auto trained = std::make_unique<NetworkTrained>(options);
  NamedTensors state;
  for (size_t k = 0; k < stack.size(); ++k) {
    const std::string prefix = fmt::format("{}.", k);
    check_tensors(file, stack[k], state_part(trained->network().state(), prefix));
    append_state(state, prefix, stack[k].tensors);
  }
  trained->network().load_state(state);
  return trained;
}

}  // namespace recur
