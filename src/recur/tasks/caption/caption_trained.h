// A trained captioner: network, vocabulary, options.
#pragma once

#include <memory>

#include "recur/tasks/caption/caption_encoder.h"
#include "recur/tasks/caption/caption_model.h"
#include "recur/tasks/caption/caption_score.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& caption_info();

class CaptionTrained : public TrainedOf<CaptionTrained, CaptionOptions> {
 public:
  // A new network.
  CaptionTrained(const CaptionOptions& options, CaptionEncoder encoder, Random& random);

  const TaskInfo& info() const override { return caption_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // cider, with the word frequencies of all examples.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override { return encoder_.assets(); }

  const CaptionModel& network() const { return model_; }
  CaptionModel& network() { return model_; }
  const CaptionEncoder& encoder() const { return encoder_; }
  Captioner captioner() const { return {model_, encoder_, options_}; }

 private:
  CaptionSet read(const DataFiles& data, bool need_captions) const;

  CaptionEncoder encoder_;
  CaptionModel model_;
};

// How lists are read; `features`: in the place of pictures.
CaptionSetOptions set_options(const CaptionDataOptions& options, const std::string& features, bool need_captions);

// Throws Error where these images are not of the shape that a model was trained on.
void check_shape(const CaptionSet& set, const CaptionShape& expected);

}  // namespace recur
