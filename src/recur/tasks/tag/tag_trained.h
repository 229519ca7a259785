// A trained tagger: network, encoder, options.
#pragma once

#include "recur/tasks/tag/tag_encoder.h"
#include "recur/tasks/tag/tag_model.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& tag_info();

class TagTrained : public TrainedOf<TagTrained, TagOptions> {
 public:
  // A new network. The output must have been chosen: not "auto".
  TagTrained(const TagOptions& options, TagEncoder encoder, Random& random);

  const TaskInfo& info() const override { return tag_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // accuracy, and span_f1 where tags are of spans.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  Description describe() const override;
  Assets assets() const override { return encoder_.assets(); }

  const TagModel& network() const { return model_; }
  TagModel& network() { return model_; }
  const TagEncoder& encoder() const { return encoder_; }

 private:
  TagEncoder encoder_;
  TagModel model_;
};

TagSizes sizes_of(const TagEncoder& encoder);

struct TagReading {
  bool chosen = true;  // the options name columns of these files
  bool need_tags = true;
  std::vector<std::string> known_tags = {};  // of the model, where it is to tag
};
// Reads sentences; notes about them are logged.
TaggedText read_tagged(const DataFiles& data, const TagOptions& options, const TagReading& how);

}  // namespace recur
