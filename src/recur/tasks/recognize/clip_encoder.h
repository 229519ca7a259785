// Encodes clips for a network: scaled by the training part, skeletons seen from the body, pictures with the motion in
// them. Stored in the model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/clip_set.h"
#include "recur/tasks/recognize/clip_augment.h"
#include "recur/tasks/recognize/recognize_options.h"
#include "recur/tasks/recognize/skeleton.h"
#include "recur/tasks/series_encoder.h"
#include "recur/tasks/trained.h"

namespace recur {

class ClipEncoder {
 public:
  // `train`: the indices of the clips of the training part.
  static ClipEncoder fit(const ClipSet& clips, std::span<const int64_t> train, const RecognizeDataOptions& options);

  const ClipShape& shape() const { return shape_; }
  int64_t features() const;        // F
  int64_t frame_channels() const;  // of pictures, those of motion included
  // Of the training data, where they were a table; null of pictures.
  const Columns* columns() const {
    return series_ ? &series_->columns() : shape_.kind == ClipKind::kSkeleton ? &columns_ : nullptr;
  }
  // What the numbers of a frame are called in the training data; none of pictures.
  const std::vector<std::string>& channels() const { return series_ ? series_->channels() : channels_; }
  const std::optional<SeriesEncoder>& series() const { return series_; }
  // What each feature is called: a channel, "joint 3", "rows 1-8, columns 9-16" of a picture; and which of them each
  // is.
  std::vector<std::string> names() const;
  std::vector<int64_t> name_of_feature() const;

  // Throws Error when the clips have other frames than those of the training data.
  void check(const ClipSet& clips) const;
  // Values of a clip as the data have them, with gaps of joints filled. `clip` may be a part of one of the set.
  RawClip raw(const ClipSet& clips, const Sequence& clip) const;
  // [T, F]. `clip` is the sequence that the raw one comes from, whose other columns are read too. With `random`, of
  // training, sensors are changed by `augment`.
  std::vector<float> encode(const ClipSet& clips, const Sequence& clip, const RawClip& raw,
                            const ClipAugmentOptions* augment = nullptr, Random* random = nullptr) const;

  // One clip as its frames arrive.
  class Stream {
   public:
    explicit Stream(const ClipEncoder& encoder) : encoder_(encoder), skeleton_(encoder.shape_, encoder.options_) {}
    // frame: numbers as the data have them, NaN where missing -> out [F].
    void next(std::span<const float> frame, std::span<float> out);

   private:
    const ClipEncoder& encoder_;
    SkeletonReader skeleton_;
    std::vector<float> before_;
  };
  // All that keeps it from reading frames as they arrive; none where it can.
  std::vector<std::string> no_stream() const;

  Description describe() const;
  Assets assets() const;
  ClipEncoder(const Assets& assets, const RecognizeDataOptions& options);  // throws Error: they are untrusted input

 private:
  explicit ClipEncoder(const RecognizeDataOptions& options) : options_(options) {}
  void fit_scale(const ClipSet& clips, std::span<const int64_t> train);
  std::vector<float> unscaled(const RawClip& raw) const;
  void add_motion(std::span<const float> frame, std::span<const float> before, std::span<float> out) const;
  void apply_scale(std::span<float> values) const;

  RecognizeDataOptions options_;
  ClipShape shape_;
  std::optional<SeriesEncoder> series_;  // of sensors
  Columns columns_;                      // of skeletons
  std::vector<std::string> channels_;
  // Of skeletons of each feature, of pictures of each channel.
  std::vector<float> mean_, scale_;
};

}  // namespace recur
