#include "recur/tasks/transcribe/transcribe_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/text/words.h"
#include "recur/ops/cast.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/metrics/alignment.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur {
namespace {

// What recurrent layers give of a batch, of which the numbers are `which`.
struct HeardBatch {
  std::vector<int32_t> which;
  EncodedSounds sounds;
};

void check_encoded(const EncodedSounds& encoded, const SoundSet& sounds, const std::vector<int32_t>& which) {
  const Tensor y = cast(encoded.y, DType::kF32);
  const auto batch = std::ssize(which);
  const auto width = static_cast<size_t>(y.size(2));
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t t = 0; t < encoded.lengths[static_cast<size_t>(b)]; ++t) {
      const auto row = y.values<float>().subspan(static_cast<size_t>(t * batch + b) * width, width);
      check_finite(row,
                   [&] { return fmt::format("{}: step {}", sounds.item(which[static_cast<size_t>(b)]).name, t + 1); });
    }
  }
}

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
    HeardBatch batch{.which = which, .sounds = transcriber.model.encode(batch_of(rows), Mode::evaluation())};
    check_encoded(batch.sounds, sounds, which);
    visit(batch);
  }
}

void search_batch(const Transcriber& transcriber, const SoundSet& sounds, const HeardBatch& batch,
                  std::vector<std::vector<Heard>>& heard) {
  HeadSearch how = search_of(transcriber);
  const auto most = static_cast<size_t>(how.n_best);
  if (most > 1) how.n_best = how.width;  // several may be one text, of other blanks
  const auto found = transcriber.model.head().search(batch.sounds, how);
  for (size_t b = 0; b < batch.which.size(); ++b) {
    std::vector<Heard>& own = heard[batch.which[b]];
    for (const SaidText& said : found[b]) {
      check_finite(said.score, [&] { return sounds.item(batch.which[b]).name; });
      Heard one = heard_of(transcriber.encoder, said, transcriber.step_seconds());
      const bool is_new = std::ranges::count(own, one.text, &Heard::text) == 0;
      if (is_new && own.size() < most) own.push_back(std::move(one));
    }
  }
}

// Losses in nats of the sounds whose texts fit.
struct LossSums {
  double nats = 0;
  int64_t symbols = 0;
  std::vector<double> by_sound;         // of all, a symbol; -1 where the text does not fit
  std::vector<std::string> unfit = {};  // names of those
};

// The sounds of a batch whose texts fit, with those.
struct FittingTexts {
  std::vector<int32_t> places;  // in the batch
  std::vector<TextSymbols> texts;
};

FittingTexts fitting_texts(const Transcriber& transcriber, const SoundSet& sounds, const HeardBatch& batch) {
  FittingTexts out;
  for (size_t b = 0; b < batch.which.size(); ++b) {
    TextSymbols text = transcriber.encoder.encode(sounds.item(batch.which[b]).text);
    if (least_steps(transcriber.options.model, text) > batch.sounds.lengths[b]) continue;
    out.places.push_back(static_cast<int32_t>(b));
    out.texts.push_back(std::move(text));
  }
  return out;
}

EncodedSounds chosen_of(const EncodedSounds& sounds, const std::vector<int32_t>& places) {
  if (places.size() == sounds.lengths.size()) return sounds;
  EncodedSounds out;
  const auto batch = static_cast<int32_t>(sounds.y.size(1));
  std::vector<int32_t> rows;
  for (int32_t t = 0; t < sounds.y.size(0); ++t) {
    for (const int32_t b : places) rows.push_back(t * batch + b);
  }
  const auto count = std::ssize(places);
  const int64_t width = sounds.y.size(2);
  const Tensor flat = reshape(sounds.y, {sounds.y.size(0) * batch, width});
  out.y = reshape(index_select(flat, Tensor::from(rows, {std::ssize(rows)})), {sounds.y.size(0), count, width});
  for (const int32_t b : places) out.lengths.push_back(sounds.lengths[static_cast<size_t>(b)]);
  return out;
}

void add_losses(const Transcriber& transcriber, const SoundSet& sounds, const HeardBatch& batch, LossSums& sums) {
  const FittingTexts fitting = fitting_texts(transcriber, sounds, batch);
  for (const int32_t i : batch.which) sums.by_sound[i] = -1;
  std::vector<const TextSymbols*> texts;
  for (const TextSymbols& each : fitting.texts) texts.push_back(&each);
  Tensor losses;
  if (!texts.empty()) {
    const EncodedSounds chosen = chosen_of(batch.sounds, fitting.places);
    losses = cast(transcriber.model.head().losses(chosen, texts, Mode::evaluation()), DType::kF64);
  }
  for (size_t k = 0; k < texts.size(); ++k) {
    const int32_t i = batch.which[static_cast<size_t>(fitting.places[k])];
    const double nats = losses.values<double>()[k];
    check_finite(nats, [&] { return sounds.item(i).name; });
    const int64_t symbols = std::max<int64_t>(std::ssize(*texts[k]), 1);
    sums.nats += nats;
    sums.symbols += symbols;
    sums.by_sound[i] = std::max(nats, 0.0) / static_cast<double>(symbols);
  }
  for (const int32_t i : batch.which) {
    if (sums.by_sound[i] < 0) sums.unfit.push_back(sounds.item(i).name);
  }
}

