// A network that has learnt to adapt, or one that was fitted to a few examples.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recur/tasks/adapt/adapt_learners.h"
#include "recur/tasks/adapt/adapt_score.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& adapt_info();

// What a model keeps of the data besides its parameters.
struct AdaptAssets {
  std::vector<uint32_t> seen = {};        // marks of the classes or series that training saw (AdaptCategory::mark)
  int64_t categories = 0;                 // of training, of learner = pretrained
  std::vector<std::string> classes = {};  // of a model fitted to a few examples
  int64_t shots = 0;                      // as many as it was fitted to; 0: it was not

  bool is_fitted() const { return shots > 0; }
  std::string to_text() const;
  static AdaptAssets from_text(const std::string& json);  // throws Error: it is untrusted input
};

class AdaptTrained : public TrainedOf<AdaptTrained, AdaptOptions> {
 public:
  // A new network. `options`: complete.
  AdaptTrained(const AdaptOptions& options, AdaptEncoder encoder, AdaptAssets assets, Random& random);

  const TaskInfo& info() const override;
  // Of a model that has learnt to adapt: how well it does so to problems drawn of the data's classes or series, those
  // that training saw aside. Of a fitted one: how well it knows the data.
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // Of a fitted model, or with shots_file: a row for each record. Else the queries of some problems drawn of the data.
  void predict(const DataFiles& data, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override;

  // Throws UsageError if it is a fitted one.
  Adapted adapt(const DataFiles& examples) const override;

  const AdaptModel& network() const { return model_; }
  AdaptModel& network() { return model_; }
  const AdaptEncoder& encoder() const { return encoder_; }
  const AdaptAssets& kept() const { return kept_; }

  Drawing drawing() const;       // of the options
  InnerSteps use_steps() const;  // of evaluation
  CategoryOptions category_options() const;

 private:
  AdaptSource read(const DataFiles& data, bool need_labels) const;
  std::unique_ptr<Problems> problems_of(const DataFiles& data, const Drawing& least) const;
  Evaluation evaluate_adapting(const DataFiles& data, Sink* examples) const;
  Evaluation evaluate_fitted(const DataFiles& data, Sink* examples) const;
  void predict_problems(const DataFiles& data, Sink& out) const;
  void predict_records(const DataFiles& data, Sink& out) const;
  Examples labelled(const AdaptSource& source, std::vector<std::string>& classes) const;
  std::vector<float> answers_to(const std::vector<AdaptExample>& examples, const AdaptSource& source) const;

  AdaptEncoder encoder_;
  AdaptAssets kept_;
  AdaptModel model_;
};

}  // namespace recur
