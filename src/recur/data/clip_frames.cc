// Clips of pictures.
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

namespace recur::internal {
namespace {

// The size of frames, by the first of each clip that can be read.
ClipShape choose_shape(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to) {
  if (options.like) return *options.like;
  std::set<std::pair<int64_t, int64_t>> sizes;
  bool colours = false;
  std::vector<std::pair<int64_t, int64_t>> all;
  for (const ClipSource& clip : clips) {
    try {
      const Image first = read_image(clip.frames.front());
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
  to.shape = choose_shape(clips, options, to);
  to.set.channels = channels_of(to.shape);
  read_each(clips, options, to, [&](const ClipSource& clip, std::vector<float>& values) {
    for (const DataFile& frame : clip.frames) append_frame(read_image(frame), to.shape, values);
  });
}

}  // namespace recur::internal
