// A trained classifier: networks, encoder, targets, options.
#pragma once

#include <memory>

#include "recur/tasks/classify/classify_baselines.h"
#include "recur/tasks/classify/classify_ensemble.h"
#include "recur/tasks/classify/classify_examples.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& classify_info();

class ClassifyTrained : public TrainedOf<ClassifyTrained, ClassifyOptions> {
 public:
  // New networks. The options must have been chosen: none is "auto" or unset.
  ClassifyTrained(const ClassifyOptions& options, SequenceEncoder encoder, Targets targets, Random& random);
  static ClassifySizes sizes_of(const SequenceEncoder& encoder, const Targets& targets);

  const TaskInfo& info() const override { return classify_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // Of classes accuracy and macro_f1; of values rmse and mae.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  bool reports_predictions() const override { return true; }
  ModelDecisions decisions(const DataFiles& data, const DecisionRequest& request) const override;
  void predict_edited(const DataFiles& data, const TextEdit& edit, Sink& out) const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  Description describe() const override;
  Assets assets() const override;
  void set_group_thresholds(const GroupThresholds& thresholds) override { group_thresholds_ = thresholds; }

  // How data are read as those that it has learnt from were; a table of labels is for the caller to name.
  ClassifySource::Reading reading() const;

  const ClassifyEnsemble& network() const { return model_; }
  ClassifyEnsemble& network() { return model_; }
  const SequenceEncoder& encoder() const { return encoder_; }
  const Targets& targets() const { return targets_; }
  // Of the linear path, for the examples of the source with the indices `which`, and the same encoded: [N, C]; empty
  // without the path.
  std::vector<float> path_scores(const ClassifySource& source, std::span<const int64_t> which,
                                 const Dataset<EncodedSequence>& encoded) const;
  SequenceEncoder::NgramChoice ngram_choice() const;
  // Of the training part; null in a model file of before.
  const ClassifyBaselines* baselines() const { return baselines_.get(); }
  void set_baselines(ClassifyBaselines baselines) {
    baselines_ = std::make_shared<const ClassifyBaselines>(std::move(baselines));
  }

 private:
  ClassifyExamples encode(const ClassifySource& source, const Targets* targets) const;
  ClassifySource read(const DataFiles& data, bool need_labels) const;
  void predict_source(const ClassifySource& source, Sink& out) const;
  void check_any_known(const ClassifySource& source, const ClassifyExamples& examples) const;

  SequenceEncoder encoder_;
  Targets targets_;
  std::shared_ptr<const ClassifyBaselines> baselines_;
  ClassifyEnsemble model_;
  std::optional<GroupThresholds> group_thresholds_;
};

}  // namespace recur
