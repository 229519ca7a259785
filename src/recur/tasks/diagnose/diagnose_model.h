// The network of diagnosis: recurrent layers over measurements, masks and elapsed times, with an output for each label
// at every step.
#pragma once

#include <optional>
#include <vector>

#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/diagnose/diagnose_options.h"
#include "recur/tasks/explainable.h"

namespace recur {

struct DiagnoseSizes {
  int64_t channels = 0;  // C
  int64_t statics = 0;   // S
  int64_t labels = 0;    // L
};

// Records side by side, the shorter ones padded with zeros; 0 is normal.
struct RecordBatch {
  Tensor values, masks, elapsed;  // [T, B, C] see FilledRecord; elapsed in units of its typical value
  Tensor statics;                 // [B, S], or of each step [T, B, S]
  std::vector<int64_t> lengths;
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const DiagnoseModelOptions& options, const DiagnoseSizes& sizes, int64_t elements);

// Decay with the time since measurements: gamma = exp(-max(0, W delta + b)) of Che, Purushotham, Cho, Sontag
// and Liu, "Recurrent neural networks for multivariate time series with missing values" (2016), eq. 10. Parameters:
// weight [out, C] or, where each channel decays by itself, [C]; bias [out].
class Fading : public Module {
 public:
  // out = 0: each of the C channels by itself.
  Fading(int64_t channels, int64_t out, Random& random);

  Tensor operator()(const Tensor& elapsed) const;  // [T, B, C] -> [T, B, out or C], in (0, 1]

 private:
  bool alone_;
  Parameter weight_, bias_;
};

// Parameters: fade_inputs.*, fade_state_l0.* ..., rnn.*, decoder.*.
class DiagnoseModel : public Module {
 public:
  DiagnoseModel(const DiagnoseModelOptions& options, const GapOptions& gaps, const DiagnoseSizes& sizes,
                Random& random);

  // Logits [T, B, L]; those of step t depend on steps 0 .. t only.
  Tensor operator()(const RecordBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;
  // What the recurrent layers read in evaluation of a batch of one.
  RecurrentReading reading(const RecordBatch& batch) const;

 private:
  Tensor inputs(const RecordBatch& batch) const;
  Tensors decay(const RecordBatch& batch, DType dtype) const;

  DiagnoseModelOptions options_;
  GapOptions gaps_;
  std::optional<Fading> fade_inputs_;
  std::vector<std::optional<Fading>> fade_states_;  // of each layer whose kind takes a decay
  Recurrent rnn_;
  Linear decoder_;
};

}  // namespace recur
