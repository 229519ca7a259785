// Clips of pictures, in folders and in videos.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/clip_readers.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/resize.h"
#include "recur/data/images/video.h"

namespace recur::internal {
namespace {

// Numbers of a clip of a video, 1 GB of them: the file says little of how many there will be.
constexpr int64_t kMostNumbers = int64_t{1} << 28;

Image first_frame(const ClipSource& clip) {
  if (!clip.video) return read_image(clip.frames.front());
  auto frame = VideoReader(clip.file.front(), {.frames = 1}).next();
  if (!frame) fail("{}: no frame in it", clip.place);
  return *std::move(frame);
}

// What ffmpeg found wrong with it; "" for nothing.
std::string append_video(const ClipSource& clip, double rate, const ClipShape& shape, std::vector<float>& values) {
  VideoReader reader(clip.file.front(), {.rate = rate, .height = shape.height, .width = shape.width});
  while (const auto frame = reader.next()) {
    append_frame(*frame, shape, values);
    if (std::ssize(values) > kMostNumbers) {
      fail("{}: more than {} frames of {}; cut it, or read it with fewer or smaller frames (frame_rate, frame_height)",
           clip.place, kMostNumbers / shape.numbers(), shape.text());
    }
  }
  return reader.complaint();
}

void warn_of_damage(const std::vector<std::string>& damaged, ClipSet& to) {
  if (damaged.empty()) return;
  to.warnings.push_back(fmt::format("{} damaged; what can be decoded is read: {}{}",
                                    counted(std::ssize(damaged), "video is", "videos are"), damaged.front(),
                                    damaged.size() > 1 ? ", ..." : ""));
}

// The size of frames, by the first of each clip that can be read.
ClipShape choose_shape(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to) {
  if (options.like) return *options.like;
  std::set<std::pair<int64_t, int64_t>> sizes;
  bool colours = false;
  std::vector<std::pair<int64_t, int64_t>> all;
  for (const ClipSource& clip : clips) {
    try {
      const Image first = first_frame(clip);
      sizes.emplace(first.height, first.width);
      all.emplace_back(first.height, first.width);
      colours = colours || (first.channels == 3 && !is_grey(first));
    } catch (const UsageError&) {
      throw;
    } catch (const Error&) {
      // The clip becomes a fault when it is read.
    }
  }
  if (all.empty()) all.emplace_back(1, 1);
  std::ranges::nth_element(all, all.begin() + std::ssize(all) / 2);
  auto [height, width] = all[all.size() / 2];
  const double shrink =
      std::min(1.0, static_cast<double>(options.most_side) / static_cast<double>(std::max(height, width)));
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(static_cast<int64_t>(std::lround(static_cast<double>(side) * shrink)), 1);
  };
  ClipShape shape{.kind = ClipKind::kFrames,
                  .channels = options.colours == "colour" || (options.colours == "auto" && colours) ? 3 : 1,
                  .height = options.height > 0 ? options.height : scaled(height),
                  .width = options.width > 0 ? options.width : scaled(width)};
  if (sizes.size() > 1 || sizes.begin() == sizes.end() || *sizes.begin() != std::pair(shape.height, shape.width)) {
    to.set.notes.push_back(fmt::format("frames of {} are brought to {} x {} (frame_height, frame_width)",
                                       counted(std::ssize(sizes), "size", "sizes"), shape.height, shape.width));
  }
  return shape;
}

}  // namespace

void append_frame(const Image& image, const ClipShape& shape, std::vector<float>& values) {
  const Image sized =
      resized(image.channels == 3 && shape.channels == 1 ? grey_of(image) : image, shape.height, shape.width);
  if (sized.channels == shape.channels) {
    values.insert(values.end(), sized.values.begin(), sized.values.end());
    return;
  }
  for (const float value : sized.values) values.insert(values.end(), static_cast<size_t>(shape.channels), value);
}

void read_frames(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to) {
  for (const ClipSource& clip : clips) {
    if (clip.video) check_can_read_video(clip.file.front());
  }
  to.shape = choose_shape(clips, options, to);
  to.set.channels = channels_of(to.shape);
  std::vector<std::string> damaged;
  read_each(clips, options, to, [&](const ClipSource& clip, std::vector<float>& values) {
    if (clip.video) {
      const std::string complaint = append_video(clip, options.rate, to.shape, values);
      if (!complaint.empty()) damaged.push_back(fmt::format("{}: {}", clip.place, complaint));
    }
    for (const DataFile& frame : clip.frames) append_frame(read_image(frame), to.shape, values);
  });
  warn_of_damage(damaged, to);
}

}  // namespace recur::internal
