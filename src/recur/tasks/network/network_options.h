// The options of imported networks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/series_options.h"

namespace recur {

struct NetworkModelOptions {
  int64_t input = 1;
  std::vector<std::string> stack;

  template <class Visitor>
  void visit(Visitor& v) {
    v("input", input, "F, number of features that the network reads at a step", Range{1, 1 << 24});
    v("stack", stack, "Layers from the input to the output, each in words: lstm 64, dense 8, tanh, last");
  }
};

// Options of prediction and evaluation.
struct NetworkUseOptions {
  SeriesOptions series;
  std::vector<std::string> targets;
  int64_t batch = 64;
  int64_t max_ids = 100'000;

  template <class Visitor>
  void visit(Visitor& v) {
    series.visit(v);
    v("target_columns", targets, "Columns of the targets that the outputs are compared with (evaluate)");
    v("eval_batch", batch, "Batch size, in sequences of one length", Range{1, 1 << 20});
    v("max_ids", max_ids,
      "Number of series whose state a stream keeps; with more, the one idle for longest is forgotten", Range{1, 1e9});
  }
};

struct NetworkOptions {
  NetworkModelOptions model;
  NetworkUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Model", model);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
