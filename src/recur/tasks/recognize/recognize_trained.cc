#include "recur/tasks/recognize/recognize_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/recognize/recognize_explain.h"
#include "recur/tasks/recognize/recognize_stream.h"
#include "recur/tasks/task_measures.h"

namespace recur {

const TaskInfo& recognize_info() {
  static const TaskInfo info{
      .name = "recognize",
      .summary =
          "Recognition: names the action or gesture in a clip, or finds those in a stream, of frames, skeletons "
          "or sensors",
      .data =
          "clips: folders of pictures or arrays, lists of them, arrays .npy and .npz, tables with a row a frame, .ts",
      .unit = "clips"};
  return info;
}

void refuse_frame_options(const RecognizeUseOptions& options) {
  std::vector<std::string> keys;
  if (options.rows != RecognizeUseOptions{}.rows) keys.emplace_back("rows");
  if (options.smooth) keys.emplace_back("smooth");
  if (options.least_frames) keys.emplace_back("least_frames");
  if (options.rate > 0) keys.emplace_back("rate");
  if (keys.empty()) return;
  fail_usage("{}: {} of labels of frames, got labels of clips", fmt::join(keys, ", "),
             keys.size() == 1 ? "an option" : "options");
}

RecognizeSizes RecognizeTrained::sizes_of(const RecognizeOptions& options, const ClipEncoder& encoder, int64_t classes,
                                          bool each_frame) {
  const ClipShape& shape = encoder.shape();
  RecognizeSizes sizes{.features = encoder.features(), .classes = classes, .each_frame = each_frame};
  if (shape.kind == ClipKind::kFrames) {
    sizes.height = shape.height;
    sizes.width = shape.width;
    sizes.frame_channels = encoder.frame_channels();
  } else if (shape.kind == ClipKind::kSkeleton) {
    sizes.joints = shape.joints;
    sizes.joint_features = joint_features(shape, options.data);
  }
  return sizes;
}

RecognizeTrained::RecognizeTrained(const RecognizeOptions& options, ClipEncoder encoder, Vocabulary classes,
                                   bool each_frame, Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      classes_(std::move(classes)),
      each_frame_(each_frame),
      model_(options.model, sizes_of(options, encoder_, classes_.size(), each_frame), random) {}

Spotting RecognizeTrained::spotting() const {
  Spotting out = spotting_;
  out.smooth = options_.use.smooth.value_or(out.smooth);
  out.least_frames = options_.use.least_frames.value_or(out.least_frames);
  return out;
}

RecognizeData RecognizeTrained::read(const DataFiles& data, bool labelled) const {
  if (options_.use.stream == "pictures") fail_usage("stream = pictures: only predict - reads pictures as they arrive");
  auto clips = std::make_shared<ClipSet>(read_for(data, options_, &encoder_, labelled));
  encoder_.check(*clips);
  if (labelled && labels_of_frames(*clips, options_.data) != each_frame_) {
    fail("{}: the model learnt labels of {}, and these are of {}", listed_files(clips->set.files),
         each_frame_ ? "frames" : "clips", each_frame_ ? "clips" : "frames");
  }
  const int64_t size = clips->size();
  return RecognizeData(std::move(clips), all_of(size), classes_, each_frame_, labelled);
}

Evaluation RecognizeTrained::evaluate(const DataFiles& data, Sink* examples) const {
  if (!each_frame_) refuse_frame_options(options_.use);
  const RecognizeData clips = read(data, true);
  if (clips.size() == 0) fail("there are no clips to evaluate on");
  if (!clips.warning().empty()) log_warning("{}", clips.warning());
  const RecognizeScores scores = score(recognizer(), clips);
  if (examples != nullptr) write_example_scores(scores, clips, recognizer(), spotting(), *examples);
  Evaluation result = measure(scores, clips, recognizer(), spotting());
  if (baselines_) {
    add_baselines(result, baselines_->measure(clips, encoder_, options_, classes_.size(), each_frame_));
  }
  return result;
}

std::vector<TaskMeasure> RecognizeTrained::measures(const KeptRows& examples) const {
  if (examples.find("hits")) return {f1_of("event_f1", examples)};
  return class_measures(examples, "prediction");
}

void RecognizeTrained::predict(const DataFiles& data, Sink& out) const {
  if (!each_frame_) refuse_frame_options(options_.use);
  const RecognizeData clips = read(data, false);
  write_predictions(score(recognizer(), clips), clips, recognizer(), spotting(), out);
}

std::unique_ptr<Session> RecognizeTrained::session() const {
  if (!each_frame_) refuse_frame_options(options_.use);
  return std::make_unique<RecognizeStream>(*this);
}

std::unique_ptr<ExplainableData> RecognizeTrained::explainable(const DataFiles& data) const {
  return std::make_unique<RecognizeRecords>(*this, read(data, false));
}

Description RecognizeTrained::describe() const {
  constexpr size_t kShown = 20;
  Description facts = encoder_.describe();
  facts.push_back({"labels_of", std::string(each_frame_ ? "frames" : "clips")});
  facts.push_back({"classes", int64_t{classes_.size()}});
  facts.push_back({"labels", listed(classes_.words(), kShown)});
  if (each_frame_) {
    const Spotting found = spotting();
    facts.push_back({"background", found.background ? classes_.word(*found.background) : std::string("none of them")});
    facts.push_back({"smooth", found.smooth});
    facts.push_back({"least_frames", found.least_frames});
  }
  return facts;
}

Assets RecognizeTrained::assets() const {
  Assets assets = encoder_.assets();
  assets["targets"] = Json{{"classes", classes_.words()}, {"each_frame", each_frame_}}.dump();
  assets["spotting"] = spotting_.to_text();
  if (baselines_) assets["baselines"] = baselines_->to_text();
  return assets;
}

}  // namespace recur
