#include "recur/tasks/transcribe/transcribe_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/base/threads.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/text/words.h"
#include "recur/ops/cast.h"
#include "recur/ops/ctc_loss.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/metrics/alignment.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur {
namespace {

// The time of a step of the network, in seconds.
double step_seconds(const Transcriber& transcriber) {
  const double hop = hop_seconds(transcriber.options.features, transcriber.rate);
  return hop * static_cast<double>(transcriber.options.model.subsample);
}

// Probabilities of a batch, of which the numbers are `which`.
struct HeardBatch {
  std::vector<int32_t> which;
  Tensor logits;             // [T', B, V]
  Tensor log_probabilities;  // f32 [T', B, V], without the unknown symbol
  std::vector<int64_t> lengths;
};

// Calls visit(HeardBatch) for batches of like lengths.
template <class Visit>
void for_each_batch(const Transcriber& transcriber, const SoundSet& sounds, Visit&& visit) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < sounds.size(); ++i) lengths.push_back(sounds.steps(i));
  const BucketOptions batches{.batch = transcriber.options.use.batch, .most_steps = 1 << 16};
  for (const auto& which : batches_by_length(lengths, batches)) {
    check_stop();
    std::vector<Loaded<FrameRows>> loaded;
    std::vector<const FrameRows*> rows;
    for (const int32_t i : which) loaded.push_back(sounds.frames(i));
    for (const auto& each : loaded) rows.push_back(&*each);
    const auto out = transcriber.model(batch_of(rows), Mode::evaluation());
    HeardBatch batch{.which = which, .logits = out.logits, .log_probabilities = {}, .lengths = out.lengths};
    Tensor log_probabilities = log_softmax(cast(out.logits, DType::kF32), 2);
    if (const auto unknown = transcriber.encoder.tokens().unknown()) {
      constexpr float kNever = -1e30f;
      auto* to = log_probabilities.data<float>();
      for (int64_t at = *unknown; at < log_probabilities.numel(); at += log_probabilities.size(2)) to[at] = kNever;
    }
    batch.log_probabilities = log_probabilities;
    for (size_t b = 0; b < which.size(); ++b) {
      const CtcSteps steps(log_probabilities, static_cast<int64_t>(b), out.lengths[b], transcriber.encoder.blank());
      for (int64_t t = 0; t < steps.steps(); ++t) {
        check_finite(steps[t], [&] { return fmt::format("{}: step {}", sounds.item(which[b]).name, t + 1); });
      }
    }
    visit(batch);
  }
}

// The words of symbols with their places.
Heard heard_of(const Transcriber& transcriber, const CtcSteps& steps, const CtcHypothesis& hypothesis) {
  Heard out{
      .text = transcriber.encoder.text(hypothesis.symbols), .score = hypothesis.score, .confidence = 1, .words = {}};
  const std::vector<CtcSpan> spans = ctc_align(steps, hypothesis.symbols);
  const std::vector<std::string> pieces = transcriber.encoder.pieces(hypothesis.symbols);
  const double seconds = step_seconds(transcriber);
  double sum = 0, all = 0;
  int64_t symbols = 0;
  bool in_word = false;
  const auto end_word = [&] {
    if (in_word) out.words.back().confidence = std::exp(sum / static_cast<double>(symbols));
    in_word = false;
  };
  for (size_t k = 0; k < spans.size(); ++k) {
    all += spans[k].log_probability;
    std::string_view piece = pieces[k];
    if (piece.starts_with(' ')) end_word();
    while (piece.starts_with(' ')) piece.remove_prefix(1);
    if (piece.empty()) continue;
    if (!in_word) {
      out.words.push_back({.text = "", .begin = static_cast<double>(spans[k].begin) * seconds});
      sum = 0;
      symbols = 0;
      in_word = true;
    }
    out.words.back().text += piece;
    out.words.back().end = static_cast<double>(spans[k].end) * seconds;
    sum += spans[k].log_probability;
    ++symbols;
  }
  end_word();
  if (!spans.empty()) out.confidence = std::exp(all / static_cast<double>(spans.size()));
  return out;
}

int64_t beam_width(const Transcriber& transcriber) {
  constexpr int64_t kUsual = 32;
  const int64_t width = transcriber.options.use.beam;
  return width == 1 && transcriber.scorer != nullptr ? kUsual : width;
}

