#include "recur/tasks/lm/lm_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/text/ngram.h"
#include "recur/io/tensor_views.h"
#include "recur/nn/penalties.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/slice.h"
#include "recur/tasks/lm/lm_evaluate.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

void check_vocabulary(const Tokenizer& tokenizer) {
  if (tokenizer.size() - (tokenizer.unknown() ? 1 : 0) < 2) {
    fail("expected at least two different symbols in the training text, got one");
  }
}

LmTrained new_model(const LmCorpora& corpora, const LmOptions& options, uint64_t seed) {
  Random random(seed, kInitialValues);
  return LmTrained(options, corpora.train.shared_tokenizer(), random);
}

// The streams of the batch that are this process's share: columns of [T, B].
Tensor share_of(const Tensor& batch, const Shard& shard) {
  if (shard.ranks == 1) return batch;
  Tensors columns;
  for (int64_t b = shard.rank; b < batch.size(1); b += shard.ranks) columns.push_back(slice(batch, {1, b}, 1));
  return concat(columns, 1);
}

void check_share(const LmOptions& options, const Shard& shard) {
  if (options.data.batch < shard.ranks) {
    fail_usage("batch: expected at least one stream per process, got {} streams for {} processes", options.data.batch,
               shard.ranks);
  }
}

LmCorpora hold_out(const TextSource& source, double fraction, const TokenizerOptions& tokens,
                   std::shared_ptr<const Tokenizer> tokenizer) {
  CorpusPair pair = split_corpus(source, fraction, tokens, {}, std::move(tokenizer));
  return {std::move(pair.train), std::move(pair.valid)};
}

DataChecksum checksum_of(const Corpus& corpus) {
  constexpr int64_t kBlock = 1 << 16;
  DataChecksum checksum;
  std::vector<int32_t> symbols;
  for (int64_t at = 0; at < corpus.size(); at += std::ssize(symbols)) {
    symbols.resize(static_cast<size_t>(std::min(kBlock, corpus.size() - at)));
    corpus.read(at, symbols);
    checksum.add(symbols);
  }
  return checksum;
}

std::string part_name(size_t layer, size_t part) { return fmt::format("task.carried.{}.{}", layer, part); }

}  // namespace

LmCorpora open_corpora(const TrainingData& data, const TokenizerOptions& tokens,
                       const std::shared_ptr<const Tokenizer>& known) {
  const TextSource source(data.files);
  const auto opened = [&]() -> LmCorpora {
    if (data.held_out) return hold_out(source, *data.held_out, tokens, known);
    // Before the long work on the training text: the file may be missing.
    const auto valid = data.valid.empty() ? std::nullopt : std::optional<TextSource>(TextSource(data.valid));
    Corpus train(source, source.all(), known ? known : fit_tokenizer(source, source.all(), tokens));
    const auto tokenizer = train.shared_tokenizer();
    return {std::move(train), valid ? std::optional<Corpus>(Corpus(*valid, valid->all(), tokenizer)) : std::nullopt};
  };
  LmCorpora corpora = opened();
  check_vocabulary(corpora.train.tokenizer());
  return corpora;
}

LmTraining::LmTraining(LmCorpora corpora, const LmOptions& options, const TrainingStart& start)
    : TrainingOf(new_model(corpora, options, start.seed)),
      corpora_(std::move(corpora)),
      shard_(start.shard),
      batcher_(corpora_.train, {.batch = options.data.batch,
                                .steps = options.data.bptt,
                                .random_steps = options.data.random_bptt,
                                .seed = Random(start.seed, kOrderStream).bits()}),
      random_(start.seed + static_cast<uint64_t>(start.shard.rank), kDropoutStream) {
  check_share(options, shard_);
  keep_checksum(checksum_of(corpora_.train));
}

void LmTraining::check_validation() const {
  if (corpora_.valid->size() < 2)
    fail("valid: expected at least two symbols to validate on, got {}", corpora_.valid->size());
}

