#include "recur/tasks/translate/translate_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/tasks/metrics/bleu.h"
#include "recur/tasks/metrics/chrf.h"
#include "recur/tasks/metrics/token_errors.h"

namespace recur {
namespace {

using Sequences = std::vector<const std::vector<int32_t>*>;

int64_t longest_for(const Translator& translator, int64_t source_tokens) {
  const int64_t longest = translator.options.use.longest;
  return longest > 0 ? longest : 2 * source_tokens + 20;
}

// What a hypothesis says.
Translation translation_of(const Translator& translator, Hypothesis hypothesis) {
  Translation out{.text = translator.encoder.text(hypothesis.symbols),
                  .score = hypothesis.score,
                  .attention = std::move(hypothesis.attention)};
  std::optional<int32_t> previous;
  for (const int32_t symbol : hypothesis.symbols) {
    out.tokens.push_back(translator.encoder.target_tokens().piece(symbol, previous));
    previous = symbol;
  }
  return out;
}

bool keeps_attention(const Translator& translator) {
  const TranslateUseOptions& use = translator.options.use;
  return translator.model.attends() && (use.attention || !use.chart.empty());
}

BeamOptions beam_options(const Translator& translator) {
  const TranslateUseOptions& use = translator.options.use;
  if (use.n_best > use.beam)
    fail_usage("n_best: expected at most the beam width (beam), {}, got {}", use.beam, use.n_best);
  return {.first = translator.encoder.end(),
          .end = translator.encoder.end(),
          .width = use.beam,
          .n_best = use.n_best,
          .length_penalty = use.length_penalty,
          .coverage_penalty = translator.model.attends() ? use.coverage_penalty : 0,
          .no_repeat = use.no_repeat,
          .keep_attention = keeps_attention(translator),
          .allowed = translator.guides != nullptr ? translator.guides->allowed() : nullptr};
}

// Of sources with their end symbols.
std::vector<std::vector<Hypothesis>> search(const Translator& translator,
                                            std::span<const Sequences::value_type> sources) {
  const SourceBatch batch = TranslateEncoder::sources(sources);
  const auto steps = translator.model.steps(batch, translator.encoder.target_tokens().unknown());
  std::vector<BeamInput> inputs;
  const int64_t least = translator.guides != nullptr ? translator.guides->least_room() : 0;
  for (const int64_t length : batch.lengths) {
    inputs.push_back({std::max(longest_for(translator, length - 1), least), length});
  }
  const std::unique_ptr<const StepModel> fused =
      translator.guides != nullptr ? translator.guides->fused(*steps) : nullptr;
  return beam_search(fused != nullptr ? *fused : *steps, inputs, beam_options(translator));
}

// The scores of texts.
class TextMeter {
 public:
  explicit TextMeter(const TranslateEncoder& encoder) : encoder_(encoder) {}

  void add(std::string_view said, std::string_view right) {
    bleu_.add(said, right);
    chrf_.add(said, right);
    errors_.add(counted_tokens(encoder_, said), counted_tokens(encoder_, right));
  }
  void add_to(Evaluation& result) const {
    result.metrics.push_back({"bleu", bleu_.score()});
    result.metrics.push_back({"chrf", chrf_.score()});
    result.metrics.push_back({"exact_match", errors_.exact_match()});
    result.metrics.push_back({"token_error_rate", errors_.token_error_rate()});
  }

