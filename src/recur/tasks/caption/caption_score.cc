#include "recur/tasks/caption/caption_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/decode/attention_steps.h"
#include "recur/decode/beam_search.h"
#include "recur/ops/cast.h"
#include "recur/tasks/metrics/caption_bleu.h"
#include "recur/tasks/metrics/cider.h"
#include "recur/tasks/metrics/meteor.h"
#include "recur/tasks/metrics/rouge.h"

namespace recur {
namespace {

Tensor values_of(const Captioner& captioner, const CaptionSet& set, std::span<const int64_t> which) {
  std::vector<float> all;
  for (const int64_t i : which) {
    const std::vector<float> own = set.values(i);
    all.insert(all.end(), own.begin(), own.end());
  }
  return cast(Tensor::from(all, {std::ssize(which), set.shape().values()}), captioner.model.parameters()[0].dtype());
}

// Calls visit(part, first) with the images in batches.
template <class Visit>
void for_each_batch(const Captioner& captioner, std::span<const int64_t> which, const Visit& visit) {
  const auto most = static_cast<size_t>(captioner.options.use.batch);
  for (size_t at = 0; at < which.size(); at += most) {
    check_stop();
    visit(which.subspan(at, std::min(most, which.size() - at)), at);
  }
}

SaidCaption caption_of(const Captioner& captioner, Hypothesis hypothesis) {
  SaidCaption out{.text = captioner.encoder.tokens().decode(hypothesis.symbols),
                  .score = hypothesis.score,
                  .attention = std::move(hypothesis.attention)};
  std::optional<int32_t> previous;
  for (const int32_t symbol : hypothesis.symbols) {
    out.tokens.push_back(captioner.encoder.tokens().piece(symbol, previous));
    previous = symbol;
  }
  return out;
}

struct CaptionLosses {
  double nats = 0;
  int64_t symbols = 0;
  std::vector<double> by_image;  // nats a symbol
};

CaptionLosses losses_of(const Captioner& captioner, const CaptionSet& set, std::span<const int64_t> which) {
  CaptionLosses losses;
  for_each_batch(captioner, which, [&](std::span<const int64_t> part, size_t) {
    std::vector<CaptionSymbols> encoded;
    std::vector<int32_t> of;
    for (size_t n = 0; n < part.size(); ++n) {
      for (const std::string& caption : set.image(part[n]).captions) {
        encoded.push_back(captioner.encoder.encode(caption));
        of.push_back(static_cast<int32_t>(n));
      }
    }
    std::vector<const CaptionSymbols*> captions;
    captions.reserve(encoded.size());
    for (const CaptionSymbols& each : encoded) captions.push_back(&each);
    const Mode mode = Mode::evaluation();
    const auto seen = captioner.model.see(values_of(captioner, set, part), mode, Tensor::from(of, {std::ssize(of)}));
    const CaptionTargets target = caption_targets(captions, captioner.encoder.end());
    const Tensor nats = captioner.model.losses(target, seen, 0, mode).nats.clone(DType::kF64);
    const auto values = nats.values<double>();
    std::vector<double> sums(part.size());
    std::vector<int64_t> symbols(part.size());
    for (size_t k = 0; k < of.size(); ++k) {
      for (int64_t t = 0; t < nats.size(0); ++t) sums[of[k]] += values[t * std::ssize(of) + static_cast<int64_t>(k)];
      symbols[of[k]] += target.lengths[k];
    }
    for (size_t n = 0; n < part.size(); ++n) {
      check_finite(sums[n], [&] { return set.image(part[n]).id; });
      losses.nats += sums[n];
      losses.by_image.push_back(sums[n] / static_cast<double>(std::max<int64_t>(symbols[n], 1)));
    }
    losses.symbols += target.symbols;
  });
  return losses;
}

double loss_of(const CaptionLosses& losses) {
  return losses.nats / static_cast<double>(std::max<int64_t>(losses.symbols, 1));
}

// The first caption of each image.
std::vector<std::string> first_of(const std::vector<std::vector<SaidCaption>>& said) {
  std::vector<std::string> out;
  out.reserve(said.size());
  for (const auto& each : said) out.push_back(each.empty() ? std::string() : each.front().text);
  return out;
}

std::string attention_json(const Captioner& captioner, const SaidCaption& said) {
  Json weights = Json::array();
  for (const std::vector<float>& step : said.attention) weights.push_back(Json(step));
  return Json{{"tokens", said.tokens},
              {"rows", captioner.model.region_rows()},
              {"columns", captioner.model.region_columns()},
              {"weights", weights}}
      .dump(BadUtf8::kReplace);
}

std::vector<std::vector<CaptionWords>> references_of(const CaptionSet& set, std::span<const int64_t> which) {
  std::vector<std::vector<CaptionWords>> references;
  for (const int64_t i : which) {
    auto& own = references.emplace_back();
    for (const std::string& caption : set.image(i).captions) own.push_back(caption_words(caption));
  }
  return references;
}

}  // namespace

std::vector<std::vector<SaidCaption>> say(const Captioner& captioner, const CaptionSet& set,
                                          std::span<const int64_t> which) {
  const autograd::NoGrad no_grad;
  const CaptionUseOptions& use = captioner.options.use;
  if (use.n_best > use.beam)
    fail_usage("n_best: expected at most the beam width (beam), {}, got {}", use.beam, use.n_best);
  const BeamOptions options{.first = captioner.encoder.end(),
                            .end = captioner.encoder.end(),
                            .width = use.beam,
                            .n_best = use.n_best,
                            .length_penalty = use.length_penalty,
                            .no_repeat = use.no_repeat,
                            .keep_attention = use.attention || !use.chart.empty()};
  std::vector<std::vector<SaidCaption>> said;
  for_each_batch(captioner, which, [&](std::span<const int64_t> part, size_t) {
    const CaptionModel& model = captioner.model;
    const auto seen = model.see(values_of(captioner, set, part), Mode::evaluation());
    const AttentionSteps steps(
        {.symbols = model.symbols(),
         .write =
             [&](const Tensor& symbols, const DecoderState& state, const AttentionMemory& memory) {
               return model.write(symbols, state, memory, Mode::evaluation());
             },
         .logits = [&](const Tensor& features) { return model.logits(features); }},
        seen.memory, seen.first, captioner.encoder.tokens().unknown());
    const std::vector<BeamInput> inputs(part.size(), {.longest = use.longest, .positions = model.regions()});
    for (auto& found : beam_search(steps, inputs, options)) {
      auto& own = said.emplace_back();
      for (Hypothesis& each : found) own.push_back(caption_of(captioner, std::move(each)));
    }
  });
  return said;
}

std::vector<Metric> caption_metrics(const CaptionSet& set, std::span<const int64_t> which,
                                    std::span<const std::string> said) {
  const auto references = references_of(set, which);
  const Cider cider(references);
  CaptionBleu bleu;
  MeteorExact meteor;
  double rouge = 0, consensus = 0;
  for (size_t i = 0; i < said.size(); ++i) {
    const CaptionWords words = caption_words(said[i]);
    bleu.add(words, references[i]);
    meteor.add(words, references[i]);
    rouge += rouge_l(words, references[i]);
    consensus += cider.score(words, i);
  }
  const double images = static_cast<double>(std::max<size_t>(said.size(), 1));
  std::vector<Metric> out;
  const auto scores = bleu.scores();
  for (size_t n = 0; n < scores.size(); ++n) out.push_back({fmt::format("bleu_{}", n + 1), 100 * scores[n]});
  out.push_back({"meteor_exact", 100 * meteor.score()});
  out.push_back({"rouge_l", 100 * rouge / images});
  out.push_back({"cider", 100 * consensus / images});
  return out;
}

BaselineResults usual_caption_baseline(const Captioner& captioner, const CaptionSet& set,
                                       std::span<const int64_t> which) {
  const std::vector<std::string> usual(which.size(), captioner.encoder.usual());
  return {.by = {.metric = "cider", .higher_is_better = true},
          .methods = {{.name = "the most usual caption", .metrics = caption_metrics(set, which, usual)}}};
}

Evaluation measure(const Captioner& captioner, const CaptionSet& set, std::span<const int64_t> which, Sink* rows) {
  const autograd::NoGrad no_grad;
  const CaptionLosses losses = losses_of(captioner, set, which);
  const std::vector<std::string> said = first_of(say(captioner, set, which));
  Evaluation result{.examples = std::ssize(which), .metrics = {{"loss", loss_of(losses)}}};
  for (const Metric& each : caption_metrics(set, which, said)) result.metrics.push_back(each);
  add_baselines(result, usual_caption_baseline(captioner, set, which));
  if (rows == nullptr) return result;
  const auto references = references_of(set, which);
  const Cider cider(references);
  rows->columns({"image", "loss", "prediction", "references", "cider"});
  for (size_t i = 0; i < said.size(); ++i) {
    const CaptionedImage& image = set.image(which[i]);
    rows->row(std::vector<TableCell>{image.id, losses.by_image[i], said[i],
                                     fmt::format("{}", fmt::join(image.captions, " | ")),
                                     100 * cider.score(caption_words(said[i]), i)});
  }
  return result;
}

Evaluation measure_sample(const Captioner& captioner, const CaptionSet& set, std::span<const int64_t> which,
                          std::span<const int64_t> sample) {
  const autograd::NoGrad no_grad;
  Evaluation result{.examples = std::ssize(which), .metrics = {{"loss", loss_of(losses_of(captioner, set, which))}}};
  CaptionOptions greedy = captioner.options;
  greedy.use.beam = greedy.use.n_best = 1;
  greedy.use.attention = false;
  greedy.use.chart.clear();
  const auto said = first_of(say({captioner.model, captioner.encoder, greedy}, set, sample));
  for (const Metric& each : caption_metrics(set, sample, said)) result.metrics.push_back(each);
  return result;
}

std::vector<std::string> caption_columns(const CaptionUseOptions& options) {
  std::vector<std::string> columns{"image"};
  if (options.n_best > 1) columns.emplace_back("rank");
  columns.insert(columns.end(), {"prediction", "score"});
  if (options.attention) columns.emplace_back("attention");
  return columns;
}

void write_captions(const Captioner& captioner, const std::string& id, std::span<const SaidCaption> said, Sink& out) {
  const CaptionUseOptions& use = captioner.options.use;
  for (size_t k = 0; k < said.size(); ++k) {
    std::vector<TableCell> cells{id};
    if (use.n_best > 1) cells.emplace_back(static_cast<int64_t>(k) + 1);
    cells.emplace_back(said[k].text);
    cells.emplace_back(said[k].score);
    if (use.attention) cells.emplace_back(attention_json(captioner, said[k]));
    out.row(cells);
  }
}

}  // namespace recur
