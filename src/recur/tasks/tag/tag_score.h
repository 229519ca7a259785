// How well a tagger does, and what it says.
#pragma once

#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/tag/tag_encoder.h"
#include "recur/tasks/tag/tag_model.h"

namespace recur {

// loss (nats a token), accuracy, accuracy_unknown (of words that the training data did not have), macro_f1, and
// span_precision, span_recall and span_f1 where tags are of spans; as a table the figures of each tag. With `losses`,
// a row a sentence: its number, tokens, loss (nats a token) and how many tags are right. Throws Error for a tag that
// the model does not know and for a text without tokens.
Evaluation measure(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, int64_t batch,
                   Sink* losses = nullptr);

// A row a token: sentence and token from 1, the token, its tag and the probability of that.
void write_tags(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, int64_t batch,
                Sink& rows);

}  // namespace recur
