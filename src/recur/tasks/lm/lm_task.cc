#include "recur/tasks/lm/lm_task.h"

#include "recur/base/error.h"
#include "recur/tasks/lm/lm_describe.h"
#include "recur/tasks/lm/lm_evaluate.h"
#include "recur/tasks/lm/lm_generate.h"
#include "recur/tasks/lm/lm_score.h"

namespace recur {

const TaskInfo& LmTask::info() const {
  static const TaskInfo info{
      .name = "lm",
      .summary = "Language model: predicts the next byte, character, word or subword, and writes",
      .data = "plain text, files or folders",
      .unit = "symbols"};
  return info;
}

void LmTask::start(const TrainingData& data, uint64_t seed) {
  auto training = std::make_unique<LmTraining>(open_corpora(data, options.data.tokens), options, seed);
  tokenizer_ = training->text().shared_tokenizer();
  Random random(seed);
  model_.emplace(options.model, tokenizer_->size(), random);
  training_ = std::move(training);
}

TrainingStep LmTask::step(bool trace_gradients) {
  if (training_ == nullptr) fail("lm: training has not been started");
  return training_->step(lm(), trace_gradients);
}

Evaluation LmTask::validate() {
  if (!has_validation()) fail("lm: there is no validation text");
  lm().evaluate();
  Evaluation result = evaluate_lm(lm(), *training_->valid(), options.use);
  lm().train();
  return result;
}

Assets LmTask::assets() const { return {{"vocabulary", tokenizer_->serialize()}}; }

void LmTask::restore(const Assets& assets, int64_t elements) {
  const auto vocabulary = assets.find("vocabulary");
  if (vocabulary == assets.end()) fail("the vocabulary is missing");
  tokenizer_ = Tokenizer::deserialize(vocabulary->second);
  training_ = nullptr;
  check_size(options.model, tokenizer_->size(), elements);
  Random random(0);
  model_.emplace(options.model, tokenizer_->size(), random);
}

Evaluation LmTask::evaluate(const Paths& paths) {
  const TextSource source(paths);
  const Corpus corpus(source, source.all(), tokenizer_);
  lm().evaluate();
  return evaluate_lm(lm(), corpus, options.use);
}

void LmTask::predict(const Paths& paths, RowSink& rows) {
  lm().evaluate();
  score_lines(lm(), *tokenizer_, TextSource(paths), rows);
}

void LmTask::generate(const GenerateOptions& generate_options, const TextSink& sink) {
  lm().evaluate();
  generate_text(lm(), *tokenizer_, generate_options, sink);
}

Description LmTask::describe() const {
  return {{"symbols", std::string(tokenizer_->kind())}, {"vocabulary", int64_t{tokenizer_->size()}}};
}

Description LmTask::describe_data(const Paths& paths) { return describe_text(paths); }

LmModel& LmTask::lm() {
  if (!model_) fail("lm: there is no model yet");
  return *model_;
}

const LmTraining& LmTask::training() const {
  if (training_ == nullptr) fail("lm: training has not been started");
  return *training_;
}

}  // namespace recur
