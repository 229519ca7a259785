#include "recur/tasks/tag/tag_training.h"

#include <algorithm>
#include <numeric>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/tasks/tag/tag_score.h"

namespace recur {

namespace {

DataChecksum checksum_of(const Dataset<TaggedSentence>& sentences) {
  DataChecksum checksum;
  Random none(0);
  for (int64_t i = 0; i < sentences.size(); ++i) {
    const Loaded<TaggedSentence> sentence = sentences.load(i, none);
    for (const std::string& token : sentence->tokens) checksum.add(token);
    for (const std::string& tag : sentence->tags) checksum.add(tag);
  }
  return checksum;
}

}  // namespace

TagTraining::TagTraining(TagTrained trained, TagParts parts, ShuffledBatches<TaggedSentence> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(checksum_of(*parts_.train.sentences));
}

void TagTraining::check_validation() const {
  const std::vector<int64_t> lengths = lengths_of(*parts_.valid->sentences);
  if (std::ranges::count(lengths, 0) == std::ssize(lengths)) fail("valid: expected tokens to validate on, got none");
}

TrainingStep TagTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  const TagModel& model = trained_.network();
  const TagBatch batch = trained_.encoder().batch(*parts_.train.text, chosen.examples,
                                                  trained_.options().model.word_dropout, &batches_.dropout());
  const Tensor scores = model(batch, mode(), new_trace(trace_gradients));
  const int64_t tokens = std::accumulate(batch.lengths.begin(), batch.lengths.end(), int64_t{0});
  const int64_t counted = chosen.counted > 0 ? tokens : 0;
  const Tensor objective = model.loss(scores, batch) / static_cast<double>(std::max<int64_t>(tokens, 1));
  return {.objective = objective,
          .weight = static_cast<double>(counted),
          .loss = objective.item(),
          .examples = counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion TagTraining::criterion() const { return tag_criterion(trained_.encoder()); }

Evaluation TagTraining::validate() {
  return measure(trained_.network(), trained_.encoder(), *parts_.valid, trained_.options().use.batch);
}

}  // namespace recur
