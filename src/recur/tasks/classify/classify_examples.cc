#include "recur/tasks/classify/classify_examples.h"

#include <algorithm>

namespace recur {
namespace {

// Copies sequences [T, F] side by side into [longest, B, F].
template <class T, class Part>
Tensor padded(const ClassifyExamples& examples, std::span<const int32_t> which, Part part, const Shape& shape) {
  Tensor x = Tensor::zeros(shape, kDTypeOf<T>);
  T* to = x.data<T>();
  const int64_t features = shape.rank() == 3 ? shape[2] : 1;
  for (size_t b = 0; b < which.size(); ++b) {
    const EncodedSequence& sequence = examples.sequences[which[b]];
    const T* from = (sequence.*part).data();
    for (int64_t t = 0; t < sequence.steps; ++t, from += features) {
      std::copy_n(from, features, to + (t * std::ssize(which) + static_cast<int64_t>(b)) * features);
    }
  }
  return x;
}

}  // namespace

std::vector<int64_t> ClassifyExamples::lengths() const {
  std::vector<int64_t> result;
  for (const EncodedSequence& sequence : sequences) result.push_back(sequence.steps);
  return result;
}

ClassifyExamples encode_examples(const ClassifySource& source, std::span<const int64_t> which,
                                 const SequenceEncoder& encoder, const Targets* targets) {
  ClassifyExamples examples;
  for (const int64_t i : which) {
    examples.sequences.push_back(encoder.encode(source, i));
    if (targets != nullptr) examples.targets.push_back(targets->encode(source.label(i), source.where(i)));
  }
  return examples;
}

SequenceBatch make_batch(const ClassifyExamples& examples, std::span<const int32_t> which) {
  SequenceBatch batch;
  int64_t longest = 1;
  for (const int32_t i : which) {
    batch.lengths.push_back(examples.sequences[i].steps);
    longest = std::max(longest, batch.lengths.back());
  }
  const EncodedSequence& first = examples.sequences[which.front()];
  const bool text = first.values.empty() && (first.steps == 0 || !first.symbols.empty());
  if (text) {
    batch.x = padded<int32_t>(examples, which, &EncodedSequence::symbols, {longest, std::ssize(which)});
  } else {
    const int64_t features = std::ssize(first.values) / first.steps;
    batch.x = padded<float>(examples, which, &EncodedSequence::values, {longest, std::ssize(which), features});
  }
  return batch;
}

}  // namespace recur
