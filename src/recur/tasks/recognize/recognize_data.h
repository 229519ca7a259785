// Clips with the numbers of their classes, ready for the network.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/data/clip_set.h"
#include "recur/data/dataset.h"
#include "recur/data/text/vocabulary.h"
#include "recur/io/data_checksum.h"
#include "recur/tasks/recognize/clip_encoder.h"
#include "recur/tasks/recognize/recognize_model.h"
#include "recur/tasks/recognize/recognize_options.h"
#include "recur/tasks/trained.h"

namespace recur {

// What is learnt from: a clip, or a window of a recording.
struct ClipExample {
  std::vector<float> values;         // [T, F]
  std::vector<int32_t> step_labels;  // [T] class, -1 without one; empty where clips have labels
  int64_t steps = 0, features = 0;
};

// As the options say; `like`: of a model, whose columns later files have.
ClipOptions clip_options(const RecognizeOptions& options, const ClipEncoder* like, bool need_labels);
ClipSet read_for(const DataFiles& files, const RecognizeOptions& options, const ClipEncoder* like, bool need_labels);

// Whether frames rather than clips have labels, as the options say or the data have it. Throws Error where there are
// none.
bool labels_of_frames(const ClipSet& clips, const RecognizeDataOptions& options);

// All labels that there are.
std::vector<std::string> labels_in(const ClipSet& clips, std::span<const int64_t> which, bool each_frame);

// The labelled clips `which` of a set.
class RecognizeData {
 public:
  // Numbers labels by `classes`; of those that it lacks further ones. Throws Error for a clip without a label where
  // they are needed. Copies share the clips.
  RecognizeData(std::shared_ptr<const ClipSet> clips, std::vector<int64_t> which, const Vocabulary& classes,
                bool each_frame, bool labelled = true);

  const ClipSet& clips() const { return *clips_; }
  int64_t size() const { return std::ssize(which_); }
  const Sequence& clip(int64_t i) const {
    return clips_->set.sequences[static_cast<size_t>(which_[static_cast<size_t>(i)])];
  }
  int64_t steps(int64_t i) const { return clips_->set.length(clip(i)); }

  int32_t label(int64_t i) const { return labels_.empty() ? -1 : labels_[static_cast<size_t>(i)]; }
  const std::vector<int32_t>& labels() const { return labels_; }  // of clips
  // Classes of steps as the set numbers them; -1 stays.
  std::vector<int32_t> classes_of(std::span<const int32_t> step_labels) const;
  std::vector<int32_t> step_labels(int64_t i) const;  // [T]
  const std::vector<std::string>& lacking() const { return lacking_; }
  const std::string& warning() const { return warning_; }  // that says which, "" without any

  // Of values and labels.
  DataChecksum checksum() const;

 private:
  std::shared_ptr<const ClipSet> clips_;
  std::vector<int64_t> which_;
  std::vector<int32_t> labels_, class_of_step_;
  int32_t unlabelled_ = -1;  // the class of frames without a label
  std::vector<std::string> lacking_;
  std::string warning_;
};

// How examples are made of clips.
struct ExampleMaking {
  const ClipEncoder* encoder = nullptr;
  int64_t most_frames = 0;
};

// A whole clip, of which a longer one is thinned, in evaluation.
ClipExample make_example(const RecognizeData& data, int64_t i, const ExampleMaking& how);
// Steps begin .. end - 1.
ClipExample make_part(const RecognizeData& data, int64_t i, int64_t begin, int64_t end, const ClipEncoder& encoder);

// What training draws: clips that change each time, or windows at places that are drawn, as many of a recording in a
// pass as cover it.
DatasetPtr<ClipExample> training_examples(const RecognizeData& data, const ClipEncoder& encoder,
                                          const RecognizeOptions& options, bool each_frame);
// The clip that each of them is of.
std::vector<int64_t> clip_of_example(const RecognizeData& data, const RecognizeOptions& options, bool each_frame);

// As long as the longest of them, at least one step.
ClipBatch make_batch(std::span<const Loaded<ClipExample>> examples);

}  // namespace recur
