// A model as the layers that a C program steps through, one time step at a time.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recur/tasks/network/stack_layer.h"
#include "recur/tasks/trained.h"
#include "recur/tensor/tensor.h"

namespace recur::c {

// A weight [rows, columns], or a vector [1, columns]: numbers, or integers of 8 bits with a scale for each row.
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<float> values{};  // empty where there are integers
  std::vector<int8_t> integers{};
  std::vector<float> scales{};

  bool is_int8() const { return !integers.empty(); }
  bool is_there() const { return rows > 0; }
  int64_t bytes() const;
  bool operator==(const Matrix&) const = default;
};

// Beside the kinds of StackLayer there are "keep", which passes its input on and keeps it, "add", which adds that to
// its input, "causal_conv", a convolution of each feature by itself, weight [taps, features], "heads_norm", layer
// normalisation of each of `layers` parts by itself, without bias, "gelu_tanh", and "geglu", gelu of the first half
// times the second half; "keep_gate" keeps the first half of its input and passes on the second, "keep_read" passes on
// its input and keeps it, and "skip_gate" adds that, times a weight, to its input and multiplies by silu of the gate: a
// block around a recurrent layer is made of them.
struct Layer {
  StackLayer what{};  // of a recurrent layer its cell; one layer each
  int64_t input = 0, output = 0;
  // Of a recurrent layer weight_ih, weight_hh, the late gates' own rows of weight_hh, and so on; else weight and bias.
  Matrix weight{}, bias{}, recurrent{}, recurrent_bias{}, late{}, late_bias{}, peephole{}, projection{};
  // Of a newer recurrence, in the place of all these: what its step reads, by name (c_recurrences.h).
  std::vector<std::pair<std::string, Matrix>> parts{};
};

struct Model {
  std::string description;  // "network: lstm 8, dense 1"
  std::vector<Layer> layers;
  int64_t input = 0, output = 0;  // features of a step
  int64_t vocabulary = 0;         // V of a model that reads symbols; else 0
  // A run to test the program with: inputs [N, F] (of symbols their numbers), and outputs [N, O] of the model in f64,
  // or, of one of integers, of the model itself.
  int64_t test_steps = 0;
  std::vector<float> test_inputs{}, test_outputs{};
};

// Of the tasks network and lm. Throws Error for what has no C code, naming the layer or option and what has.
Model model_of(const Trained& trained);

}  // namespace recur::c
