#include "recur/exchange/keras/keras_weights.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "recur/base/error.h"

namespace recur::keras {
namespace {

void check_rank(const std::string& place, const char* what, const Tensor& tensor, int rank) {
  if (!tensor.defined()) fail("{}: {} is missing", place, what);
  if (tensor.rank() != rank)
    fail("{}: {}: expected {} axes, got the shape {}", place, what, rank, tensor.shape().str());
}

int gates_of(const std::string& kind) { return kind == "lstm" ? 4 : kind.starts_with("gru") ? 3 : 1; }

// Where gate g of Recur's order stands in Keras's.
int gate_there(const std::string& kind, int g) {
  constexpr std::array<int, 3> kGru{1, 0, 2};  // r z n of z r h
  return kind.starts_with("gru") ? kGru[static_cast<size_t>(g)] : g;
}

// [rows, G H] -> [G H, rows], its gates in Recur's order.
Tensor turned(const Tensor& matrix, const std::string& kind) {
  const int64_t rows = matrix.size(0), columns = matrix.size(1), gates = gates_of(kind), hidden = columns / gates;
  Tensor out = Tensor::empty({columns, rows});
  float* to = out.data<float>();
  const float* from = matrix.data<float>();
  for (int g = 0; g < gates; ++g) {
    for (int64_t unit = 0; unit < hidden; ++unit) {
      const int64_t column = gate_there(kind, g) * hidden + unit;
      for (int64_t row = 0; row < rows; ++row) *to++ = from[row * columns + column];
    }
  }
  return out;
}

// Row `row` of a bias [rows, G H], its gates in Recur's order.
Tensor ordered_bias(const Tensor& bias, int64_t row, int64_t columns, const std::string& kind) {
  const int64_t gates = gates_of(kind), hidden = columns / gates;
  Tensor out = Tensor::empty({columns});
  float* to = out.data<float>();
  const float* from = bias.data<float>() + row * columns;
  for (int g = 0; g < gates; ++g) to = std::copy_n(from + gate_there(kind, g) * hidden, hidden, to);
  return out;
}

void add_direction(const std::string& place, const RecurrentWeights& weights, const std::string& suffix,
                   FoundLayer& found) {
  const std::string& kind = found.layer.kind;
  check_rank(place, "kernel", weights.kernel, 2);
  check_rank(place, "recurrent_kernel", weights.recurrent, 2);
  const int64_t hidden = weights.recurrent.size(0), columns = gates_of(kind) * hidden;
  if (weights.recurrent.size(1) != columns || weights.kernel.size(1) != columns) {
    fail("{}: expected {} gates of {} units, so {} columns, got {} in kernel and {} in recurrent_kernel", place,
         gates_of(kind), hidden, columns, weights.kernel.size(1), weights.recurrent.size(1));
  }
  found.input = weights.kernel.size(0);
  found.layer.size = hidden;
  found.layer.bias = weights.bias.defined();
  found.tensors.push_back({"weight_ih_l0" + suffix, turned(weights.kernel, kind)});
  found.tensors.push_back({"weight_hh_l0" + suffix, turned(weights.recurrent, kind)});
  if (!weights.bias.defined()) return;
  const int64_t rows = kind == "gru" ? 2 : 1;
  if (weights.bias.numel() != rows * columns) {
    fail("{}: bias: expected {} times {} numbers, got the shape {}", place, rows, columns, weights.bias.shape().str());
  }
  found.tensors.push_back({"bias_ih_l0" + suffix, ordered_bias(weights.bias, 0, columns, kind)});
  found.tensors.push_back(
      {"bias_hh_l0" + suffix, rows == 2 ? ordered_bias(weights.bias, 1, columns, kind) : Tensor::zeros({columns})});
}

void add_bias(const std::string& place, const Tensor& bias, FoundLayer& found) {
  found.layer.bias = bias.defined();
  if (!bias.defined()) return;
  check_rank(place, "bias", bias, 1);
  found.tensors.push_back({"bias", bias});
}

}  // namespace

FoundLayer recurrent_layer(const std::string& place, const std::string& kind, const RecurrentWeights& forward,
                           const RecurrentWeights& backward) {
  FoundLayer found{.name = place, .layer = {.kind = kind}};
  add_direction(place, forward, "", found);
  if (!backward.kernel.defined()) return found;
  const int64_t hidden = found.layer.size;
  found.layer.bidirectional = true;
  add_direction(place, backward, "_reverse", found);
  if (found.layer.size != hidden) fail("{}: its two directions have {} and {} units", place, hidden, found.layer.size);
  return found;
}

FoundLayer dense_layer(const std::string& place, const Tensor& kernel, const Tensor& bias) {
  check_rank(place, "kernel", kernel, 2);
  FoundLayer found{.name = place, .layer = {.kind = "dense", .size = kernel.size(1)}, .input = kernel.size(0)};
  found.tensors.push_back({"weight", turned(kernel, "dense")});
  add_bias(place, bias, found);
  return found;
}

FoundLayer embedding_layer(const std::string& place, const Tensor& table) {
  check_rank(place, "embeddings", table, 2);
  return {.name = place,
          .layer = {.kind = "embedding", .size = table.size(1), .vocabulary = table.size(0)},
          .input = 1,
          .tensors = {{"weight", table}}};
}

FoundLayer conv_layer(const std::string& place, StackLayer layer, const Tensor& kernel, const Tensor& bias) {
  check_rank(place, "kernel", kernel, 3);
  const int64_t taps = kernel.size(0), in = kernel.size(1), out = kernel.size(2);
  layer.kind = "conv";
  layer.kernel = taps;
  layer.size = out;
  Tensor weight = Tensor::empty({out, in, taps});
  float* to = weight.data<float>();
  const float* from = kernel.data<float>();
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t c = 0; c < in; ++c) {
      for (int64_t k = 0; k < taps; ++k) *to++ = from[(k * in + c) * out + o];
    }
  }
  FoundLayer found{.name = place, .layer = std::move(layer), .input = in, .tensors = {{"weight", weight}}};
  add_bias(place, bias, found);
  return found;
}

