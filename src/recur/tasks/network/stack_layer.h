// One layer of an imported network, in words: "lstm 64 bidirectional", "dense 8", "tanh", "last".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// kind             words behind it
// lstm, gru, ...   SIZE units; layers=N projection=P bidirectional no_bias: any kind of layer_kinds()
// dense            SIZE outputs; no_bias
// embedding        SIZE features; vocabulary=V: the input is a number of a symbol, 0 .. V - 1
// conv             SIZE channels; kernel=K stride=S dilation=D before=N after=N no_bias: along time, with N zeros added
// layer_norm       epsilon=E
// scale            x weight + bias, feature by feature, as batch normalisation is after training
// last             the output after the last step alone; of bidirectional layers, each direction's last
// reverse          the steps from the last to the first
// magnitude        sqrt(a^2 + b^2) of the first half of the features and the second
// add, multiply    with the input of the layer BACK places before, of the same size: back=BACK
// tanh, relu, ...  activations; elu and leaky_relu have slope=A
struct StackLayer {
  std::string kind;
  int64_t size = 0;
  int64_t vocabulary = 0;
  int64_t layers = 1;
  int64_t projection = 0;  // 0: none
  int64_t kernel = 1, stride = 1, dilation = 1, before = 0, after = 0;
  int64_t back = 0;
  double epsilon = 1e-5;
  double slope = 1;
  bool bidirectional = false;
  bool bias = true;

  bool operator==(const StackLayer&) const = default;
};

// Throws UsageError for what is no layer, quoting the text.
StackLayer parse_stack_layer(std::string_view text);
std::vector<StackLayer> parse_stack(const std::vector<std::string>& texts);
// What parse_stack_layer() reads; words that say what is so anyway are left out.
std::string text_of(const StackLayer& layer);

bool is_recurrent(const StackLayer& layer);
bool is_join(std::string_view kind);  // add, multiply
bool is_activation(std::string_view kind);
const std::vector<std::string_view>& activation_names();

// Features behind the layer, of `input` before it. Throws Error for a layer that does not fit: none, or too many.
int64_t features_after(const StackLayer& layer, int64_t input);

}  // namespace recur
