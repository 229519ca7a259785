// The readers behind read_clips(). For their sources alone.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/clip_set.h"
#include "recur/data/files/data_file.h"
#include "recur/data/images/image.h"

namespace recur::internal {

// Where a clip is: pictures in their order, or one file.
struct ClipSource {
  std::string id, label;
  std::string place;             // for messages: its folder, file, or line of a list
  std::vector<DataFile> frames;  // pictures; empty: one file
  std::vector<DataFile> file;    // at most one
  bool video = false;            // what the file is

  bool has_pictures() const { return video || !frames.empty(); }
};

// Whether a file lists clips. A picture is one, of one frame, where the list has a path and a label by a header and
// nothing else, or where `pictures` are expected.
bool is_clip_list(const DataFile& file, bool pictures = false);
// Of a folder, a video, a picture or a list. Adds to `notes` of the set what was found, and to faults the clips that
// are not there.
std::vector<ClipSource> clip_sources(const DataFile& file, ClipSet& to);

// Each fills shape and set; clips that cannot be read become faults.
void read_frames(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to);
void read_array_clips(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to);
void read_arrays(std::span<const DataFile> files, const ClipOptions& options, ClipSet& to);

// Adds a sequence for each clip, whose values `read` appends. What read() throws becomes a fault, and the clip is left
// out; a UsageError ends it all.
void read_each(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to,
               const std::function<void(const ClipSource&, std::vector<float>&)>& read);
// The channels of such frames, by name.
std::vector<Channel> channels_of(const ClipShape& shape);
// The numbers of a picture as a frame of this shape.
void append_frame(const Image& image, const ClipShape& shape, std::vector<float>& values);

}  // namespace recur::internal
