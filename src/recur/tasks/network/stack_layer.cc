#include "recur/tasks/network/stack_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/nn/layers/layer_kinds.h"

namespace recur {
namespace {

constexpr int64_t kLargest = 1 << 24;

// A word "key=value" of some kinds of layers.
struct IntegerWord {
  std::string_view key;
  int64_t StackLayer::*field;
  int64_t least;
};
constexpr std::array kIntegers{IntegerWord{"vocabulary", &StackLayer::vocabulary, 1},
                               IntegerWord{"layers", &StackLayer::layers, 1},
                               IntegerWord{"projection", &StackLayer::projection, 1},
                               IntegerWord{"kernel", &StackLayer::kernel, 1},
                               IntegerWord{"stride", &StackLayer::stride, 1},
                               IntegerWord{"dilation", &StackLayer::dilation, 1},
                               IntegerWord{"before", &StackLayer::before, 0},
                               IntegerWord{"after", &StackLayer::after, 0},
                               IntegerWord{"back", &StackLayer::back, 1}};

struct RealWord {
  std::string_view key;
  double StackLayer::*field;
};
constexpr std::array kReals{RealWord{"epsilon", &StackLayer::epsilon}, RealWord{"slope", &StackLayer::slope}};

// Without a size, and but for some activations without words.
bool is_bare(std::string_view kind) {
  return kind == "scale" || kind == "magnitude" || kind == "last" || kind == "reverse" || is_activation(kind);
}

// The words that a kind understands, behind its size.
std::vector<std::string_view> words_of(std::string_view kind) {
  if (kind == "dense") return {"no_bias"};
  if (kind == "embedding") return {"vocabulary"};
  if (kind == "conv") return {"kernel", "stride", "dilation", "before", "after", "no_bias"};
  if (kind == "layer_norm") return {"epsilon"};
  if (kind == "elu" || kind == "leaky_relu") return {"slope"};
  if (is_join(kind)) return {"back"};
  if (is_bare(kind)) return {};
  return {"layers", "projection", "bidirectional", "no_bias"};
}

bool has_size(std::string_view kind) { return kind != "layer_norm" && !is_join(kind) && !is_bare(kind); }

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names{"dense",     "embedding", "conv",     "layer_norm", "scale",
                                      "magnitude", "add",       "multiply", "last",       "reverse"};
  for (const LayerKind& kind : layer_kinds()) names.push_back(kind.name);
  names.insert(names.end(), activation_names().begin(), activation_names().end());
  return names;
}

template <class T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The words of one layer, one after the other.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  StackLayer read() {
    const auto kind = next();
    if (!kind) fail_usage("a layer is empty; expected words such as 'lstm 64', 'dense 8' or 'tanh'");
    const std::vector<std::string_view> known = kind_names();
    if (std::ranges::count(known, *kind) == 0) {
      fail_usage("layer '{}': unknown kind '{}'{}; the kinds are {}", text_, *kind, did_you_mean(*kind, known),
                 fmt::join(known, ", "));
    }
    layer_.kind = *kind;
    if (layer_.kind == "leaky_relu") layer_.slope = 0.01;
    if (has_size(layer_.kind)) layer_.size = integer("its size", next().value_or(""), 1);
    while (const auto word = next()) take(*word);
    if (layer_.kind == "embedding" && layer_.vocabulary == 0) fail_usage("layer '{}': vocabulary=V is missing", text_);
    if (is_join(layer_.kind) && layer_.back == 0) fail_usage("layer '{}': back=N is missing", text_);
    return layer_;
  }