std::vector<Heard> search(const Transcriber& transcriber, const CtcSteps& steps) {
  const TranscribeUseOptions& use = transcriber.options.use;
  std::vector<CtcHypothesis> found;
  if (use.beam == 1 && transcriber.scorer == nullptr) {
    found.push_back(ctc_greedy(steps));
  } else {
    found = ctc_beam(steps, {.width = beam_width(transcriber), .n_best = use.n_best, .scorer = transcriber.scorer});
  }
  std::vector<Heard> out;
  for (const CtcHypothesis& each : found) out.push_back(heard_of(transcriber, steps, each));
  return out;
}

// The best predictions of each sound of a batch, by several threads.
void search_batch(const Transcriber& transcriber, const HeardBatch& batch, std::vector<std::vector<Heard>>& heard) {
  parallel_for(std::ssize(batch.which), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const CtcSteps steps(batch.log_probabilities, b, batch.lengths[b], transcriber.encoder.blank());
      heard[batch.which[b]] = search(transcriber, steps);
    }
  });
}

// Losses in nats of the sounds of a batch whose texts fit.
struct LossSums {
  double nats = 0;
  int64_t symbols = 0;
  std::vector<double> by_sound;         // of all
  std::vector<std::string> unfit = {};  // names of those whose texts do not fit
};

void add_losses(const Transcriber& transcriber, const SoundSet& sounds, const HeardBatch& batch, LossSums& sums) {
  std::vector<std::vector<int32_t>> labels;
  std::vector<const std::vector<int32_t>*> columns;
  Tensor lengths = Tensor::from(batch.lengths, {std::ssize(batch.lengths)});
  for (size_t b = 0; b < batch.which.size(); ++b) {
    labels.push_back(transcriber.encoder.encode(sounds.item(batch.which[b]).text));
    if (ctc_least_steps(labels.back()) <= batch.lengths[b]) continue;
    sums.unfit.push_back(sounds.item(batch.which[b]).name);
    labels.back().clear();
    sums.by_sound[batch.which[b]] = -1;
  }
  for (const auto& each : labels) columns.push_back(&each);
  const Tensor losses = cast(
      ctc_loss(batch.logits, TranscribeEncoder::columns(columns), lengths, transcriber.encoder.blank()), DType::kF64);
  for (size_t b = 0; b < batch.which.size(); ++b) {
    double& own = sums.by_sound[batch.which[b]];
    if (own < 0) continue;
    own = losses.values<double>()[b];
    check_finite(own, [&] { return sounds.item(batch.which[b]).name; });
    sums.nats += own;
    sums.symbols += std::max<int64_t>(std::ssize(labels[b]), 1);
    own /= static_cast<double>(std::max<int64_t>(std::ssize(labels[b]), 1));
  }
}

// Errors of one sound.
struct SoundErrors {
  std::vector<Edit> edits;  // of words
  EditCounts words, characters;
};

SoundErrors errors_of(const std::string& said, const std::string& right) {
  const auto said_words = words_of(said), words = words_of(right);
  const auto said_letters = characters_of(said), letters = characters_of(right);
  SoundErrors out{
      .edits = align(said_words, words), .words = {}, .characters = counts_of(align(said_letters, letters))};
  out.words = counts_of(out.edits);
  return out;
}

Table worst_table(const SoundSet& sounds, const std::vector<std::vector<Heard>>& heard,
                  const std::vector<SoundErrors>& errors, int64_t most) {
  std::vector<size_t> order(errors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return std::pair(errors[a].words.edits(), errors[a].characters.edits()) >
           std::pair(errors[b].words.edits(), errors[b].characters.edits());
  });
  Table table{.name = "worst", .columns = {"sound", "errors", "words", "text"}, .rows = {}};
  for (const size_t i : order) {
    if (std::ssize(table.rows) >= 2 * most || errors[i].words.edits() == 0) break;
    const std::string& right = sounds.item(static_cast<int64_t>(i)).text;
    const auto said = words_of(heard[i].front().text), words = words_of(right);
    const AlignedText text = aligned_text(errors[i].edits, said, words);
    table.rows.push_back(
        {sounds.item(static_cast<int64_t>(i)).name, errors[i].words.edits(), std::ssize(words), text.actual});
    table.rows.push_back({std::string("heard"), std::string(), std::string(), text.predicted});
  }
  return table;
}

Table edit_table(const EditCounts& words, const EditCounts& characters) {
  Table table{.name = "edits", .columns = {"of", "right", "substituted", "inserted", "deleted", "rate"}, .rows = {}};
  const auto add = [&](const char* of, const EditCounts& counts) {
    table.rows.push_back(
        {std::string(of), counts.same, counts.substitutions, counts.insertions, counts.deletions, counts.rate()});
  };
  add("words", words);
  add("characters", characters);
  return table;
}

}  // namespace

