// The metrics of a task, and which of them chooses the best model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/io/metrics_log.h"
#include "recur/tasks/sink.h"

namespace recur {

struct Evaluation {
  int64_t examples = 0;            // number of predictions: symbols of a text, sequences, windows (TaskInfo::unit)
  std::vector<Metric> metrics;     // by their usual names, in the order to show them; "loss" is among them
  std::vector<Table> tables = {};  // results that are not single numbers; `recur evaluate` shows them
  std::string verdict = {};        // in words, where a baseline is no worse (baseline_results.h); else ""

  // The value of a metric; throws Error when there is none of this name.
  double at(std::string_view name) const;
  std::optional<double> find(std::string_view name) const;
};

// The validation metric by which models are compared.
struct Criterion {
  std::string metric = "loss";
  bool higher_is_better = false;
  double chance = 0;  // a difference that few validation examples make by chance: the later model is kept then

  bool better(double value, double than) const { return higher_is_better ? value > than : value < than; }
};

}  // namespace recur
