#include "recur/exchange/arrange_layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/suggest.h"

namespace recur {
namespace {

constexpr size_t kMostToOrder = 9;  // layers whose orders are all tried

std::vector<std::string_view> parts_of(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(at, begin), text.size());
    std::string_view part = text.substr(begin, end - begin);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

std::string names_of(const std::vector<FoundLayer>& layers) {
  std::string out;
  for (const FoundLayer& each : layers) out += (out.empty() ? "" : ",") + each.name;
  return out;
}

std::string described(const std::vector<FoundLayer>& layers) {
  std::string out;
  for (const FoundLayer& each : layers) {
    if (!each.unknown.empty()) continue;
    out += fmt::format("{}{} ({}{})", out.empty() ? "" : ", ", each.name,
                       each.input > 0 ? fmt::format("{} to ", each.input) : "", text_of(each.layer));
  }
  return out;
}

// The matrix [V, E] of a linear layer without bias as a table of V symbols.
FoundLayer as_embedding(FoundLayer found) {
  found.layer.vocabulary = found.layer.size;
  found.layer.size = found.input;
  found.layer.kind = "embedding";
  found.layer.bias = true;
  found.input = 1;
  found.may_be_embedding = false;
  return found;
}

int64_t outputs_of(const FoundLayer& found, int64_t input) { return features_after(found.layer, input); }

bool fits(const FoundLayer& found, int64_t features) { return found.input == 0 || found.input == features; }

// Whether the layers fit each other as they stand.
bool chains(const std::vector<FoundLayer>& layers) {
  int64_t features = layers.front().input;
  for (const FoundLayer& each : layers) {
    if (!fits(each, features) || (each.layer.kind == "embedding" && &each != &layers.front())) return false;
    features = outputs_of(each, features);
  }
  return true;
}

// Both readings of a first layer.
std::vector<std::vector<FoundLayer>> readings(const std::vector<FoundLayer>& layers) {
  std::vector<std::vector<FoundLayer>> out{layers};
  if (layers.front().may_be_embedding) {
    out.push_back(layers);
    out.back().front() = as_embedding(layers.front());
  }
  std::erase_if(out, [](const auto& each) { return !chains(each); });
  return out;
}

// Up to two orders whose sizes fit.
class Orders {
 public:
  explicit Orders(const std::vector<FoundLayer>& layers) : layers_(layers), used_(layers.size(), false) {}

  std::vector<std::vector<FoundLayer>> find() {
    extend();
    return std::move(found_);
  }

 private:
  bool may_follow(const FoundLayer& next) const {
    if (order_.empty()) return true;
    int64_t features = order_.front().layer.kind == "embedding" ? 1 : order_.front().input;
    if (order_.front().may_be_embedding) return true;  // settled when all stand
    for (const FoundLayer& each : order_) features = outputs_of(each, features);
    return fits(next, features);
  }
  void extend() {
    if (order_.size() == layers_.size()) {
      for (auto& reading : readings(order_)) found_.push_back(std::move(reading));
      return;
    }
    for (size_t i = 0; i < layers_.size() && found_.size() < 2; ++i) {
      if (used_[i] || !may_follow(layers_[i])) continue;
      used_[i] = true;
      order_.push_back(layers_[i]);
      extend();
      order_.pop_back();
      used_[i] = false;
    }
  }

