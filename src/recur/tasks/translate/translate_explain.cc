#include "recur/tasks/translate/translate_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

class TranslateRecord : public Explainable {
 public:
  TranslateRecord(const TranslateTrained& model, ReadRecord read, std::vector<int32_t> target)
      : Explainable(std::move(read)), model_(model), target_(std::move(target)) {}

  Tensor score(const Tensor& x) const override {
    Tensors of_members;  // log-probabilities of all symbols at the token [B, V], or of the symbols said [T, B]
    const auto& members = model_.network().members();
    for (size_t k = 0; k < members.size(); ++k) {
      const Tensor features = write(x, k).features;
      of_members.push_back(token_ ? log_softmax(members[k].logits(row(features, *token_)))
                                  : -members[k].loss(features, batch_of(x.size(1)), {.reduction = Reduction::kNone}));
    }
    const Tensor all = log_mean_exp(of_members);
    if (!token_) return sum(all, 0);
    return class_score(all, batch_of(1).targets.values<int32_t>()[static_cast<size_t>(*token_)], probability_);
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    std::vector<RecurrentReading> out;
    const auto& members = model_.network().members();
    for (size_t k = 0; k < members.size(); ++k) {
      const std::string name = members.size() > 1 ? fmt::format("{}.encoder", k) : "encoder";
      out.push_back({.name = name, .network = members[k].encoder(), .x = of_member(x, k)});
    }
    return out;
  }

  AttentionMap attention(const Tensor& x) const override {
    if (!model_.network().attends()) return {};
    Tensors of_members;
    for (size_t k = 0; k < model_.network().members().size(); ++k) of_members.push_back(write(x, k).weights);
    const Tensor weights = mean(stack(of_members), 0);
    AttentionMap map{.weights = reshape(weights, {weights.size(0), weights.size(2)}), .queries = said()};
    map.queries.emplace_back("end");
    return map;
  }

  void choose(const ExplainTarget& target) {
    probability_ = target.probability;
    const int64_t tokens = std::ssize(target_) + 1;  // with the end
    if (target.step) token_ = step_of(target, tokens, 0);
    const std::vector<std::string> said = this->said();
    const std::string whole = model_.encoder().text(target_);
    if (!token_) {
      read_.scale = "log-probability";
      read_.target = "'" + whole + "'";
      return;
    }
    read_.scale = scale_of(target);
    read_.target = fmt::format("token {} of '{}', {}", *token_ + 1, whole,
                               *token_ + 1 == tokens ? "its end" : "'" + said[static_cast<size_t>(*token_)] + "'");
  }

 private:
  std::vector<std::string> said() const {
    std::vector<std::string> out;
    std::optional<int32_t> before;
    for (const int32_t id : target_) {
      out.push_back(model_.encoder().target_tokens().piece(id, before));
      before = id;
    }
    return out;
  }

  TargetBatch batch_of(int64_t batch) const {
    const std::vector<const std::vector<int32_t>*> all(static_cast<size_t>(batch), &target_);
    return model_.encoder().targets(all);
  }

  Tensor of_member(const Tensor& x, size_t member) const {
    const int64_t width = x.size(2) / std::ssize(model_.network().members());
    return slice(x, {2, static_cast<int64_t>(member) * width}, width);
  }

  AttentionDecoder::Output write(const Tensor& x, size_t member) const {
    const TranslateModel& network = model_.network().members()[member];
    const TranslateModel::Source source = network.read_vectors(of_member(x, member));
    return network.write(batch_of(x.size(1)).inputs, source.first, source.memory, Mode::evaluation());
  }

  const TranslateTrained& model_;
  std::vector<int32_t> target_;  // without the end
  std::optional<int64_t> token_;
  bool probability_ = false;
};

}  // namespace

std::unique_ptr<Explainable> TranslateRecords::record(int64_t i, const ExplainTarget& target) const {
  const std::string& text = sources_[static_cast<size_t>(i)];
  const Bounded source = bounded_source(model_.translator(), text);
  if (source.source.size() < 2) fail_empty_record("source " + id(i), id(i));
  const Tokenizer& tokenizer = model_.encoder().source_tokens();
  std::string said = target.name;
  if (said.empty()) {
    const auto translations = translate(model_.translator(), std::span(&text, 1));
    said = translations[0].at(0).text;
  }
  ReadRecord read;
  {
    const autograd::NoGrad no_grad;
    const auto vectors = [&](const std::vector<int32_t>& ids) {
      const int64_t steps = std::ssize(ids);
      Tensors of_members;
      for (const TranslateModel& member : model_.network().members()) {
        of_members.push_back(member.source_vectors(Tensor::from(ids, {steps, 1})).detach());
      }
      const Tensor x = concat(of_members, 2);
      return reshape(x, {steps, x.size(2)});
    };
    read.x = vectors(source.source);
    if (const auto unknown = tokenizer.unknown()) {
      std::vector<int32_t> nothing(source.source.size(), *unknown);
      nothing.back() = source.source.back();
      read.padding = vectors(nothing);
    }
  }
  read.id = id(i);
  std::optional<int32_t> before;
  for (size_t s = 0; s + 1 < source.source.size(); ++s) {
    read.tokens.push_back(tokenizer.piece(source.source[s], before));
    before = source.source[s];
  }
  read.tokens.emplace_back("<end>");
  read.channels = {"token"};
  read.channel_of.assign(static_cast<size_t>(read.features()), 0);
  if (source.cut) read.note = fmt::format("{} symbols of the source are read", source.source.size() - 1);
  std::vector<int32_t> symbols = model_.encoder().target(said);
  if (const auto unknown = model_.encoder().target_tokens().unknown();
      unknown && std::ranges::count(symbols, *unknown) > 0) {
    fail_usage("target: '{}' has tokens that are not in the target's vocabulary", said);
  }
  auto record = std::make_unique<TranslateRecord>(model_, std::move(read), std::move(symbols));
  record->choose(target);
  return record;
}

}  // namespace recur
