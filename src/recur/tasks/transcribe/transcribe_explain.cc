#include "recur/tasks/transcribe/transcribe_explain.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/tasks/metrics/text_units.h"
#include "recur/tasks/transcribe/attention_head.h"

namespace recur {
namespace {

class TranscribeRecord : public Explainable {
 public:
  TranscribeRecord(const TranscribeTrained& model, ReadRecord read, std::string text)
      : Explainable(std::move(read)), model_(model), whole_(std::move(text)), text_(model.encoder().encode(whole_)) {}

  Tensor score(const Tensor& x) const override {
    const EncodedSounds heard = model_.network().encode(batch_of_variants(x), Mode::evaluation());
    const Tensor whole = losses(heard, text_);
    return without_ ? losses(heard, *without_) - whole : -whole;
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    const EncodedSounds in = model_.network().shorten(batch_of_variants(x), Mode::evaluation());
    return {{.name = "recurrent", .network = model_.network().recurrent(), .x = in.y}};
  }

  AttentionMap attention(const Tensor& x) const override {
    const auto* head = dynamic_cast<const AttentionHead*>(&model_.network().head());
    if (head == nullptr) return {};
    const EncodedSounds heard = model_.network().encode(batch_of_variants(x), Mode::evaluation());
    AttentionMap map{.weights = head->attention(heard, text_), .queries = model_.encoder().pieces(text_)};
    map.queries.emplace_back("end");
    return map;
  }

  void choose(const ExplainTarget& target) {
    read_.scale = "log-probability";
    read_.target = "'" + whole_ + "'";
    const int64_t subsampled_steps = subsampled(read_.steps(), model_.options().model);
    if (least_steps(model_.options().model, text_) > subsampled_steps) {
      fail_usage("target: '{}' needs more steps than the {} of this sound", whole_, subsampled_steps);
    }
    if (!target.step) return;
    std::vector<std::string_view> words = words_of(whole_);
    if (words.empty()) fail_usage("step: no word was recognised in this sound");
    const auto word = static_cast<size_t>(step_of(target, std::ssize(words), 0));
    read_.scale = "log-odds";
    read_.target = fmt::format("word {}, '{}', of '{}' against the same without it", word + 1, words[word], whole_);
    std::string rest;
    for (size_t k = 0; k < words.size(); ++k) {
      if (k == word) continue;
      if (!rest.empty()) rest += ' ';
      rest += words[k];
    }
    without_ = model_.encoder().encode(rest);
  }

 private:
  static SoundBatch batch_of_variants(const Tensor& x) {
    return {.x = x, .lengths = std::vector<int64_t>(static_cast<size_t>(x.size(1)), x.size(0))};
  }

  Tensor losses(const EncodedSounds& heard, const TextSymbols& text) const {
    const std::vector<const TextSymbols*> all(heard.lengths.size(), &text);
    return model_.network().head().losses(heard, all, Mode::evaluation());
  }

  const TranscribeTrained& model_;
  std::string whole_;
  TextSymbols text_;
  std::optional<TextSymbols> without_;  // of the text without a word
};

std::string band_name(const TranscribeOptions& options, int64_t f) {
  if (reads_pictures(options.features)) return fmt::format("row {}", f + 1);
  return fmt::format("{} {}", options.features.kind == "mfcc" ? "coefficient" : "band", f + 1);
}

}  // namespace

std::unique_ptr<Explainable> TranscribeRecords::record(int64_t i, const ExplainTarget& target) const {
  const Loaded<FrameRows> rows = sounds_.frames(i);
  if (rows->steps() == 0) fail_empty_record(sounds_.where(i), id(i));
  const TranscribeOptions& options = model_.options();
  std::string text = target.name;
  if (text.empty()) {
    const autograd::NoGrad no_grad;
    const FrameRows* const only[] = {&*rows};
    const EncodedSounds heard = model_.network().encode(batch_of(only), Mode::evaluation());
    const Transcriber transcriber = model_.transcriber();
    const auto said = model_.network().head().search(heard, search_of(transcriber));
    text = heard_of(model_.encoder(), said.at(0).at(0), transcriber.step_seconds()).text;
  }
  ReadRecord read;
  read.id = id(i);
  read.x = steps_tensor(rows->values, rows->width, model_.network().dtype());
  const double hop = hop_seconds(options.features, options.data.rate);
  for (int64_t f = 0; f < rows->width; ++f) {
    read.channels.push_back(band_name(options, f));
    read.channel_of.push_back(f);
  }
  read.shown = rows->values;
  for (int64_t t = 0; t < rows->steps(); ++t)
    read.times.push_back(fmt::format("{:.2f} s", static_cast<double>(t) * hop));
  auto record = std::make_unique<TranscribeRecord>(model_, std::move(read), std::move(text));
  record->choose(target);
  return record;
}

}  // namespace recur
