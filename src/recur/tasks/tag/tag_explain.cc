#include "recur/tasks/tag/tag_explain.h"

#include <fmt/format.h>

#include <span>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

class TagRecord : public Explainable {
 public:
  TagRecord(const TagTrained& model, ReadRecord read) : Explainable(std::move(read)), model_(model) {}

  Tensor score(const Tensor& x) const override {
    return label_score(model_.network().log_odds(model_.network().evaluate(x), at_), probability_);
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    return {{.name = "rnn", .network = model_.network().rnn(), .x = x}};
  }

  void choose(const ExplainTarget& target) {
    if (!target.step && read_.steps() > 1) {
      fail_usage("step: a tagger has an output for each token; of record {} choose one from 1 to {}",
                 quoted_cell(read_.id), read_.steps());
    }
    at_.step = step_of(target, read_.steps(), 0);
    const std::vector<std::string>& tags = model_.encoder().tags().words();
    at_.tag = find_target(target, tags, "tag", [&]() -> int64_t {
      const autograd::NoGrad no_grad;
      const Tensor x = reshape(read_.x, {read_.steps(), 1, read_.features()});
      const std::vector<int64_t> lengths{read_.steps()};
      return model_.network().tag(model_.network().evaluate(x), lengths)[0][static_cast<size_t>(at_.step)];
    });
    probability_ = target.probability;
    read_.scale = scale_of(target);
    read_.target = fmt::format("tag {} of token {}, {}", tags[static_cast<size_t>(at_.tag)], at_.step + 1,
                               read_.tokens[static_cast<size_t>(at_.step)]);
  }

 private:
  const TagTrained& model_;
  TagModel::TagAt at_;
  bool probability_ = false;
};

}  // namespace

std::string TagRecords::id(int64_t i) const {
  const Loaded<TaggedSentence> sentence = text_.load(i);
  return sentence->id.empty() ? std::to_string(i + 1) : sentence->id;
}

std::unique_ptr<Explainable> TagRecords::record(int64_t i, const ExplainTarget& target) const {
  const Loaded<TaggedSentence> sentence = text_.load(i);
  if (sentence->tokens.empty()) fail_empty_record(text_.where(*sentence), id(i));
  ReadRecord read;
  {
    const autograd::NoGrad no_grad;
    const TagBatch batch = model_.encoder().batch(text_, std::span(&sentence, 1));
    const Tensor x = model_.network().vectors(batch);
    read.x = reshape(x, {x.size(0), x.size(2)});
  }
  read.id = id(i);
  read.tokens = sentence->tokens;
  read.channels = {"token"};
  read.channel_of.assign(static_cast<size_t>(read.features()), 0);
  auto record = std::make_unique<TagRecord>(model_, std::move(read));
  record->choose(target);
  return record;
}

}  // namespace recur
