// Outputs and scores of detection as plain values, for tests.
#pragma once

#include <utility>
#include <vector>

#include "recur/tasks/detect/detect_score.h"

namespace recur::testing {

// Those of each sequence of the data, [T, W].
inline DetectOutputs outputs_of(const DetectData& data, const std::vector<std::vector<float>>& values,
                                int64_t width = 1) {
  DetectOutputs outputs(width, data.lengths());
  for (size_t i = 0; i < values.size(); ++i) outputs.write(static_cast<int64_t>(i), 0, values[i]);
  return outputs;
}

inline std::vector<float> outputs_of(const DetectOutputs& outputs, const DetectData& data, int64_t i) {
  std::vector<float> room;
  const auto values = outputs.read(i, 0, data.sequences[static_cast<size_t>(i)].steps, room);
  return {values.begin(), values.end()};
}

struct KeptScores {
  std::vector<std::vector<double>> of_sequences = {};
  std::vector<std::vector<Truth>> truth = {};
};

inline KeptScores kept(const ScoreSource& source) {
  KeptScores out;
  source([&](const DetectScores& part) {
    out.of_sequences.resize(static_cast<size_t>(part.sequence) + 1);
    out.truth.resize(out.of_sequences.size());
    out.of_sequences.back().insert(out.of_sequences.back().end(), part.scores.begin(), part.scores.end());
    out.truth.back().insert(out.truth.back().end(), part.truth.begin(), part.truth.end());
  });
  return out;
}

inline ScoreSource source_of(KeptScores scores) {
  return [scores = std::move(scores)](const std::function<void(const DetectScores&)>& visit) {
    for (size_t i = 0; i < scores.truth.size(); ++i) {
      visit({.sequence = static_cast<int64_t>(i),
             .first = 0,
             .scores = scores.of_sequences[i],
             .truth = scores.truth[i]});
    }
  };
}

}  // namespace recur::testing
