// Examples ready for the network.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/tasks/classify/classify_model.h"
#include "recur/tasks/classify/sequence_encoder.h"
#include "recur/tasks/classify/targets.h"
#include "recur/tasks/hold_out.h"

namespace recur {

struct ClassifyExamples {
  std::vector<EncodedSequence> sequences;
  std::vector<float> targets;  // as Targets::encode() gives them; empty without labels

  int64_t size() const { return std::ssize(sequences); }
  std::vector<int64_t> lengths() const;
};

// The examples of the source with the indices `which`. Null targets: without labels.
ClassifyExamples encode_examples(const ClassifySource& source, std::span<const int64_t> which,
                                 const SequenceEncoder& encoder, const Targets* targets);
// As long as the longest of them, at least one step.
SequenceBatch make_batch(const ClassifyExamples& examples, std::span<const int32_t> which);

}  // namespace recur