LmTraining::Window LmTraining::next_window() {
  const Shape room{batcher_.max_steps(), batcher_.batch()};
  Tensor inputs = Tensor::empty(room, DType::kI32), targets = Tensor::empty(room, DType::kI32);
  const auto size = static_cast<size_t>(room.numel());
  const LmWindow window = batcher_.next({inputs.data<int32_t>(), size}, {targets.data<int32_t>(), size});
  const Shape shape = room.with(0, window.steps);
  return {share_of(inputs.alias(0, shape), shard_), share_of(targets.alias(0, shape), shard_), window};
}

TrainingStep LmTraining::step(bool trace_gradients) {
  const Window window = next_window();
  if (window.of_text.starts_pass) carried_ = {};
  trace_ = {};
  const LmModel& model = trained_.network();
  const auto out =
      model(window.inputs,
            {.state = carried_, .mode = Mode::training(random_), .trace = trace_gradients ? &trace_ : nullptr});
  carried_ = out.state.detach();
  const Tensor loss = model.loss(out.features, window.targets, {.smoothing = trained_.options().loss.smoothing});
  return {.objective = objective(out, loss),
          .weight = static_cast<double>(window.targets.numel()),
          .loss = loss.item(),
          .examples = window.targets.numel(),
          .ends_epoch = window.of_text.ends_pass};
}

Evaluation LmTraining::validate() {
  const bool first = !std::exchange(validated_, true);
  return evaluate_lm(trained_.network(), *corpora_.valid, trained_.options().use, first);
}

BaselineResults LmTraining::baselines() const {
  constexpr int kOrder = 5;
  constexpr int64_t kMostSymbols = 4 << 20;  // a few seconds
  const double nats = ngram_nats(corpora_.train, *corpora_.valid, kOrder, kMostSymbols);
  const std::string part = corpora_.train.size() > kMostSymbols ? fmt::format(" of {} symbols", kMostSymbols) : "";
  return {.by = criterion(),
          .methods = {{fmt::format("{}-gram{}", kOrder, part), {{"loss", nats}, {"perplexity", std::exp(nats)}}}}};
}

Tensor LmTraining::objective(const LmModel::Output& out, const Tensor& loss) const {
  const LmLossOptions& o = trained_.options().loss;
  Tensor total = o.scale == "zaremba" ? loss * static_cast<double>(out.y.size(0)) : loss;
  if (o.activation_penalty > 0) total = total + activation_penalty(out.dropped) * o.activation_penalty;
  if (o.slowness_penalty > 0) {
    total = total + temporal_activation_penalty(out.y) * o.slowness_penalty;
  }
  return total;
}

void LmTraining::save_state(StateWriter& state) const {
  const LmBatcher::Cursor& cursor = batcher_.cursor();
  state.integer("task.position", cursor.position);
  state.integer("task.epoch", cursor.epoch);
  state.text("task.windows", cursor.random.to_string());
  state.text("task.dropout", random_.state().to_string());
  state.integer("task.symbols", corpora_.train.size());
  state.integer("task.carried_layers", static_cast<int64_t>(carried_.layers.size()));
  for (size_t i = 0; i < carried_.layers.size(); ++i) {
    const Tensors& parts = carried_.layers[i];
    state.integer(fmt::format("task.carried_parts.{}", i), static_cast<int64_t>(parts.size()));
    for (size_t j = 0; j < parts.size(); ++j) state.tensor(view_of(part_name(i, j), parts[j]));
  }
}

void LmTraining::load_state(const StateReader& state) {
  if (const int64_t symbols = state.integer("task.symbols"); symbols != corpora_.train.size()) {
    fail("the training text has changed since the run began: it had {} symbols and now has {}", symbols,
         corpora_.train.size());
  }
  batcher_.set_cursor({.position = state.integer("task.position"),
                       .epoch = state.integer("task.epoch"),
                       .random = Random::State::from_string(state.text("task.windows"))});
  random_.set_state(Random::State::from_string(state.text("task.dropout")));
  carried_ = {};
  for (int64_t i = 0; i < state.integer("task.carried_layers"); ++i) {
    Tensors parts;
    const int64_t count = state.integer(fmt::format("task.carried_parts.{}", i));
    for (int64_t j = 0; j < count; ++j) {
      parts.push_back(tensor_of(state.tensor(part_name(static_cast<size_t>(i), static_cast<size_t>(j)))));
    }
    carried_.layers.push_back(std::move(parts));
  }
}

}  // namespace recur
