// Video files, frame by frame. They are decoded by the program ffmpeg, in a process of its own: what a hostile file
// does to a decoder stays there, and who reads no video needs none of its libraries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "recur/data/files/data_file.h"
#include "recur/data/images/image.h"

namespace recur {

// What a file of moving pictures is by its first bytes (kVideoHead of them): "an MP4 or QuickTime video"; "" for none.
constexpr size_t kVideoHead = 64;
std::string_view video_format(std::string_view head);
// Whether a file is one of these, and whether its name says so.
bool is_video(const DataFile& file);
bool is_video_name(std::string_view name);

// Whether ffmpeg is in PATH; throws Error that says what to install where it is not.
bool can_read_video();
void check_can_read_video(const DataFile& file);

struct VideoOptions {
  double rate = 0;                // frames a second, repeated or left out; 0: those of the file
  int64_t height = 0, width = 0;  // pixels that frames are brought to; 0: those of the file
  int64_t frames = 0;             // the most that are read; 0: all
};

// Reads the first video track of a file on the disk, turned as its metadata say.
class VideoReader {
 public:
  // Throws Error where there is no ffmpeg.
  VideoReader(const DataFile& file, const VideoOptions& options);
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;
  ~VideoReader();

  // The next frame, of three channels and 8 bits; nothing behind the last one. Throws Error for a file that is damaged
  // or has no video, for frames of more than `kMostPixels`, and when none comes for a minute.
  std::optional<Image> next();
  // What ffmpeg found wrong with a file of which it nevertheless gave frames; "" for nothing.
  std::string complaint() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recur
