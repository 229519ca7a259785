// Clips: sequences of frames, each the readings of sensors, a skeleton or a picture. What recognition learns from,
// whatever files they came in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/clip_shape.h"
#include "recur/data/files/data_file.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur {

struct ClipOptions {
  std::string input = "auto";     // sensors, skeleton, frames
  int64_t joints = 0;             // of a skeleton whose numbers stand side by side; 0: found out
  std::string colours = "auto";   // of pictures: grey, colour
  int64_t height = 0, width = 0;  // to which pictures are brought; 0: theirs, up to `most_side`
  int64_t most_side = 64;
  double rate = 0;                     // frames a second of videos; 0: theirs
  std::optional<ClipShape> like = {};  // of a model: the same frames
  std::filesystem::path events_file = {};
  std::string background = "none";  // the label of frames that no event of the file has, or none of a table
  SequenceOptions series = {};      // of tables, and the side table of labels
};

// The numbers of a clip are those of a Sequence, frame by frame as ClipShape has them.
struct ClipSet {
  ClipShape shape;
  SequenceSet set;
  // What frames without a label are, in tables, where a cell "none" is one without; "": nothing is known of them.
  std::string unlabelled = {};
  std::vector<std::string> faults = {};    // what cannot be read and is left out
  std::vector<std::string> warnings = {};  // what there is to say of what is read

  int64_t size() const { return set.size(); }
  // Writes notes, warnings and faults to the log.
  void log_all() const;
};

// Each of `files` is
//   a folder with a folder a clip, in it pictures by number (CLASS/CLIP/0001.png), or with a file a clip, a video, an
//     array or a table (CLASS/CLIP.mp4, CLASS/CLIP.npy, CLASS/CLIP.csv)
//   a list of such clips: a path a line and behind a comma, tab or semicolon a class, or JSON lines with "path",
//   "label" a video (images/video.h) an array .npy, .npz or IDX [N, T, F], [N, T, J, D], [N, T, H, W] or [N, T, H, W,
//   C]; frames that are NaN at the end
//     of a clip are no part of it, nor are those behind its length in an array called "lengths"
//   anything that read_sequences() reads: tables with a row a frame, .ts, JSON lines.
// Clips that cannot be read, or have no frames, are left out (faults); throws Error where none is left, UsageError for
// an array with two readings and for files of several of these kinds.
ClipSet read_clips(std::span<const DataFile> files, const ClipOptions& options = {});

// Whether these are clips by their form, whatever the options say: folders of folders of pictures, folders of classes
// with a video or an array [T, ...] a clip, videos, lists of clips, and arrays of four axes or more that are not
// pictures [N, H, W, C].
bool holds_clips(const DataFile& file);

// Labels each frame by a table of events: clip, first and last frame from 1, label. Others have `background`. For
// read_clips.
void label_by_events(SequenceSet& set, const std::filesystem::path& events, const std::string& background,
                     std::vector<std::string>& warnings);

}  // namespace recur
