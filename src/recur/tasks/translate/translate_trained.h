// A trained translator: network, vocabularies, options.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "recur/data/text/text_pairs.h"
#include "recur/tasks/trained.h"
#include "recur/tasks/translate/translate_encoder.h"
#include "recur/tasks/translate/translate_ensemble.h"
#include "recur/tasks/translate/translate_score.h"

namespace recur {

const TaskInfo& translate_info();

class TranslateTrained : public TrainedOf<TranslateTrained, TranslateOptions> {
 public:
  // A new network.
  TranslateTrained(const TranslateOptions& options, TranslateEncoder encoder, Random& random);

  const TaskInfo& info() const override { return translate_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // bleu, chrf, exact_match, token_error_rate.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  std::unique_ptr<Session> session() const override;
  Description describe() const override;
  Assets assets() const override { return encoder_.assets(); }

  const TranslateEnsemble& network() const { return model_; }
  TranslateEnsemble& network() { return model_; }
  const TranslateEncoder& encoder() const { return encoder_; }
  Translator translator() const { return {model_, encoder_, options_}; }
  // With what the options of prediction name beside the model, which is read.
  Translator guided_translator() const;

 private:
  TranslateEncoder encoder_;
  TranslateEnsemble model_;
};

// Reads pairs, or, without `targets`, sources; `target_files` are the targets of files of sources. Notes are logged.
TextPairs read_pairs(const DataFiles& data, const TranslateDataOptions& options,
                     const std::vector<std::string>& target_files, bool targets = true);

// Says how many symbols of pairs are unknown to a model. `purpose` of them: " to train on", or "".
void warn_of_unknown(const TranslateEncoder& encoder, std::span<const TextPair> pairs, std::string_view purpose);

}  // namespace recur
