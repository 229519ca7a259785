// Small texts and language models for tests.
#pragma once

#include <memory>
#include <string>

#include "recur/tasks/lm/lm_task.h"
#include "tests/support/scratch.h"
#include "tests/tasks/train_by_hand.h"

namespace recur::testing {

// A text with some regularity: sentences of few words, drawn by a seed.
inline std::string small_text(int lines, uint64_t seed = 1) {
  static const char* const kWords[] = {"the", "cat", "sat", "on", "a", "mat", "and", "ran", "from", "dog"};
  Random random(seed);
  std::string text;
  for (int i = 0; i < lines; ++i) {
    const uint64_t words = 3 + random.below(5);
    for (uint64_t j = 0; j < words; ++j) text += std::string(j > 0 ? " " : "") + kWords[random.below(10)];
    text += "\n";
  }
  return text;
}

inline LmOptions tiny_lm(const std::string& tokens = "chars") {
  LmOptions options;
  options.data.tokens.kind = tokens;
  options.data.batch = 4;
  options.data.bptt = 10;
  options.model.rnn.hidden = 12;
  return options;
}

inline Taught<LmTask> started(const LmOptions& options, const TrainingData& data, uint64_t seed = 1) {
  auto task = std::make_unique<LmTask>();
  task->options = options;
  return teach(std::move(task), data, 0, seed);
}

inline std::string written(const Trained& trained, const GenerateOptions& options) {
  Kept out;
  trained.generate(options, out);
  return out.written();
}

// A few steps of plain gradient descent.
inline double descend(Training& training, int steps, double rate) {
  double loss = 0;
  for (int i = 0; i < steps; ++i) {
    const TrainingStep made = training.step();
    made.objective.backward();
    for (Tensor p : training.module().parameters()) {
      float* w = p.data<float>();
      const Tensor gradient = p.grad();
      if (!gradient.defined()) continue;
      const auto g = gradient.values<float>();
      for (size_t j = 0; j < g.size(); ++j) w[j] -= static_cast<float>(rate) * g[j];
      p.set_grad({});
    }
    loss = made.loss;
  }
  return loss;
}

}  // namespace recur::testing