void check_search(const Transcriber& transcriber) {
  const int64_t width = beam_width(transcriber), most = transcriber.options.use.n_best;
  if (most > width) fail_usage("n_best: expected at most the beam width, {}, got {}", width, most);
}

std::vector<std::vector<Heard>> transcribe(const Transcriber& transcriber, const SoundSet& sounds) {
  const autograd::NoGrad no_grad;
  std::vector<std::vector<Heard>> heard(static_cast<size_t>(sounds.size()));
  for_each_batch(transcriber, sounds, [&](const HeardBatch& batch) { search_batch(transcriber, batch, heard); });
  return heard;
}

Evaluation measure(const Transcriber& transcriber, const SoundSet& sounds, Sink* rows, bool show_worst) {
  const autograd::NoGrad no_grad;
  std::vector<std::vector<Heard>> heard(static_cast<size_t>(sounds.size()));
  LossSums losses{.nats = 0, .symbols = 0, .by_sound = std::vector<double>(heard.size()), .unfit = {}};
  for_each_batch(transcriber, sounds, [&](const HeardBatch& batch) {
    search_batch(transcriber, batch, heard);
    add_losses(transcriber, sounds, batch, losses);
  });
  if (!losses.unfit.empty()) {
    log_warning("{} of {} texts need more steps than their sounds have and have no loss, the first of {}",
                losses.unfit.size(), heard.size(), losses.unfit.front());
  }
  std::vector<SoundErrors> errors;
  EditCounts words, characters;
  int64_t right = 0;
  for (size_t i = 0; i < heard.size(); ++i) {
    errors.push_back(errors_of(heard[i].front().text, sounds.item(static_cast<int64_t>(i)).text));
    words.add(errors.back().words);
    characters.add(errors.back().characters);
    right += errors.back().characters.edits() == 0 ? 1 : 0;
  }
  if (rows != nullptr) {
    rows->columns(
        {"sound", "seconds", "tokens", "loss", "text", "prediction", "word_errors", "words", "character_errors"});
    for (size_t i = 0; i < heard.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const TableCell loss = losses.by_sound[i] < 0 ? TableCell(std::string()) : TableCell(losses.by_sound[i]);
      const int64_t tokens = std::ssize(transcriber.encoder.encode(sounds.item(at).text));
      rows->row(std::vector<TableCell>{sounds.item(at).name, sounds.seconds(at), tokens, loss, sounds.item(at).text,
                                       heard[i].front().text, errors[i].words.edits(), errors[i].words.actual(),
                                       errors[i].characters.edits()});
    }
  }
  Evaluation result{.examples = sounds.size(), .metrics = {}, .tables = {}, .verdict = {}};
  result.metrics.push_back({"loss", losses.nats / static_cast<double>(std::max<int64_t>(losses.symbols, 1))});
  result.metrics.push_back({"wer", words.rate()});
  result.metrics.push_back({"cer", characters.rate()});
  result.metrics.push_back(
      {"exact_match", static_cast<double>(right) / static_cast<double>(std::max<int64_t>(sounds.size(), 1))});
  if (show_worst) {
    result.tables.push_back(edit_table(words, characters));
    const int64_t most = transcriber.options.use.worst;
    if (Table worst = worst_table(sounds, heard, errors, most); !worst.rows.empty()) {
      result.tables.push_back(std::move(worst));
    }
  }
  return result;
}

std::vector<std::string> prediction_columns(const TranscribeUseOptions& options) {
  std::vector<std::string> columns{"sound"};
  if (options.n_best > 1) columns.emplace_back("rank");
  columns.insert(columns.end(), {"prediction", "confidence", "score"});
  if (options.word_times) columns.emplace_back("words");
  return columns;
}

void write_predictions(const TranscribeUseOptions& options, const std::string& name, std::span<const Heard> heard,
                       Sink& out) {
  for (size_t k = 0; k < heard.size(); ++k) {
    std::vector<TableCell> cells{name};
    if (options.n_best > 1) cells.emplace_back(static_cast<int64_t>(k) + 1);
    cells.emplace_back(heard[k].text);
    cells.emplace_back(heard[k].confidence);
    cells.emplace_back(heard[k].score);
    if (options.word_times) {
      Json words = Json::array();
      const auto rounded = [](double x) { return std::round(x * 1e4) / 1e4; };
      for (const HeardWord& word : heard[k].words) {
        words.push_back(Json{{"word", word.text},
                             {"begin", rounded(word.begin)},
                             {"end", rounded(word.end)},
                             {"confidence", rounded(word.confidence)}});
      }
      cells.emplace_back(words.dump(BadUtf8::kReplace));
    }
    out.row(cells);
  }
}

}  // namespace recur
