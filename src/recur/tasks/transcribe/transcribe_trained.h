// A trained transcriber: network, vocabulary, options.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/trained.h"
#include "recur/tasks/transcribe/transcribe_encoder.h"
#include "recur/tasks/transcribe/transcribe_model.h"
#include "recur/tasks/transcribe/transcribe_score.h"

namespace recur {

const TaskInfo& transcribe_info();

class TranscribeTrained : public TrainedOf<TranscribeTrained, TranscribeOptions> {
 public:
  // A new network. The sample rate of the options must have been chosen: not 0. `global`: of all training sounds, where
  // features are normalised by them.
  TranscribeTrained(const TranscribeOptions& options, TranscribeEncoder encoder, std::optional<FeatureMoments> global,
                    Random& random);

  const TaskInfo& info() const override { return transcribe_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // wer, cer, exact_match.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  // Of models that need nothing of what has not yet been said: sounds as they arrive.
  std::unique_ptr<Session> session() const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  Description describe() const override;
  Assets assets() const override;

  const TranscribeModel& network() const { return model_; }
  TranscribeModel& network() { return model_; }
  const TranscribeEncoder& encoder() const { return encoder_; }
  const FeatureMoments* global() const { return global_ ? &*global_ : nullptr; }
  Transcriber transcriber(const PrefixScorer* scorer = nullptr) const {
    return {model_, encoder_, options_, options_.data.rate, scorer};
  }

 private:
  // Of the language model and the lexicon that the options name; null without them.
  std::unique_ptr<PrefixScorer> scorer() const;
  SoundSet sounds_of(const DataFiles& data, bool texts) const;

  TranscribeEncoder encoder_;
  std::optional<FeatureMoments> global_;
  TranscribeModel model_;
};

// The moments that assets hold, where features are normalised by them.
std::optional<FeatureMoments> global_moments(const Assets& assets, const TranscribeOptions& options);

Transcripts read_list(const DataFiles& data, const TranscribeDataOptions& options, bool texts = true);

// The sounds of a list at their own speed; notes are logged. Where features are to be normalised by speaker, a list
// without speakers is warned of.
SoundSet read_sounds(Transcripts list, const TranscribeOptions& options, const std::vector<int64_t>& speeds = {100},
                     const FeatureMoments* global = nullptr);

}  // namespace recur
