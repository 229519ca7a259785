// Examples ready for the network.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/dataset.h"
#include "recur/io/data_checksum.h"
#include "recur/tasks/classify/classify_model.h"
#include "recur/tasks/classify/sequence_encoder.h"
#include "recur/tasks/classify/targets.h"
#include "recur/tasks/hold_out.h"

namespace recur {

struct ClassifyExamples {
  DatasetPtr<EncodedSequence> sequences;
  std::vector<float> targets;  // as Targets::encode() gives them; empty without labels
  // Labels that the model has no class for, whose targets count on from Targets::outputs().
  std::vector<std::string> lacking = {};
  std::string warning = {};             // that says so in words; empty without any
  std::vector<float> path_scores = {};  // [N, C] of the linear path (path_mix.h); empty without it
  DataChecksum checksum = {};           // of all of them

  int64_t cut = 0;  // texts that are longer than the network reads

  int64_t size() const { return sequences->size(); }
  std::span<const float> path(int64_t i, size_t classes) const {
    return std::span(path_scores).subspan(static_cast<size_t>(i) * classes, classes);
  }
};

// The examples of the source with the indices `which`. Those of a source on disk are encoded each time they are loaded.
// Null targets: without labels.
ClassifyExamples encode_examples(const ClassifySource& source, std::span<const int64_t> which,
                                 const SequenceEncoder& encoder, const Targets* targets);
DatasetPtr<EncodedSequence> dataset_of(std::vector<EncodedSequence> sequences);

// As long as the longest of them, at least one step.
SequenceBatch make_batch(std::span<const Loaded<EncodedSequence>> sequences);

}  // namespace recur