 private:
  std::optional<std::string_view> next() {
    const size_t begin = text_.find_first_not_of(' ', at_);
    if (begin == std::string_view::npos) return std::nullopt;
    at_ = std::min(text_.find(' ', begin), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  int64_t integer(std::string_view what, std::string_view text, int64_t least) const {
    const auto value = number_of<int64_t>(text);
    if (!value || *value < least || *value > kLargest) {
      fail_usage("layer '{}': {}: expected an integer in [{}, {}], got '{}'", text_, what, least, kLargest, text);
    }
    return *value;
  }

  void take(std::string_view word) {
    const size_t equal = std::min(word.find('='), word.size());
    const std::string_view key = word.substr(0, equal);
    const std::vector<std::string_view> known = words_of(layer_.kind);
    if (std::ranges::count(known, key) == 0) {
      fail_usage("layer '{}': unexpected word '{}'{}; {} has {}", text_, word, did_you_mean(key, known), layer_.kind,
                 known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")));
    }
    if (word == "bidirectional") {
      layer_.bidirectional = true;
    } else if (word == "no_bias") {
      layer_.bias = false;
    } else if (equal == word.size()) {
      fail_usage("layer '{}': {}: expected {}=NUMBER", text_, key, key);
    } else {
      put(key, word.substr(equal + 1));
    }
  }

  void put(std::string_view key, std::string_view value) {
    for (const IntegerWord& each : kIntegers) {
      if (each.key == key) layer_.*each.field = integer(key, value, each.least);
    }
    for (const RealWord& each : kReals) {
      if (each.key != key) continue;
      const auto number = number_of<double>(value);
      if (!number || !(*number >= 0 && *number <= 1e6)) {
        fail_usage("layer '{}': {}: expected a number in [0, 1e6], got '{}'", text_, key, value);
      }
      layer_.*each.field = *number;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  StackLayer layer_;
};

}  // namespace

StackLayer parse_stack_layer(std::string_view text) { return Reader(text).read(); }

std::vector<StackLayer> parse_stack(const std::vector<std::string>& texts) {
  std::vector<StackLayer> layers;
  for (const std::string& text : texts) layers.push_back(parse_stack_layer(text));
  return layers;
}

std::string text_of(const StackLayer& layer) {
  StackLayer usual;
  if (layer.kind == "leaky_relu") usual.slope = 0.01;
  std::string text = layer.kind;
  if (has_size(layer.kind)) text += fmt::format(" {}", layer.size);
  for (const IntegerWord& each : kIntegers) {
    if (layer.*each.field != usual.*each.field) text += fmt::format(" {}={}", each.key, layer.*each.field);
  }
  for (const RealWord& each : kReals) {
    if (layer.*each.field != usual.*each.field) text += fmt::format(" {}={}", each.key, layer.*each.field);
  }
  if (layer.bidirectional) text += " bidirectional";
  if (!layer.bias) text += " no_bias";
  return text;
}

bool is_recurrent(const StackLayer& layer) {
  return std::ranges::any_of(layer_kinds(), [&](const LayerKind& kind) { return kind.name == layer.kind; });
}

const std::vector<std::string_view>& activation_names() {
  static const std::vector<std::string_view> names{"tanh",        "sigmoid",  "relu",         "softmax",
                                                   "log_softmax", "softplus", "hard_sigmoid", "gelu",
                                                   "silu",        "elu",      "leaky_relu"};
  return names;
}

bool is_join(std::string_view kind) { return kind == "add" || kind == "multiply"; }

bool is_activation(std::string_view kind) { return std::ranges::count(activation_names(), kind) > 0; }

int64_t features_after(const StackLayer& layer, int64_t input) {
  if (layer.kind == "embedding" && input != 1) {
    fail("layer '{}': an embedding reads one number, that of a symbol, got {} features", text_of(layer), input);
  }
  if (is_recurrent(layer)) {
    return (layer.projection > 0 ? layer.projection : layer.size) * (layer.bidirectional ? 2 : 1);
  }
  if (layer.kind == "magnitude" && input % 2 != 0)
    fail("layer 'magnitude': expected an even number of features, got {}", input);
  if (layer.kind == "magnitude") return input / 2;
  return has_size(layer.kind) ? layer.size : input;
}

}  // namespace recur
