#include "recur/tasks/translate/translate_trained.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/utf8.h"
#include "recur/tasks/metrics/bleu.h"
#include "recur/tasks/metrics/chrf.h"
#include "recur/tasks/predict_alone.h"
#include "recur/tasks/svg_name.h"
#include "recur/tasks/task_measures.h"
#include "recur/tasks/translate/translate_explain.h"
#include "recur/tasks/unknown_symbols.h"

namespace recur {
namespace {

// Each line is a source and gets its prediction at once.
class TranslateSession : public Session {
 public:
  explicit TranslateSession(const Translator& translator) : translator_(translator) {}

  void take(const Chunk& chunk, Sink& out) override {
    ++line_;
    std::string_view line = chunk.line;
    if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const size_t nul = line.find('\0'); nul != line.npos) {
      fail("standard input:{}: NUL byte at position {}", line_, nul + 1);
    }
    const std::string source(source_of_line(line));
    if (const size_t bad = find_invalid_utf8(source); bad != kNoPosition) {
      fail("standard input:{}: byte {} is not UTF-8", line_, bad + 1);
    }
    const auto said = translate(translator_, std::span(&source, 1));
    if (!begun_) out.columns(prediction_columns(translator_.options.use));
    begun_ = true;
    write_predictions(translator_, line_, source, said[0], out);
  }

 private:
  Translator translator_;
  int64_t line_ = 0;
  bool begun_ = false;
};

void refuse_targets(const TranslateUseOptions& use) {
  if (!use.target.empty()) fail_usage("target: predictions need no targets; evaluate compares with them");
}

// A metric of a corpus of texts, from what is counted in each.
template <class Meter>
TaskMeasure corpus_measure(std::string name, const KeptRows& examples) {
  const size_t right = *examples.find("target"), said = *examples.find("prediction");
  std::vector<Meter> meters(examples.rows().size());
  for (size_t i = 0; i < meters.size(); ++i) {
    meters[i].add(text_of(examples.rows()[i][said]), text_of(examples.rows()[i][right]));
  }
  return {std::move(name), [meters = std::move(meters)](std::span<const int64_t> which) -> std::optional<double> {
            Meter sum;
            for (const int64_t i : which) sum.add(meters[static_cast<size_t>(i)]);
            return sum.is_defined() ? std::optional(sum.score()) : std::nullopt;
          }};
}

}  // namespace

const TaskInfo& translate_info() {
  static const TaskInfo info{.name = "translate",
                             .summary = "Translation: predicts a text from another: sentences, spellings, dates",
                             .data = "pairs of source and target: lines with a tab between, tables, or two files",
                             .unit = "pairs"};
  return info;
}

TextPairs read_pairs(const DataFiles& data, const TranslateDataOptions& options,
                     const std::vector<std::string>& target_files, bool targets) {
  TextPairs pairs = read_text_pairs(data, {.source = options.source,
                                           .target = options.target,
                                           .header = options.header,
                                           .target_files = DataFiles(target_files.begin(), target_files.end()),
                                           .need_targets = targets});
  for (const std::string& note : pairs.notes) log_info("{}", note);
  return pairs;
}

void warn_of_unknown(const TranslateEncoder& encoder, std::span<const TextPair> pairs, std::string_view purpose) {
  std::vector<std::string> sources, targets;
  for (const TextPair& pair : pairs) {
    sources.push_back(pair.source);
    targets.push_back(pair.target);
  }
  warn_of_unknown(encoder.source_tokens(), sources, fmt::format("the sources{}", purpose));
  warn_of_unknown(encoder.target_tokens(), targets, fmt::format("the targets{}", purpose));
}

TranslateTrained::TranslateTrained(const TranslateOptions& options, TranslateEncoder encoder, Random& random)
    : TrainedOf(options), encoder_(std::move(encoder)), model_(options.model, sizes_of(encoder_), random) {}

Evaluation TranslateTrained::evaluate(const DataFiles& data, Sink* examples) const {
  check_left_to_predict("attention_weights", options_.use.attention);
  const TextPairs pairs = read_pairs(data, options_.data, options_.use.target);
  warn_of_unknown(encoder_, pairs.pairs, "");
  return measure(guided_translator(), pairs.pairs, examples);
}

std::vector<TaskMeasure> TranslateTrained::measures(const KeptRows& examples) const {
  ExampleNumbers errors = numbers_of(examples, "token_errors");
  std::vector<TaskMeasure> out{corpus_measure<BleuMeter>("bleu", examples), corpus_measure<ChrfMeter>("chrf", examples),
                               mean_of("exact_match", are_zero(errors))};
  out.push_back(ratio_of("token_error_rate", std::move(errors), numbers_of(examples, "target_tokens")));
  return out;
}

void TranslateTrained::predict(const DataFiles& data, Sink& out) const {
  check_svg_name("chart", options_.use.chart);
  refuse_targets(options_.use);
  const TextPairs pairs = read_pairs(data, options_.data, {}, /*targets=*/false);
  std::vector<std::string> sources;
  for (const TextPair& pair : pairs.pairs) sources.push_back(pair.source);
  warn_of_unknown(encoder_.source_tokens(), sources, "the sources");
  const Translator translator = guided_translator();
  const auto said = translate(translator, sources);
  out.columns(prediction_columns(options_.use));
  std::vector<AttentionPanel> panels;
  for (size_t i = 0; i < said.size(); ++i) {
    write_predictions(translator, static_cast<int64_t>(i) + 1, sources[i], said[i], out);
    const bool drawn = std::ssize(panels) < options_.use.charts && !said[i].front().attention.empty();
    if (drawn) panels.push_back(attention_panel(translator, sources[i], said[i].front()));
  }
  if (!options_.use.chart.empty()) {
    out.picture({.name = options_.use.chart, .bytes = attention_chart_svg(panels)});
  }
}

std::unique_ptr<ExplainableData> TranslateTrained::explainable(const DataFiles& data) const {
  const TextPairs pairs = read_pairs(data, options_.data, {}, /*targets=*/false);
  std::vector<std::string> sources;
  for (const TextPair& pair : pairs.pairs) sources.push_back(pair.source);
  return std::make_unique<TranslateRecords>(*this, std::move(sources));
}

Translator TranslateTrained::guided_translator() const {
  for (const auto& [option, asked] :
       {std::pair("chart", !options_.use.chart.empty()), std::pair("attention_weights", options_.use.attention)}) {
    if (asked && !model_.attends()) fail_usage("{}: this model has no attention to show", option);
  }
  return {model_, encoder_, options_, std::make_shared<const SearchGuides>(encoder_, options_.use)};
}

std::unique_ptr<Session> TranslateTrained::session() const {
  refuse_targets(options_.use);
  if (!options_.use.chart.empty()) fail_usage("chart: the standard input is read line by line: name a file of sources");
  return std::make_unique<TranslateSession>(guided_translator());
}

Description TranslateTrained::describe() const {
  return {{"source tokens", std::string(encoder_.source_tokens().kind())},
          {"source vocabulary", int64_t{encoder_.source_tokens().size()}},
          {"target tokens", std::string(encoder_.target_tokens().kind())},
          {"target vocabulary", int64_t{encoder_.target_tokens().size()}},
          {"attention", options_.model.attention}};
}

}  // namespace recur