FoundLayer norm_layer(const std::string& place, const Tensor& gamma, const Tensor& beta, double epsilon) {
  const Tensor& any = gamma.defined() ? gamma : beta;
  check_rank(place, "gamma", any, 1);
  const int64_t features = any.size(0);
  return {.name = place,
          .layer = {.kind = "layer_norm", .epsilon = epsilon},
          .input = features,
          .tensors = {{"weight", gamma.defined() ? gamma : Tensor::ones({features})},
                      {"bias", beta.defined() ? beta : Tensor::zeros({features})}}};
}

FoundLayer batch_norm_layer(const std::string& place, const BatchNormWeights& weights, double epsilon) {
  check_rank(place, "moving mean", weights.mean, 1);
  check_rank(place, "moving variance", weights.variance, 1);
  const int64_t features = weights.mean.size(0);
  for (const Tensor& each : {weights.gamma, weights.beta, weights.variance}) {
    if (each.defined() && each.numel() != features) {
      fail("{}: expected {} features, got the shape {}", place, features, each.shape().str());
    }
  }
  Tensor scale = Tensor::empty({features}), shift = Tensor::empty({features});
  for (int64_t k = 0; k < features; ++k) {
    const double variance = weights.variance.data<float>()[k];
    const double gamma = weights.gamma.defined() ? weights.gamma.data<float>()[k] : 1;
    const double beta = weights.beta.defined() ? weights.beta.data<float>()[k] : 0;
    if (!(variance + epsilon > 0)) fail("{}: the moving variance of feature {} is {}", place, k + 1, variance);
    const double factor = gamma / std::sqrt(variance + epsilon);
    scale.data<float>()[k] = static_cast<float>(factor);
    shift.data<float>()[k] = static_cast<float>(beta - weights.mean.data<float>()[k] * factor);
  }
  return {
      .name = place, .layer = {.kind = "scale"}, .input = features, .tensors = {{"weight", scale}, {"bias", shift}}};
}

}  // namespace recur::keras
