#include "recur/tasks/tag/tag_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/classes.h"
#include "recur/ops/cast.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/metrics/spans.h"
#include "recur/tasks/metrics/tables.h"

namespace recur {
namespace {

std::vector<std::string_view> labels_of(const std::vector<int32_t>& tags, const Vocabulary& names) {
  std::vector<std::string_view> labels;
  for (const int32_t tag : tags) labels.push_back(names.word(tag));
  return labels;
}

// Throws NotFiniteError where a score [T, B, tags] of a sentence is no number.
void check_scores(const Tensor& scores, const std::vector<int64_t>& lengths, std::span<const int32_t> which) {
  const Tensor values = cast(scores, DType::kF32);
  const auto tags = static_cast<size_t>(values.size(2)), batch = which.size();
  for (size_t b = 0; b < batch; ++b) {
    for (size_t t = 0; t < static_cast<size_t>(lengths[b]); ++t) {
      check_finite(std::as_const(values).values<float>().subspan((t * batch + b) * tags, tags),
                   [&] { return fmt::format("sentence {}, token {}", which[b] + 1, t + 1); });
    }
  }
}

// Counts what a tagger gets right. A tag that the model lacks is a class of its own that is never predicted.
class TagCounts {
 public:
  explicit TagCounts(const TagEncoder& encoder)
      : encoder_(encoder),
        tags_(encoder.tags()),
        by_tag_(static_cast<size_t>(encoder.tags().size())),
        spans_(are_span_labels(encoder.tags().words())) {}

  void add(const TaggedText& text, const TaggedSentence& sentence, const std::vector<int32_t>& predicted) {
    std::vector<std::string_view> actual(sentence.tags.begin(), sentence.tags.end());
    for (size_t t = 0; t < predicted.size(); ++t) {
      const auto known = encoder_.tags().find(sentence.tags[t]);
      const int32_t tag = known ? *known : tags_.number(sentence.tags[t], text.where(sentence, t));
      by_tag_.resize(static_cast<size_t>(tags_.size()));
      count(tag, predicted[t]);
      known_ += known ? 1 : 0;
      if (encoder_.word(sentence.tokens[t]) != kUnknown) continue;
      ++unknown_;
      unknown_right_ += tag == predicted[t];
    }
    if (spans_) found_ += compare_spans(actual, labels_of(predicted, encoder_.tags()));
  }

  int64_t tokens() const { return tokens_; }
  int64_t known() const { return known_; }  // tokens whose tags the model has
  std::string warning() const { return tags_.warning(counted(tokens_, "token has a tag", "tokens have tags")); }

  // nats: of the tokens whose tags are known.
  Evaluation result(double nats) const {
    Evaluation result{.examples = tokens_,
                      .metrics = {{"loss", nats / static_cast<double>(known_)},
                                  {"accuracy", static_cast<double>(right_) / static_cast<double>(tokens_)}},
                      .tables = {class_table("tags", by_tag_, tags_.names())}};
    if (unknown_ > 0) {
      result.metrics.push_back(
          {"accuracy_unknown", static_cast<double>(unknown_right_) / static_cast<double>(unknown_)});
    }
    result.metrics.push_back({"macro_f1", macro_f1(by_tag_)});
    if (!spans_) return result;
    result.metrics.push_back({"span_precision", found_.precision()});
    result.metrics.push_back({"span_recall", found_.recall()});
    result.metrics.push_back({"span_f1", found_.f1()});
    return result;
  }

 private:
  void count(int32_t actual, int32_t predicted) {
    ++tokens_;
    if (actual == predicted) {
      ++right_;
      ++by_tag_[actual].hits;
    } else {
      ++by_tag_[actual].misses;
      ++by_tag_[predicted].false_alarms;
    }
  }

