// Metrics and predictions of a tagger.
#pragma once

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/tag/tag_encoder.h"
#include "recur/tasks/tag/tag_model.h"

namespace recur {

// loss (nats per token), accuracy, accuracy_unknown (on words that are not in the training data), macro_f1, and
// span_precision, span_recall and span_f1 where tags are of spans; as a table the figures of each tag. With `losses`,
// a row per sentence: its number, tokens, loss (nats per token) and number of correct tags. A tag that the model does
// not know counts as its error and is warned of; it has no part in the loss. Throws Error for a text of which it knows
// no tag, and for one without tokens.
Evaluation measure(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, int64_t batch,
                   Sink* losses = nullptr);

// The most frequent tag of each word (TagEncoder::usual_tags) as a tagger: its accuracies and scores of spans. Nothing
// of a model file of before.
BaselineResults measure_usual_tags(const TagEncoder& encoder, const TagExamples& examples);

// The metric that chooses the model: span_f1 where tags are of spans, else accuracy.
Criterion tag_criterion(const TagEncoder& encoder);

// A row per token: sentence and token from 1, the token, its tag and the probability of that.
void write_tags(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, int64_t batch,
                Sink& rows);

}  // namespace recur
