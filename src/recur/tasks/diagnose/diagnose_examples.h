// Examples of diagnosis ready for the network.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/data/dataset.h"
#include "recur/io/data_checksum.h"
#include "recur/tasks/diagnose/diagnose_model.h"
#include "recur/tasks/diagnose/label_set.h"
#include "recur/tasks/diagnose/record_encoder.h"

namespace recur {

struct DiagnoseExamples {
  DatasetPtr<EncodedRecord> records;
  std::vector<float> answers;  // [N, L] as LabelSet::encode() gives them; empty without labels
  int64_t labels = 0;          // L, auxiliary ones included
  DataChecksum checksum = {};  // of all of them

  int64_t size() const { return records->size(); }
  std::span<const float> answers_of(int64_t i) const { return std::span(answers).subspan(i * labels, labels); }
};
DatasetPtr<EncodedRecord> dataset_of(std::vector<EncodedRecord> records);

// The records of the set with the indices `which`, encoded each time they are asked for. Null labels: without answers.
DiagnoseExamples encode_records(const SequenceSet& set, std::span<const int64_t> which, const RecordEncoder& encoder,
                                const LabelSet* labels);
DiagnoseExamples encode_records(const SequenceSet& set, const std::shared_ptr<const GriddedRecords>& records,
                                const RecordEncoder& encoder, const LabelSet* labels);

// As long as the longest of them.
RecordBatch make_batch(std::span<const Loaded<EncodedRecord>> records, const RecordEncoder& encoder,
                       const GapOptions& gaps);

}  // namespace recur
