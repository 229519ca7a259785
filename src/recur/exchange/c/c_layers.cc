#include "recur/exchange/c/c_layers.h"

#include <fmt/format.h>

#include <cmath>

#include "recur/base/error.h"
#include "recur/exchange/c/c_parts.h"

namespace recur::c {

std::string number(float value) {
  if (!std::isfinite(value)) fail("a weight is NaN or infinite");
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}
std::string number(int8_t value) { return fmt::format("{}", int{value}); }

int64_t reach_of(const Layer& layer) { return (layer.what.kernel - 1) * layer.what.dilation + 1; }

std::string each_text(const Layer& layer, const std::string& statement) {
  return fmt::format("  int32_t i;\n  for (i = 0; i < {}; ++i) {};\n", layer.output, statement);
}

std::string scale_text(const Layer& layer, const std::string& weight, const std::string& bias) {
  return each_text(layer, fmt::format("y[i] = x[i] * {}[i] + {}[i]", weight, bias));
}

std::string norm_text(const Layer& layer, const std::string& weight, const std::string& bias) {
  const int64_t groups = layer.what.kind == "heads_norm" ? layer.what.layers : 1;
  return fill(R"(  int32_t first, i;
  for (first = 0; first < @F@; first += @D@) {
    float mean = 0.0f, squares = 0.0f, factor;
    for (i = first; i < first + @D@; ++i) mean += x[i];
    mean /= @D@.0f;
    for (i = first; i < first + @D@; ++i) squares += (x[i] - mean) * (x[i] - mean);
    factor = inverse_root(squares / @D@.0f + @E@);
    for (i = first; i < first + @D@; ++i) y[i] = (x[i] - mean) * factor * @W@[i]@B@;
  }
)",
              {{"F", fmt::format("{}", layer.output)},
               {"D", fmt::format("{}", layer.output / groups)},
               {"E", number(static_cast<float>(layer.what.epsilon))},
               {"W", weight},
               {"B", layer.bias.is_there() ? fmt::format(" + {}[i]", bias) : ""}});
}

namespace {

// The input goes into the ring of the last steps, and the bias into y.
constexpr const char* kIntoRing = R"(  int32_t at = state->at@K@[0] + 1, o, c, tap;
  if (at >= @STEPS@) at = 0;
  state->at@K@[0] = at;
  for (c = 0; c < @C@; ++c) state->ring@K@[at * @C@ + c] = x[c];
  copy_bias(@B@, @O@, y);
)";

std::string conv_filled(const std::string& text, size_t k, const Layer& layer, const std::string& weight,
                        const std::string& bias) {
  return fill(text, {{"W", weight},
                     {"B", bias},
                     {"K", fmt::format("{}", k)},
                     {"STEPS", fmt::format("{}", reach_of(layer))},
                     {"C", fmt::format("{}", layer.input)},
                     {"O", fmt::format("{}", layer.output)},
                     {"TAPS", fmt::format("{}", layer.what.kernel)},
                     {"D", fmt::format("{}", layer.what.dilation)}});
}

}  // namespace

std::string conv_text(size_t k, const Layer& layer, const std::string& weight, const std::string& bias) {
  const std::string text = std::string("  const float *weight = @W@;\n") + kIntoRing + R"(  for (o = 0; o < @O@; ++o) {
    for (c = 0; c < @C@; ++c) {
      for (tap = 0; tap < @TAPS@; ++tap) {
        int32_t row = at - (@TAPS@ - 1 - tap) * @D@;
        if (row < 0) row += @STEPS@;
        y[o] += *weight++ * state->ring@K@[row * @C@ + c];
      }
    }
  }
)";
  return conv_filled(text, k, layer, weight, bias);
}

std::string causal_conv_text(size_t k, const Layer& layer, const std::string& weight, const std::string& bias) {
  const std::string text = std::string(kIntoRing) + R"(  for (tap = 0; tap < @TAPS@; ++tap) {
    o = at - (@TAPS@ - 1 - tap);
    if (o < 0) o += @STEPS@;
    for (c = 0; c < @C@; ++c) y[c] += @W@[tap * @C@ + c] * state->ring@K@[o * @C@ + c];
  }
)";
  return conv_filled(text, k, layer, weight, bias);
}

std::string activation_text(const Layer& layer) {
  const std::string& kind = layer.what.kind;
  const std::string count = fmt::format("{}", layer.output), slope = number(static_cast<float>(layer.what.slope));
  if (kind == "softmax" || kind == "log_softmax") {
    return fill(
        R"(  float most = x[0], sum = 0.0f;
  int32_t i;
  for (i = 1; i < @N@; ++i) most = x[i] > most ? x[i] : most;
  for (i = 0; i < @N@; ++i) sum += exp_f32(x[i] - most);
@LAST@)",
        {{"N", count},
         {"LAST",
          kind == "softmax"
              ? fmt::format("  for (i = 0; i < {}; ++i) y[i] = exp_f32(x[i] - most) / sum;\n", count)
              : fmt::format("  sum = most + log_f32(sum);\n  for (i = 0; i < {}; ++i) y[i] = x[i] - sum;\n", count)}});
  }
  std::string value = "x[i] > 0.0f ? x[i] : 0.0f";  // relu
  if (kind == "tanh") value = "tanh_f32(x[i])";
  if (kind == "sigmoid") value = "sigmoid_f32(x[i])";
  if (kind == "silu") value = "x[i] * sigmoid_f32(x[i])";
  if (kind == "softplus") value = "softplus_f32(x[i])";
  if (kind == "gelu_tanh") value = "gelu_f32(x[i])";
  if (kind == "geglu") value = fmt::format("gelu_f32(x[i]) * x[{} + i]", layer.output);
  if (kind == "hard_sigmoid") value = "x[i] <= -3.0f ? 0.0f : x[i] >= 3.0f ? 1.0f : x[i] / 6.0f + 0.5f";
  if (kind == "elu") value = fmt::format("x[i] > 0.0f ? x[i] : {} * (exp_f32(x[i]) - 1.0f)", slope);
  if (kind == "leaky_relu") value = fmt::format("x[i] > 0.0f ? x[i] : {} * x[i]", slope);
  return each_text(layer, "y[i] = " + value);
}

}  // namespace recur::c
