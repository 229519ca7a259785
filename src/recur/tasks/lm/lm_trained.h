// A trained language model: network, vocabulary, options.
#pragma once

#include <memory>

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& lm_info();

class LmTrained : public TrainedOf<LmTrained, LmOptions> {
 public:
  // A new network.
  LmTrained(const LmOptions& options, std::shared_ptr<const Tokenizer> tokenizer, Random& random);

  const TaskInfo& info() const override { return lm_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // perplexity.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  void generate(const GenerateOptions& options, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override;

  const LmModel& network() const { return model_; }
  LmModel& network() { return model_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const std::shared_ptr<const Tokenizer>& shared_tokenizer() const { return tokenizer_; }

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  LmModel model_;
};

}  // namespace recur
