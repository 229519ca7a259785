// The networks of anomaly detection. Of a forecast (Malhotra et al. 2015) and of classification: recurrent layers and a
// linear output at each step. Of a reconstruction (Malhotra et al. 2016): the last output of recurrent layers, brought
// to a few numbers, from which others make the window again.
#pragma once

#include <memory>
#include <optional>

#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/detect/detect_options.h"
#include "recur/tasks/detect/detect_windows.h"

namespace recur {

struct DetectSizes {
  int64_t features = 0;  // F of the input
  int64_t outputs = 0;   // O: the channels, or 1 of classification
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const DetectModelOptions& options, const DetectSizes& sizes, int64_t elements);

// Parameters: rnn.*, head.*; of a reconstruction code.* and decoder.* too.
class DetectModel : public Module {
 public:
  DetectModel(const DetectModelOptions& options, const DetectSizes& sizes, Random& random);

  // y [T, B, O]: what the channels are held to be, or of classification the logit of an anomaly. A forecast and
  // classification go on from `state`; a reconstruction has none.
  RecurrentOutput operator()(const WindowBatch& batch, const RunOptions& run) const;

  // Whether a step's output needs nothing of what comes after, so that the state can be carried on.
  bool is_causal() const { return !decoder_ && !options_.rnn.bidirectional; }
  const Recurrent& rnn() const { return rnn_; }
  const Linear& head() const { return head_; }

 private:
  Tensor reconstruct(const Tensor& x, const RunOptions& run) const;

  DetectModelOptions options_;
  Recurrent rnn_;
  std::optional<Linear> code_;
  std::optional<Recurrent> decoder_;
  Linear head_;
};

}  // namespace recur
