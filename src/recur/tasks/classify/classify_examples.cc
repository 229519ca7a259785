#include "recur/tasks/classify/classify_examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "recur/base/counted.h"
#include "recur/data/classes.h"

namespace recur {
namespace {

// Copies sequences [T, F] side by side into [longest, B, F].
template <class T, class Part>
Tensor padded(std::span<const Loaded<EncodedSequence>> sequences, Part part, const Shape& shape) {
  Tensor x = Tensor::zeros(shape, kDTypeOf<T>);
  T* to = x.data<T>();
  const int64_t features = shape.rank() == 3 ? shape[2] : 1;
  for (size_t b = 0; b < sequences.size(); ++b) {
    const EncodedSequence& sequence = *sequences[b];
    const T* from = (sequence.*part).data();
    for (int64_t t = 0; t < sequence.steps; ++t, from += features) {
      std::copy_n(from, features, to + (t * std::ssize(sequences) + static_cast<int64_t>(b)) * features);
    }
  }
  return x;
}

}  // namespace

DatasetPtr<EncodedSequence> dataset_of(std::vector<EncodedSequence> sequences) {
  std::vector<int64_t> lengths;
  for (const EncodedSequence& sequence : sequences) lengths.push_back(sequence.steps);
  return memory_dataset(std::move(sequences), std::move(lengths));
}

ClassifyExamples encode_examples(const ClassifySource& source, std::span<const int64_t> which,
                                 const SequenceEncoder& encoder, const Targets* targets) {
  ClassifyExamples examples;
  std::vector<EncodedSequence> encoded;
  std::vector<int64_t> lengths;
  std::optional<OpenClasses> classes;
  if (targets != nullptr && !targets->is_value()) classes.emplace(targets->classes());
  for (const int64_t i : which) {
    EncodedSequence sequence = encoder.encode(source, i);
    lengths.push_back(sequence.steps);
    examples.cut += sequence.cut ? 1 : 0;
    examples.checksum.add(sequence.symbols);
    examples.checksum.add(sequence.values);
    if (source.in_memory()) encoded.push_back(std::move(sequence));
    if (classes) {
      examples.targets.push_back(static_cast<float>(classes->number(source.label(i), source.where_label(i))));
    } else if (targets != nullptr) {
      examples.targets.push_back(targets->encode(source.label(i), source.where_label(i)));
    }
  }
  if (classes) {
    examples.lacking = classes->lacking();
    examples.warning = classes->warning(counted(std::ssize(which), "sequence has a label", "sequences have labels"));
  }
  examples.checksum.add(examples.targets);
  if (source.in_memory()) {
    examples.sequences = memory_dataset(std::move(encoded), std::move(lengths));
    return examples;
  }
  const auto encode = [source, encoder, all = std::vector(which.begin(), which.end())](int64_t i, Random&) {
    return encoder.encode(source, all[static_cast<size_t>(i)]);
  };
  examples.sequences = function_dataset<EncodedSequence>(std::move(lengths), encode, false);
  return examples;
}

SequenceBatch make_batch(std::span<const Loaded<EncodedSequence>> sequences) {
  SequenceBatch batch;
  int64_t longest = 1;
  for (const Loaded<EncodedSequence>& sequence : sequences) {
    batch.lengths.push_back(sequence->steps);
    longest = std::max(longest, batch.lengths.back());
  }
  const int64_t size = std::ssize(sequences);
  if (const int64_t features = sequences.front()->features; features > 0) {
    batch.x = padded<float>(sequences, &EncodedSequence::values, {longest, size, features});
  } else {
    batch.x = padded<int32_t>(sequences, &EncodedSequence::symbols, {longest, size});
  }
  return batch;
}

}  // namespace recur
