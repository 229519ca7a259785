// A trained recogniser: network, encoder, classes, options.
#pragma once

#include <memory>
#include <optional>

#include "recur/data/text/vocabulary.h"
#include "recur/tasks/recognize/clip_encoder.h"
#include "recur/tasks/recognize/recognize_baselines.h"
#include "recur/tasks/recognize/recognize_model.h"
#include "recur/tasks/recognize/recognize_score.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& recognize_info();

// For labels of clips: throws UsageError where an option is set that only labels of frames have.
void refuse_frame_options(const RecognizeUseOptions& options);

class RecognizeTrained : public TrainedOf<RecognizeTrained, RecognizeOptions> {
 public:
  // A new network. The options must have been chosen: none is "auto" or unset.
  RecognizeTrained(const RecognizeOptions& options, ClipEncoder encoder, Vocabulary classes, bool each_frame,
                   Random& random);
  static RecognizeSizes sizes_of(const RecognizeOptions& options, const ClipEncoder& encoder, int64_t classes,
                                 bool each_frame);

  const TaskInfo& info() const override { return recognize_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // Of clips accuracy and macro_f1; of frames event_f1.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  std::unique_ptr<Session> session() const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  Description describe() const override;
  Assets assets() const override;

  const RecognizeModel& network() const { return model_; }
  RecognizeModel& network() { return model_; }
  const ClipEncoder& encoder() const { return encoder_; }
  const Vocabulary& classes() const { return classes_; }
  bool each_frame() const { return each_frame_; }
  Recognizer recognizer() const { return {model_, encoder_, classes_, options_, each_frame_}; }
  // With what the options say in place of what was chosen.
  Spotting spotting() const;
  void set_spotting(Spotting spotting) { spotting_ = spotting; }
  const RecognizeBaselines* baselines() const { return baselines_.get(); }
  void set_baselines(RecognizeBaselines baselines) {
    baselines_ = std::make_shared<const RecognizeBaselines>(std::move(baselines));
  }

 private:
  RecognizeData read(const DataFiles& data, bool labelled) const;

  ClipEncoder encoder_;
  Vocabulary classes_;
  bool each_frame_;
  Spotting spotting_;
  std::shared_ptr<const RecognizeBaselines> baselines_;
  RecognizeModel model_;
};

}  // namespace recur
