#include "recur/tasks/diagnose/diagnose_examples.h"

#include <algorithm>

#include "recur/tasks/diagnose/fill_gaps.h"

namespace recur {

DatasetPtr<EncodedRecord> dataset_of(std::vector<EncodedRecord> records) {
  std::vector<int64_t> lengths;
  for (const EncodedRecord& record : records) lengths.push_back(record.steps);
  return memory_dataset(std::move(records), std::move(lengths));
}

DiagnoseExamples encode_records(const SequenceSet& set, std::span<const int64_t> which, const RecordEncoder& encoder,
                                const LabelSet* labels) {
  encoder.check_columns(set);
  return encode_records(set, std::make_shared<const GriddedRecords>(set, which, encoder.grid()), encoder, labels);
}

DiagnoseExamples encode_records(const SequenceSet& set, const std::shared_ptr<const GriddedRecords>& records,
                                const RecordEncoder& encoder, const LabelSet* labels) {
  DiagnoseExamples examples{.records = {}, .answers = {}, .labels = labels == nullptr ? 0 : labels->size()};
  const auto encode = [records, encoder](int64_t i, Random&) {
    std::vector<float> room;
    return encoder.encode(records->values(i, room), records->statics(i));
  };
  examples.records = function_dataset<EncodedRecord>(records->lengths(), encode, records->in_memory());
  Random none(0);
  for (int64_t i = 0; i < records->size(); ++i) {
    const EncodedRecord encoded = encode(i, none);
    examples.checksum.add(encoded.values);
    examples.checksum.add(encoded.statics);
    if (labels == nullptr) continue;
    const std::vector<float> answers = labels->encode(set, set.sequences[records->which()[i]]);
    examples.answers.insert(examples.answers.end(), answers.begin(), answers.end());
  }
  examples.checksum.add(examples.answers);
  return examples;
}

RecordBatch make_batch(std::span<const Loaded<EncodedRecord>> records, const RecordEncoder& encoder,
                       const GapOptions& gaps) {
  RecordBatch batch;
  for (const Loaded<EncodedRecord>& record : records) batch.lengths.push_back(record->steps);
  const int64_t T = std::ranges::max(batch.lengths), B = std::ssize(records), C = encoder.channels();
  const int64_t S = encoder.statics();
  for (Tensor* part : {&batch.values, &batch.masks, &batch.elapsed}) *part = Tensor::zeros({T, B, C});
  batch.statics = Tensor::zeros({B, S});
  float *values = batch.values.data<float>(), *masks = batch.masks.data<float>();
  float *elapsed = batch.elapsed.data<float>(), *statics = batch.statics.data<float>();
  for (int64_t b = 0; b < B; ++b) {
    const EncodedRecord& record = *records[static_cast<size_t>(b)];
    const FilledRecord filled = fill_gaps(record.values, C, gaps.fill);
    std::ranges::copy(record.statics, statics + b * S);
    for (int64_t t = 0; t < record.steps; ++t) {
      const int64_t from = t * C, to = (t * B + b) * C;
      for (int64_t c = 0; c < C; ++c) {
        values[to + c] = filled.values[from + c];
        masks[to + c] = filled.masks[from + c];
        elapsed[to + c] = filled.elapsed[from + c] / encoder.usual_elapsed()[c];
      }
    }
  }
  return batch;
}

}  // namespace recur