  const TagEncoder& encoder_;
  OpenClasses tags_;
  std::vector<BinaryCounts> by_tag_;
  bool spans_;
  BinaryCounts found_;
  int64_t tokens_ = 0, right_ = 0, known_ = 0;
  int64_t unknown_ = 0, unknown_right_ = 0;  // tokens that the vocabulary lacks
};

int64_t known_tags(const TagBatch& batch) {
  const auto tags = batch.tags.values<int32_t>();
  return std::ranges::count_if(tags, [](int32_t tag) { return tag != kNoTag; });
}

// The error for a text of which the model knows no tag.
[[noreturn]] void fail_unknown(const TagEncoder& encoder, const TagExamples& examples) {
  Random none(0);
  for (int64_t i = 0; i < examples.sentences->size(); ++i) {
    const auto sentence = examples.sentences->load(i, none);
    if (!sentence->tags.empty()) class_of(encoder.tags(), sentence->tags[0], examples.text->where(*sentence, 0));
  }
  fail("there are no tokens to evaluate on");
}

// Its id, or its number from 1 where the file has none.
TableCell name_of(const TaggedSentence& sentence, int64_t i) {
  return sentence.id.empty() ? TableCell(i + 1) : TableCell(sentence.id);
}

// One sentence at a time: the loss of a batch is that of all its sentences.
void write_sentence_scores(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, Sink& out) {
  const autograd::NoGrad no_grad;
  const bool spans = are_span_labels(encoder.tags().words());
  std::vector<std::string> columns{"sentence", "tokens", "loss", "correct"};
  if (spans) columns.insert(columns.end(), {"hits", "false_alarms", "misses"});
  out.columns(columns);
  for (int32_t i = 0; i < static_cast<int32_t>(examples.sentences->size()); ++i) {
    const auto sentence = load_examples(*examples.sentences, std::span(&i, 1));
    const std::vector<std::string>& actual = sentence[0]->tags;
    const TagBatch batch = encoder.batch(*examples.text, sentence);
    const Tensor scores = model(batch, Mode::evaluation());
    check_scores(scores, batch.lengths, std::span(&i, 1));
    const std::vector<int32_t> predicted = model.tag(scores, batch.lengths)[0];
    int64_t correct = 0;
    for (size_t t = 0; t < predicted.size(); ++t) correct += encoder.tags().word(predicted[t]) == actual[t];
    const int64_t tokens = std::ssize(actual);
    const TableCell name = name_of(*sentence[0], i);
    const double loss = model.loss(scores, batch).item() / static_cast<double>(std::max<int64_t>(known_tags(batch), 1));
    std::vector<TableCell> cells{name, tokens, loss, correct};
    if (spans) {
      const std::vector<std::string_view> right(actual.begin(), actual.end());
      const BinaryCounts found = compare_spans(right, labels_of(predicted, encoder.tags()));
      cells.insert(cells.end(), {found.hits, found.false_alarms, found.misses});
    }
    out.row(cells);
  }
}

}  // namespace

Evaluation measure(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, int64_t batch,
                   Sink* losses) {
  if (losses != nullptr) write_sentence_scores(model, encoder, examples, *losses);
  const autograd::NoGrad no_grad;
  TagCounts counts(encoder);
  double nats = 0;
  for (const auto& which : batches_by_length(lengths_of(*examples.sentences), {.batch = batch})) {
    check_stop();
    const auto sentences = load_examples(*examples.sentences, which);
    const TagBatch now = encoder.batch(*examples.text, sentences);
    const Tensor scores = model(now, Mode::evaluation());
    check_scores(scores, now.lengths, which);
    nats += model.loss(scores, now).item();
    const auto tags = model.tag(scores, now.lengths);
    for (size_t b = 0; b < which.size(); ++b) counts.add(*examples.text, *sentences[b], tags[b]);
  }
  if (counts.known() == 0) fail_unknown(encoder, examples);
  if (const std::string warning = counts.warning(); !warning.empty()) log_warning("{}", warning);
  return counts.result(nats);
}

Criterion tag_criterion(const TagEncoder& encoder) {
  const bool spans = are_span_labels(encoder.tags().words());
  return {.metric = spans ? "span_f1" : "accuracy", .higher_is_better = true};
}

BaselineResults measure_usual_tags(const TagEncoder& encoder, const TagExamples& examples) {
  const std::vector<int32_t>& usual = encoder.usual_tags();
  if (usual.empty()) return {};
  TagCounts counts(encoder);
  Random none(0);
  for (int64_t i = 0; i < examples.sentences->size(); ++i) {
    const Loaded<TaggedSentence> sentence = examples.sentences->load(i, none);
    std::vector<int32_t> tags;
    for (const std::string& token : sentence->tokens) tags.push_back(usual[static_cast<size_t>(encoder.word(token))]);
    counts.add(*examples.text, *sentence, tags);
  }
  std::vector<Metric> metrics = counts.result(0).metrics;
  std::erase_if(metrics, [](const Metric& each) { return each.name == "loss"; });
  return {.by = tag_criterion(encoder), .methods = {{"usual tag of the word", std::move(metrics)}}};
}

void write_tags(const TagModel& model, const TagEncoder& encoder, const TagExamples& examples, int64_t batch,
                Sink& rows) {
  const autograd::NoGrad no_grad;
  struct Said {
    std::vector<int32_t> tags;
    std::vector<double> probabilities;
  };
  std::vector<Said> said(static_cast<size_t>(examples.sentences->size()));
  for (const auto& which : batches_by_length(lengths_of(*examples.sentences), {.batch = batch})) {
    check_stop();
    const auto sentences = load_examples(*examples.sentences, which);
    const TagBatch now = encoder.batch(*examples.text, sentences);
    const Tensor scores = model(now, Mode::evaluation());
    check_scores(scores, now.lengths, which);
    const Tensor probabilities = model.probabilities(scores, now.lengths);
    auto tags = model.tag(scores, now.lengths);
    const float* p = probabilities.data<float>();
    for (size_t b = 0; b < which.size(); ++b) {
      Said& sentence = said[which[b]];
      sentence.tags = std::move(tags[b]);
      for (size_t t = 0; t < sentence.tags.size(); ++t) {
        const size_t row = t * which.size() + b;
        sentence.probabilities.push_back(p[row * static_cast<size_t>(probabilities.size(2)) + sentence.tags[t]]);
      }
    }
  }
  rows.columns({"sentence", "position", "token", "tag", "probability"});
  for (size_t s = 0; s < said.size(); ++s) {
    const auto number = static_cast<int32_t>(s);
    const auto sentence = load_examples(*examples.sentences, std::span(&number, 1));
    for (size_t t = 0; t < said[s].tags.size(); ++t) {
      const TableCell cells[] = {name_of(*sentence[0], number), static_cast<int64_t>(t + 1), sentence[0]->tokens[t],
                                 encoder.tags().word(said[s].tags[t]), said[s].probabilities[t]};
      rows.row(cells);
    }
  }
}

}  // namespace recur