  const std::vector<FoundLayer>& layers_;
  std::vector<bool> used_;
  std::vector<FoundLayer> order_;
  std::vector<std::vector<FoundLayer>> found_;
};

// --- what the user says ---

// Adds the words of an entry "name:word:word" to the layer.
void add_words(FoundLayer& found, std::span<const std::string_view> words, const ArrangeOptions& options) {
  for (const std::string_view word : words) {
    if (word == "embedding" && found.may_be_embedding) {
      found = as_embedding(std::move(found));
    } else if (word == "dense" && found.layer.kind == "dense") {
      found.may_be_embedding = false;
    } else if (word == "rnn_relu" && found.layer.kind == "rnn") {
      found.layer.kind = "rnn_relu";
    } else if (word == found.layer.kind) {
      found.open.clear();
    } else {
      try {
        found.layer = parse_stack_layer(fmt::format("{} {}", text_of(found.layer), word));
      } catch (const UsageError& error) {
        fail_usage("{}: --layers: {}: {}", options.file, found.name, error.what());
      }
      found.open.clear();
    }
  }
}

FoundStack stated(std::vector<FoundLayer> found, const ArrangeOptions& options) {
  FoundStack stack;
  std::vector<bool> used(found.size(), false);
  for (const std::string_view entry : parts_of(options.layers, ',')) {
    const std::vector<std::string_view> words = parts_of(entry, ':');
    const auto at = std::ranges::find(found, words.front(), &FoundLayer::name);
    if (at != found.end()) {
      used[static_cast<size_t>(at - found.begin())] = true;
      stack.push_back(*at);
      add_words(stack.back(), std::span(words).subspan(1), options);
    } else if (is_activation(words.front()) || words.front() == "last") {
      stack.push_back(plain_layer(parse_stack_layer(words.front())));
      add_words(stack.back(), std::span(words).subspan(1), options);
    } else {
      std::vector<std::string_view> known;
      for (const FoundLayer& each : found) known.push_back(each.name);
      known.insert(known.end(), activation_names().begin(), activation_names().end());
      known.emplace_back("last");
      fail_usage("{}: --layers: no layer '{}'{}; the file has {}", options.file, words.front(),
                 did_you_mean(words.front(), known), described(found));
    }
  }
  for (size_t i = 0; i < found.size(); ++i) {
    if (!used[i]) log_info("{}: {} is not used (--layers)", options.file, found[i].name);
  }
  return stack;
}

// --- what is found out ---

// The place behind layer i, a linear one, at which the next linear one stands with no more than scales between; 0:
// none.
size_t next_linear(const FoundStack& stack, size_t i) {
  if (stack[i].layer.kind != "dense") return 0;
  size_t next = i + 1;
  while (next < stack.size() && stack[next].layer.kind == "scale") ++next;
  return next < stack.size() && stack[next].layer.kind == "dense" ? next : 0;
}

void ask_what_is_open(const FoundStack& stack, const ArrangeOptions& options) {
  for (size_t i = 0; i < stack.size(); ++i) {
    if (!stack[i].open.empty()) fail_usage("{}: {}: {}", options.file, stack[i].name, stack[i].open);
    const size_t next = next_linear(stack, i);
    if (next == 0) continue;
    std::vector<FoundLayer> example = stack;
    example.insert(example.begin() + static_cast<std::ptrdiff_t>(next), plain_layer({.kind = "relu"}));
    fail_usage(
        "{}: {} and {} are consecutive linear layers: there is probably an activation between them, which is not in "
        "the file; list all layers, as in --layers \"{}\", or \"{}\" if there is none",
        options.file, stack[i].name, stack[next].name, names_of(example), names_of(stack));
  }
}

[[noreturn]] void ask_for_order(const std::vector<std::vector<FoundLayer>>& orders, const ArrangeOptions& options) {
  std::string a = names_of(orders[0]), b = names_of(orders[1]);
  if (a == b) {
    const std::string rest = a.substr(orders[0].front().name.size());
    a = orders[0].front().name + ":dense" + rest;
    b = orders[0].front().name + ":embedding" + rest;
  }
  fail_usage("{}: the layers may be taken in several ways: --layers \"{}\" or --layers \"{}\"", options.file, a, b);
}

FoundStack found_out(const std::vector<FoundLayer>& found, const ArrangeOptions& options) {
  for (const FoundLayer& each : found) {
    if (!each.unknown.empty()) fail_usage("{}; to leave it out, list the other layers with --layers", each.unknown);
  }
  std::vector<std::vector<FoundLayer>> orders;
  if (options.in_order) orders = readings(found);
  if (orders.empty() && found.size() <= kMostToOrder) orders = Orders(found).find();
  if (orders.empty()) {
    fail_usage(
        "{}: no order of the layers fits their sizes: {}; --layers \"NAME,NAME,...\" says which to take, in order",
        options.file, described(found));
  }
  if (orders.size() > 1) ask_for_order(orders, options);
  ask_what_is_open(orders.front(), options);
  log_info(
      "{}: taken as {}, with an output for each step; what the module does beyond its layers (a sigmoid or softmax, "
      "only the last step) is not in the file: set --layers \"{},...\" to add it",
      options.file, described(orders.front()), names_of(orders.front()));
  return orders.front();
}

}  // namespace

FoundStack arrange(std::vector<FoundLayer> found, const ArrangeOptions& options) {
  if (found.empty()) {
    fail("{}: no known layer; known are LSTM, GRU, RNN, Linear, Embedding, Conv1d, LayerNorm and BatchNorm1d",
         options.file);
  }
  FoundStack stack = options.layers.empty() ? found_out(found, options) : stated(std::move(found), options);
  for (const FoundLayer& each : stack) {
    if (!each.unknown.empty()) fail("{}", each.unknown);
    if (!each.open.empty()) fail_usage("{}: {}: {}", options.file, each.name, each.open);
  }
  return stack;
}

int64_t input_of(const FoundStack& stack) {
  for (const FoundLayer& each : stack) {
    if (each.input > 0) return each.input;
  }
  fail("the layers do not show how many features they read");
}

}  // namespace recur