 private:
  const TranslateEncoder& encoder_;
  BleuMeter bleu_;
  ChrfMeter chrf_;
  TokenErrorMeter errors_;
};

// Of all symbols, and of each pair.
struct Losses {
  double nats = 0;
  int64_t symbols = 0;
  std::vector<double> by_pair;
};

Losses losses_of(const Translator& translator, std::span<const TextPair> pairs) {
  std::vector<EncodedPair> encoded;
  std::vector<int64_t> lengths;
  for (const TextPair& pair : pairs) {
    encoded.push_back({bounded_source(translator, pair.source).source, translator.encoder.target(pair.target)});
    lengths.push_back(std::max(std::ssize(encoded.back().source), std::ssize(encoded.back().target)));
  }
  Losses losses{.by_pair = std::vector<double>(pairs.size())};
  const BucketOptions batches{.batch = translator.options.use.batch, .most_steps = 1 << 14};
  for (const auto& which : batches_by_length(lengths, batches)) {
    check_stop();
    Sequences sources, targets;
    for (const int32_t i : which) {
      sources.push_back(&encoded[i].source);
      targets.push_back(&encoded[i].target);
    }
    const TargetBatch target = translator.encoder.targets(targets);
    const Tensor nats = translator.model.losses(TranslateEncoder::sources(sources), target).clone(DType::kF64);
    const auto values = nats.values<double>();
    for (size_t b = 0; b < which.size(); ++b) {
      double& sum = losses.by_pair[which[b]];
      for (int64_t t = 0; t < target.inputs.size(0); ++t)
        sum += values[t * std::ssize(which) + static_cast<int64_t>(b)];
      check_finite(sum, [&] { return fmt::format("pair {}", which[b] + 1); });
      losses.nats += sum;
    }
    losses.symbols += target.symbols;
  }
  return losses;
}

double loss_of(const Losses& losses) { return losses.nats / static_cast<double>(std::max<int64_t>(losses.symbols, 1)); }

std::vector<std::string> sources_of(std::span<const TextPair> pairs) {
  std::vector<std::string> sources;
  for (const TextPair& pair : pairs) sources.push_back(pair.source);
  return sources;
}

std::string attention_json(const Translator& translator, const std::string& source, const Translation& said) {
  AttentionPanel panel = attention_panel(translator, source, said);
  panel.source.pop_back();
  panel.target.pop_back();
  Json weights = Json::array();
  for (const std::vector<float>& step : panel.weights) weights.push_back(Json(step));
  return Json{{"source", panel.source}, {"target", panel.target}, {"weights", weights}}.dump(BadUtf8::kReplace);
}

}  // namespace

Bounded bounded_source(const Translator& translator, std::string_view text) {
  Bounded out{.source = translator.encoder.source(text)};
  const auto most = static_cast<size_t>(translator.options.data.most_tokens);
  if (out.source.size() <= most + 1) return out;
  const int32_t end = out.source.back();
  out.source.resize(most);
  out.source.push_back(end);
  out.cut = true;
  return out;
}

std::vector<std::vector<Translation>> translate(const Translator& translator, std::span<const std::string> sources) {
  const autograd::NoGrad no_grad;
  std::vector<std::vector<int32_t>> encoded;
  std::vector<int64_t> lengths;
  int64_t cut = 0;
  for (const std::string& source : sources) {
    Bounded bounded = bounded_source(translator, source);
    cut += bounded.cut ? 1 : 0;
    encoded.push_back(std::move(bounded.source));
    lengths.push_back(std::ssize(encoded.back()));
  }
  if (cut > 0) {
    log_warning(
        "{} of {} sources are longer than {} tokens and were truncated; the limit is most_tokens of the training", cut,
        sources.size(), translator.options.data.most_tokens);
  }
  std::vector<std::vector<Translation>> said(sources.size());
  for (const auto& which : batches_by_length(lengths, {.batch = translator.options.use.batch})) {
    Sequences batch;
    std::vector<int32_t> numbers;
    for (const int32_t i : which) {
      if (lengths[i] == 1) {
        said[i] = {Translation{}};
        continue;
      }
      batch.push_back(&encoded[i]);
      numbers.push_back(i);
    }
    if (batch.empty()) continue;
    auto found = search(translator, batch);
    for (size_t b = 0; b < numbers.size(); ++b) {
      for (Hypothesis& each : found[b]) said[numbers[b]].push_back(translation_of(translator, std::move(each)));
    }
  }
  return said;
}

AttentionPanel attention_panel(const Translator& translator, const std::string& source, const Translation& said) {
  constexpr const char* kEnd = "</s>";
  const Tokenizer& tokenizer = translator.encoder.source_tokens();
  AttentionPanel panel{.source = {}, .target = said.tokens, .weights = said.attention};
  std::vector<int32_t> ids = bounded_source(translator, source).source;
  ids.pop_back();
  std::optional<int32_t> previous;
  for (const int32_t id : ids) {
    panel.source.push_back(tokenizer.piece(id, previous));
    previous = id;
  }
  panel.source.emplace_back(kEnd);
  panel.target.emplace_back(kEnd);
  return panel;
}

Evaluation measure(const Translator& translator, std::span<const TextPair> pairs, Sink* rows) {
  const autograd::NoGrad no_grad;
  const Losses losses = losses_of(translator, pairs);
  const auto said = translate(translator, sources_of(pairs));
  TextMeter meter(translator.encoder);
  for (size_t i = 0; i < pairs.size(); ++i) meter.add(said[i].front().text, pairs[i].target);
  if (rows != nullptr) {
    rows->columns({"sentence", "tokens", "loss", "source", "target", "prediction", "token_errors", "target_tokens"});
    for (size_t i = 0; i < pairs.size(); ++i) {
      const std::string& text = said[i].front().text;
      const auto right = counted_tokens(translator.encoder, pairs[i].target);
      const int64_t errors = edit_distance(counted_tokens(translator.encoder, text), right);
      const int64_t symbols = std::ssize(translator.encoder.target(pairs[i].target)) + 1;
      rows->row(std::vector<TableCell>{static_cast<int64_t>(i) + 1, symbols,
                                       losses.by_pair[i] / static_cast<double>(symbols), pairs[i].source,
                                       pairs[i].target, text, errors, std::ssize(right)});
    }
  }
  Evaluation result{.examples = std::ssize(pairs), .metrics = {{"loss", loss_of(losses)}}};
  meter.add_to(result);
  return result;
}

Evaluation measure_sample(const Translator& translator, std::span<const TextPair> pairs,
                          std::span<const int64_t> sample) {
  const autograd::NoGrad no_grad;
  Evaluation result{.examples = std::ssize(pairs), .metrics = {{"loss", loss_of(losses_of(translator, pairs))}}};
  TranslateOptions greedy = translator.options;
  greedy.use.beam = greedy.use.n_best = 1;
  greedy.use.attention = false;
  greedy.use.chart.clear();
  std::vector<TextPair> chosen;
  for (const int64_t i : sample) chosen.push_back(pairs[static_cast<size_t>(i)]);
  const auto said = translate({translator.model, translator.encoder, greedy}, sources_of(chosen));
  TextMeter meter(translator.encoder);
  for (size_t i = 0; i < chosen.size(); ++i) meter.add(said[i].front().text, chosen[i].target);
  meter.add_to(result);
  return result;
}

std::vector<std::string> prediction_columns(const TranslateUseOptions& options) {
  std::vector<std::string> columns{"sentence"};
  if (options.n_best > 1) columns.emplace_back("rank");
  columns.insert(columns.end(), {"prediction", "score"});
  if (options.attention) columns.emplace_back("attention");
  return columns;
}

void write_predictions(const Translator& translator, int64_t number, const std::string& source,
                       std::span<const Translation> predictions, Sink& out) {
  const TranslateUseOptions& use = translator.options.use;
  for (size_t k = 0; k < predictions.size(); ++k) {
    std::vector<TableCell> cells{number};
    if (use.n_best > 1) cells.emplace_back(static_cast<int64_t>(k) + 1);
    cells.emplace_back(predictions[k].text);
    cells.emplace_back(predictions[k].score);
    if (use.attention) cells.emplace_back(attention_json(translator, source, predictions[k]));
    out.row(cells);
  }
}

}  // namespace recur
