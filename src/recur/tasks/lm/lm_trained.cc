#include "recur/tasks/lm/lm_trained.h"

#include <cmath>
#include <utility>

#include "recur/data/text/corpus.h"
#include "recur/tasks/lm/lm_evaluate.h"
#include "recur/tasks/lm/lm_explain.h"
#include "recur/tasks/lm/lm_generate.h"
#include "recur/tasks/lm/lm_score.h"
#include "recur/tasks/task_measures.h"

namespace recur {

const TaskInfo& lm_info() {
  static const TaskInfo info{
      .name = "lm",
      .summary = "Language modelling: predicts the next byte, character, word or subword, and generates text",
      .data = "plain text, files or folders",
      .unit = "symbols"};
  return info;
}

LmTrained::LmTrained(const LmOptions& options, std::shared_ptr<const Tokenizer> tokenizer, Random& random)
    : TrainedOf(options), tokenizer_(std::move(tokenizer)), model_(options.model, tokenizer_->size(), random) {}

Evaluation LmTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const TextSource source(data);
  const Corpus corpus(source, source.all(), tokenizer_);
  if (examples != nullptr) score_lines(model_, *tokenizer_, source, *examples);
  return evaluate_lm(model_, corpus, options_.use);
}

std::vector<TaskMeasure> LmTrained::measures(const KeptRows& examples) const {
  ExampleNumbers symbols = numbers_of(examples, "symbols");
  ExampleNumbers nats = product(numbers_of(examples, "loss"), symbols);
  return {after(ratio_of("perplexity", std::move(nats), std::move(symbols)), std::exp)};
}

void LmTrained::predict(const DataFiles& data, Sink& out) const {
  score_lines(model_, *tokenizer_, TextSource(data), out);
}

std::unique_ptr<ExplainableData> LmTrained::explainable(const DataFiles& data) const {
  return std::make_unique<LmRecords>(*this, TextSource(data));
}

void LmTrained::generate(const GenerateOptions& options, Sink& out) const {
  generate_text(model_, *tokenizer_, options, out);
}

Description LmTrained::describe() const {
  return {{"symbols", std::string(tokenizer_->kind())}, {"vocabulary", int64_t{tokenizer_->size()}}};
}

Assets LmTrained::assets() const { return {{"vocabulary", tokenizer_->serialize()}}; }

}  // namespace recur
