#include "recur/tasks/classify/classify_explain.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/tasks/classify/presence_path.h"

namespace recur {
namespace {

class ClassifyRecord : public Explainable {
 public:
  ClassifyRecord(const ClassifyTrained& model, ReadRecord read, std::optional<PresencePath> path)
      : Explainable(std::move(read)), model_(model), path_(std::move(path)) {}

  Tensor score(const Tensor& x) const override {
    const Tensor answer = scores(x);
    if (!model_.targets().is_value()) return class_score(answer, target_, probability_);
    const Affine& scale = model_.targets().scale();
    const double shift = model_.targets().value_of(0);
    return reshape(answer, {x.size(1)}) * double{scale.scale} + shift;
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    std::vector<RecurrentReading> out;
    const auto& members = model_.network().members();
    for (size_t k = 0; k < members.size(); ++k) {
      auto reading = members[k].recurrent(of_member(x, k));
      if (!reading) continue;
      if (members.size() > 1) reading->name = fmt::format("{}.{}", k, reading->name);
      out.push_back(std::move(*reading));
    }
    return out;
  }

  AttentionMap attention(const Tensor& x) const override {
    AttentionMap map;
    Tensors rows;
    const auto& members = model_.network().members();
    for (size_t k = 0; k < members.size(); ++k) {
      const Tensor weights = members[k].attention(of_member(x, k));
      if (!weights.defined()) return {};
      rows.push_back(weights);
      map.queries.push_back(members.size() > 1 ? fmt::format("member {}", k) : "pooling");
    }
    map.weights = stack(rows);
    return map;
  }

  // Of all classes before the softmax, or the standardised value: [B, outputs].
  Tensor scores(const Tensor& x) const {
    const bool is_value = model_.targets().is_value();
    const auto& members = model_.network().members();
    Tensors answers;
    for (size_t k = 0; k < members.size(); ++k) {
      const Tensor y = members[k].evaluate(of_member(x, k));
      answers.push_back(is_value ? y : log_softmax(y));
    }
    if (is_value) return mean(stack(answers), 0);
    Tensor network = log_mean_exp(answers);
    if (const KernelPath* kernels = model_.network().kernels()) {
      return network * kernels->mix().network_share() + (*kernels)(x, {}) * kernels->mix().path_share();
    }
    if (!path_) return network;
    const Tensor there = reshape(slice(x, {2, x.size(2) - 1}, 1), {x.size(0), x.size(1)});
    const PathMix& mix = model_.network().ngrams()->mix();
    return network * mix.network_share() + (*path_)(there)*mix.path_share();
  }

  void choose(const ExplainTarget& target) {
    read_.scale = "value";
    read_.target = "value";
    if (model_.targets().is_value()) {
      if (!target.name.empty()) fail_usage("target: the model predicts one value, not '{}'", target.name);
      return;
    }
    const std::vector<std::string>& classes = model_.targets().classes().words();
    target_ = find_target(target, classes, "class", [&] {
      const autograd::NoGrad no_grad;
      return best_class(scores(reshape(read_.x, {read_.steps(), 1, read_.features()})));
    });
    probability_ = target.probability;
    read_.scale = scale_of(target);
    read_.target = "class " + classes[static_cast<size_t>(target_)];
  }

 private:
  Tensor of_member(const Tensor& x, size_t member) const {
    if (!model_.encoder().is_text()) return x;
    const int64_t width = model_.options().model.embedding;
    return slice(x, {2, static_cast<int64_t>(member) * width}, width);
  }

