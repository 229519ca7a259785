// A classifier small enough for tests, with nothing left to choose.
#pragma once

#include <string>
#include <vector>

#include "recur/tasks/classify/classify_options.h"

namespace recur::testing {

inline ClassifyModelOptions small_classifier(const std::string& pooling = "mean", float dropout = 0) {
  ClassifyModelOptions options;
  options.network = "rnn";
  options.embedding = 3;
  options.rnn.hidden = 4;
  options.conv = std::vector<int64_t>{};
  options.stride = 1;
  options.pooling = pooling;
  options.dropout = dropout;
  return options;
}

}  // namespace recur::testing
