// Panels out of a text, for tests of forecasting.
#pragma once

#include <string>

#include "recur/tasks/forecast/panel_encoder.h"
#include "tests/data/sequences_of.h"

namespace recur::testing {

inline ForecastDataOptions data_options(int64_t horizon, int64_t context) {
  ForecastDataOptions options;
  options.horizon = horizon;
  options.context = context;
  options.season = 1;
  options.identity = options.scaler = options.center = "none";
  return options;
}

inline std::vector<int64_t> whole(const SequenceSet& set) {
  std::vector<int64_t> ends;
  for (const Sequence& s : set.sequences) ends.push_back(known_rows(set, s));
  return ends;
}

inline Panel panel_of(const SequenceSet& set, const ForecastDataOptions& options) {
  return PanelEncoder::fit(set, whole(set), options).encode(set);
}

// Series of one channel, a line of JSON each: {{1, 2, 3}, {4, 5}}.
inline Panel panel_of(const std::vector<std::string>& rows, const ForecastDataOptions& options) {
  std::string text;
  for (const std::string& row : rows) text += "{\"values\": [" + row + "]}\n";
  return panel_of(sequences_of("a.jsonl", text), options);
}

}  // namespace recur::testing