// Errors of one sound.
struct SoundErrors {
  std::vector<Edit> edits;  // of words
  EditCounts words, characters;
};

SoundErrors errors_of(const std::string& said, const std::string& right) {
  const auto said_words = blank_separated(said), words = blank_separated(right);
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
    const auto said = blank_separated(heard[i].front().text), words = blank_separated(right);
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

// What was heard in all sounds of a set.
struct Measured {
  std::vector<std::vector<Heard>> heard;
  LossSums losses;
  std::vector<SoundErrors> errors;
  EditCounts words, characters;
  int64_t right = 0;
};

Measured measure_all(const Transcriber& transcriber, const SoundSet& sounds) {
  Measured out;
  out.heard.resize(static_cast<size_t>(sounds.size()));
  out.losses.by_sound.resize(out.heard.size());
  for_each_batch(transcriber, sounds, [&](const HeardBatch& batch) {
    search_batch(transcriber, sounds, batch, out.heard);
    add_losses(transcriber, sounds, batch, out.losses);
  });
  for (size_t i = 0; i < out.heard.size(); ++i) {
    out.errors.push_back(errors_of(out.heard[i].front().text, sounds.item(static_cast<int64_t>(i)).text));
    out.words.add(out.errors.back().words);
    out.characters.add(out.errors.back().characters);
    out.right += out.errors.back().characters.edits() == 0 ? 1 : 0;
  }
  return out;
}

void warn_of_unfit(const LossSums& losses) {
  if (losses.unfit.empty()) return;
  log_warning("{} of {} texts need more steps than their sounds have and have no loss, the first of {}",
              losses.unfit.size(), losses.by_sound.size(), losses.unfit.front());
}

void write_rows(const Transcriber& transcriber, const SoundSet& sounds, const Measured& measured, Sink& rows) {
  rows.columns({"sound", "seconds", "tokens", "loss", "text", "prediction", "word_errors", "words", "character_errors",
                "characters"});
  for (size_t i = 0; i < measured.heard.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const double own = measured.losses.by_sound[i];
    const TableCell loss = own < 0 ? TableCell(std::string()) : TableCell(own);
    const SoundErrors& errors = measured.errors[i];
    rows.row(std::vector<TableCell>{sounds.item(at).name, sounds.seconds(at),
                                    std::ssize(transcriber.encoder.encode(sounds.item(at).text)), loss,
                                    sounds.item(at).text, measured.heard[i].front().text, errors.words.edits(),
                                    errors.words.actual(), errors.characters.edits(), errors.characters.actual()});
  }
}

}  // namespace

double Transcriber::step_seconds() const {
  return hop_seconds(options.features, rate) * static_cast<double>(subsampling(options.model));
}

HeadSearch search_of(const Transcriber& transcriber) {
  constexpr int64_t kUsual = 32;
  const TranscribeUseOptions& use = transcriber.options.use;
  return {.width = use.beam == 1 && transcriber.scorer != nullptr ? kUsual : use.beam,
          .n_best = use.n_best,
          .symbols_per_step = use.symbols_per_step,
          .ctc_weight = use.ctc_weight,
          .scorer = transcriber.scorer,
          .may_rise = use.word_bonus > 0,
          .unknown = transcriber.encoder.tokens().unknown()};
}

void check_search(const Transcriber& transcriber) {
  const HeadSearch how = search_of(transcriber);
  if (how.n_best > how.width)
    fail_usage("n_best: expected at most the beam width (beam), {}, got {}", how.width, how.n_best);
}

std::vector<std::vector<Heard>> transcribe(const Transcriber& transcriber, const SoundSet& sounds) {
  const autograd::NoGrad no_grad;
  std::vector<std::vector<Heard>> heard(static_cast<size_t>(sounds.size()));
  for_each_batch(transcriber, sounds,
                 [&](const HeardBatch& batch) { search_batch(transcriber, sounds, batch, heard); });
  return heard;
}

Evaluation measure(const Transcriber& transcriber, const SoundSet& sounds, Sink* rows, bool show_worst) {
  const autograd::NoGrad no_grad;
  const Measured measured = measure_all(transcriber, sounds);
  warn_of_unfit(measured.losses);
  if (rows != nullptr) write_rows(transcriber, sounds, measured, *rows);
  const auto share = [](double part, int64_t whole) { return part / static_cast<double>(std::max<int64_t>(whole, 1)); };
  Evaluation result{.examples = sounds.size(), .metrics = {}, .tables = {}, .verdict = {}};
  // None where no text fits into its sound.
  const double loss = measured.losses.symbols > 0 ? share(measured.losses.nats, measured.losses.symbols)
                                                  : std::numeric_limits<double>::quiet_NaN();
  result.metrics.push_back({"loss", loss});
  result.metrics.push_back({"wer", measured.words.rate()});
  result.metrics.push_back({"cer", measured.characters.rate()});
  result.metrics.push_back({"exact_match", share(static_cast<double>(measured.right), sounds.size())});
  if (!show_worst) return result;
  result.tables.push_back(edit_table(measured.words, measured.characters));
  const int64_t most = transcriber.options.use.worst;
  if (Table worst = worst_table(sounds, measured.heard, measured.errors, most); !worst.rows.empty()) {
    result.tables.push_back(std::move(worst));
  }
  return result;
}

}  // namespace recur