  const ClassifyTrained& model_;
  std::optional<PresencePath> path_;
  int64_t target_ = 0;
  bool probability_ = false;
};

std::vector<std::string> pieces_of(const Tokenizer& tokenizer, const std::vector<int32_t>& symbols) {
  std::vector<std::string> out;
  std::optional<int32_t> before;
  for (const int32_t id : symbols) {
    out.push_back(tokenizer.piece(id, before));
    before = id;
  }
  return out;
}

// Rows of the members' tables side by side, and, for a path, a column that says that the symbol is there: [T, F].
Tensor vectors_of(const ClassifyEnsemble& network, const std::vector<int32_t>& symbols, bool with_path, double there) {
  const int64_t steps = std::ssize(symbols);
  Tensors parts;
  for (const ClassifyModel& member : network.members()) {
    parts.push_back((*member.embedding())(Tensor::from(symbols, {steps})).detach());
  }
  if (with_path) parts.push_back(Tensor::full({steps, 1}, there, parts[0].dtype()));
  return concat(parts, 1);
}

// The mean of all vectors of the tables, at each of T steps.
Tensor mean_vectors(const ClassifyEnsemble& network, int64_t steps, bool with_path) {
  Tensors parts;
  for (const ClassifyModel& member : network.members()) parts.push_back(mean(member.embedding()->weight, 0, true));
  if (with_path) parts.push_back(Tensor::zeros({1, 1}, parts[0].dtype()));
  const Tensor row = concat(parts, 1);
  return Tensor::zeros({steps, row.size(1)}, row.dtype()) + row;
}

// Where a symbol that is read stands in the whole text.
int64_t place_of(int64_t t, const EncodedSequence& encoded) {
  return t < encoded.head ? t : t + encoded.whole - encoded.steps;
}

ReadRecord read_text(const ClassifyTrained& model, const EncodedSequence& encoded) {
  const autograd::NoGrad no_grad;
  const ClassifyEnsemble& network = model.network();
  const Tokenizer& tokenizer = model.encoder().tokenizer();
  const bool with_path = network.ngrams() != nullptr;
  ReadRecord read;
  read.x = vectors_of(network, encoded.symbols, with_path, 1);
  read.tokens = pieces_of(tokenizer, encoded.symbols);
  read.channels = {"token"};
  read.channel_of.assign(static_cast<size_t>(read.features()), 0);
  read.mean = mean_vectors(network, encoded.steps, with_path);
  if (const auto unknown = tokenizer.unknown()) {
    const std::vector<int32_t> all(encoded.symbols.size(), *unknown);
    read.padding = vectors_of(network, all, with_path, 0);
  }
  if (encoded.cut) {
    read.note = fmt::format("{} of {} symbols are read", encoded.steps, encoded.whole);
    for (int64_t t = 0; t < encoded.steps; ++t) read.places.push_back(place_of(t, encoded));
  }
  return read;
}

// The words as the text has them, where there is one for each symbol: a symbol may stand for unknown words.
void take_words(const std::vector<std::string>& words, const EncodedSequence& encoded, ReadRecord& read) {
  if (std::ssize(words) != encoded.whole) return;
  for (int64_t t = 0; t < encoded.steps; ++t) {
    read.tokens[t] = words[static_cast<size_t>(place_of(t, encoded))];
  }
}

ReadRecord read_series(const ClassifyTrained& model, const ClassifySource& source, int64_t i,
                       const EncodedSequence& encoded) {
  const SeriesEncoder& encoder = model.encoder().series();
  const int64_t channels = std::ssize(encoder.channels()), statics = std::ssize(encoder.statics());
  ReadRecord read;
  read.x = steps_tensor(encoded.values, encoded.features, model.module().parameters()[0].dtype());
  read.channels = encoder.channels();
  read.is_static.assign(static_cast<size_t>(channels), 0);
  for (int64_t c = 0; c < channels; ++c) read.channel_of.push_back(c);
  for (const int64_t gap : encoder.gaps()) read.channel_of.push_back(gap);
  std::vector<float> padding(static_cast<size_t>(encoded.features), 0);
  for (size_t k = 0; k < encoder.gaps().size(); ++k) padding[static_cast<size_t>(channels) + k] = 1;  // all missing
  for (int64_t s = 0; s < statics; ++s) {
    read.channel_of.push_back(channels + s);
    read.channels.push_back(encoder.statics()[static_cast<size_t>(s)]);
    read.is_static.push_back(1);
  }
  const Tensor row = Tensor::from(padding, {1, encoded.features}).clone(read.x.dtype());
  read.padding = Tensor::zeros(read.x.shape(), read.x.dtype()) + row;
  const SequenceSet& set = source.series();
  const Loaded<Sequence> sequence = set.load(i);
  for (int64_t t = 0; t < encoded.steps; ++t) {
    const auto values = set.step(*sequence, t);
    for (int64_t c = 0; c < channels; ++c) {
      read.shown.push_back(values[static_cast<size_t>(c)] + static_cast<float>(set.channels[c].offset));
    }
    read.shown.insert(read.shown.end(), static_cast<size_t>(statics), std::nanf(""));
  }
  return read;
}

}  // namespace

std::unique_ptr<Explainable> ClassifyRecords::record(int64_t i, const ExplainTarget& target) const {
  refuse_step(target, "classify");
  const EncodedSequence encoded = model_.encoder().encode(source_, i);
  if (encoded.steps == 0) fail_empty_record(source_.where(i), source_.name(i));
  ReadRecord read = source_.is_text() ? read_text(model_, encoded) : read_series(model_, source_, i, encoded);
  read.id = source_.name(i);
  std::optional<PresencePath> path;
  if (const NgramPath* ngrams = model_.network().ngrams(); ngrams != nullptr && source_.is_text()) {
    const auto placed = model_.encoder().placed_ngrams(*source_.texts().load(i), model_.ngram_choice());
    // Words of pieces are none of the network's symbols: all their n-grams stay.
    EncodedSequence aligned = encoded;
    const bool by_symbols = model_.encoder().tokenizer().kind() != "subwords";
    if (!by_symbols) aligned.head = 0, aligned.whole = std::numeric_limits<int64_t>::max();
    if (!by_symbols) {
      read.note += (read.note.empty() ? "" : "; ") + std::string("the linear path of n-grams is kept fixed");
    }
    path.emplace(*ngrams, placed, aligned, read.x.dtype());
  }
  if (source_.is_text()) take_words(model_.encoder().words(*source_.texts().load(i)), encoded, read);
  auto record = std::make_unique<ClassifyRecord>(model_, std::move(read), std::move(path));
  record->choose(target);
  return record;
}

}  // namespace recur
