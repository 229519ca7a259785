#include "recur/data/images/video.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/program.h"
#include "recur/base/stop.h"
#include "recur/base/threads.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

constexpr const char* kProgram = "ffmpeg";
constexpr auto kPatience = std::chrono::seconds(60);
constexpr int kPause = 200;  // milliseconds until it is asked again whether to stop
constexpr size_t kLongestComplaint = 4096;
constexpr size_t kLongestHeader = 64;
constexpr size_t kPart = 1 << 18;  // of a frame, read at once

// What the program reads and writes. It opens nothing but the file: no address, no other file that a list in it names.
std::vector<std::string> command_of(const std::string& path, const VideoOptions& options) {
  std::vector<std::string> words{kProgram,
                                 "-nostdin",
                                 "-hide_banner",
                                 "-v",
                                 "error",
                                 "-threads",
                                 std::to_string(threads()),
                                 "-protocol_whitelist",
                                 "file,pipe",
                                 "-format_whitelist",
                                 "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,ogg,flv,asf,mpeg,mpegvideo,gif",
                                 "-i",
                                 "file:" + path,
                                 "-map",
                                 "0:v:0"};
  const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  std::string filter;
  if (options.rate > 0) filter = fmt::format("fps={}", options.rate);
  if (options.height > 0 && options.width > 0) {
    filter += fmt::format("{}scale={}:{}:flags=area", filter.empty() ? "" : ",", options.width, options.height);
  }
  if (!filter.empty()) add({"-vf", filter});
  if (options.frames > 0) add({"-frames:v", std::to_string(options.frames)});
  // Without passthrough, a file whose frames are unevenly spaced has some of them twice.
  add({"-fps_mode", "passthrough", "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"});
  return words;
}

// Two ends, the second of which a program is given.
class OutputPipe {
 public:
  OutputPipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail("pipe: {}", std::strerror(errno));
  }
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;
  ~OutputPipe() {
    close(0);
    close(1);
  }
  int from() const { return ends_[0]; }  // below 0 once closed
  int to() const { return ends_[1]; }
  void close(size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace

std::string_view video_format(std::string_view head) {
  const auto at = [&](size_t place, std::string_view mark) {
    return head.substr(std::min(place, head.size())).starts_with(mark);
  };
  if (at(4, "ftyp") || at(4, "moov")) return "an MP4 or QuickTime video";
  if (at(0, "RIFF") && at(8, "AVI ")) return "an AVI video";
  if (at(0, "\x1A\x45\xDF\xA3")) return "a Matroska or WebM video";
  if (at(0, "OggS") && at(28, "\x80theora")) return "an Ogg video";
  if (at(0, "FLV\x01")) return "a Flash video";
  if (at(0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11")) return "a Windows Media video";
  if (at(0, std::string_view("\x00\x00\x01\xBA", 4)) || at(0, std::string_view("\x00\x00\x01\xB3", 4))) {
    return "an MPEG video";
  }
  if (at(0, "GIF8")) return "a GIF animation";
  return "";
}

bool is_video(const DataFile& file) { return !video_format(file.head(kVideoHead)).empty(); }

bool is_video_name(std::string_view name) {
  constexpr std::array<std::string_view, 13> kEndings{".mp4",  ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg",
                                                      ".mpeg", ".ogv", ".wmv", ".flv", ".3gp", ".gif"};
  const std::string ending = lower_ascii(std::filesystem::path(name).extension().string());
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

bool can_read_video() { return can_run(kProgram); }

void check_can_read_video(const DataFile& file) {
  if (can_read_video()) return;
  fail("{}: {}, which the program ffmpeg decodes, and there is none in PATH (Debian: apt install ffmpeg)", file.name(),
       video_format(file.head(kVideoHead)));
}

class VideoReader::Impl {
 public:
  Impl(const DataFile& file, const VideoOptions& options) : name_(file.name()) {
    check_can_read_video(file);
    if (file.memory() != nullptr) fail("{}: expected a video in a file on the disk", name_);
    program_.emplace(command_of(name_, options), Program::Ends{.output = frames_.to(), .errors = errors_.to()});
    frames_.close(1);
    errors_.close(1);
  }
  ~Impl() {
    // One that still writes gets a signal that ends it.
    frames_.close(0);
    errors_.close(0);
  }

  std::optional<Image> next() {
    const std::optional<size_t> bytes = frame_bytes();
    if (!bytes) return end();
    while (unread_.size() < *bytes) {
      if (!fill(*bytes)) fail("{}: cut off within a frame{}", name_, said());
    }
    Image frame = internal::read_pnm({name_, std::string_view(unread_).substr(0, *bytes), kMostPixels});
    unread_.erase(0, *bytes);
    ++read_;
    return frame;
  }

  // Without what begins the line: the part of the program that says it, "[avi @ 0x55d0c0] ", or the name of the file.
  std::string complaint() const {
    const std::string file = "file:" + name_ + ": ";
    if (complaint_.starts_with(file)) return shortened(complaint_.substr(file.size()));
    const size_t end = complaint_.starts_with('[') ? complaint_.find("] ") : std::string::npos;
    return shortened(end == std::string::npos ? complaint_ : complaint_.substr(end + 2));
  }

 private:
  // Of the next frame, its header included; nothing at the end.
  std::optional<size_t> frame_bytes() {
    for (;;) {
      int64_t width = 0, height = 0;
      int header = 0;
      if (unread_.find("\n255\n") != std::string::npos &&
          std::sscanf(unread_.c_str(), "P6 %9ld %9ld 255%n", &width, &height, &header) == 2 && header > 0) {
        if (width < 1 || height < 1 || width > kMostPixels / height) {
          fail("{}: frames of {} x {} pixels, expected at most {} pixels", name_, width, height, kMostPixels);
        }
        return static_cast<size_t>(header) + 1 + static_cast<size_t>(width * height * 3);
      }
      if (unread_.size() >= kLongestHeader) fail("{}: {} gave no frame", name_, kProgram);
      if (!fill(kLongestHeader)) {
        if (unread_.empty()) return {};
        fail("{}: cut off within a frame{}", name_, said());
      }
    }
  }

  // The end of the file, or an error that is why there is nothing more.
  std::optional<Image> end() {
    if (!program_->ends_within(kPatience)) fail("{}: {} does not end", name_, kProgram);
    if (!program_->succeeded()) fail("{}: {} {}{}", name_, kProgram, program_->how_it_ended(), said());
    if (read_ == 0) fail("{}: no frame in it{}", name_, said());
    return {};
  }

  std::string said() const { return complaint_.empty() ? "" : ": " + complaint(); }

  // Waits for more of the frames and appends it, so that of `bytes` some more are there; false at their end.
  bool fill(size_t bytes) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      check_stop();
      std::array<pollfd, 2> ends{pollfd{frames_.from(), POLLIN, 0}, pollfd{errors_.from(), POLLIN, 0}};
      if (::poll(ends.data(), errors_.from() < 0 ? 1 : 2, kPause) < 0 && errno != EINTR) {
        fail("poll: {}", std::strerror(errno));
      }
      if (ends[1].revents != 0) take_complaint();
      if (ends[0].revents != 0) {
        const size_t before = unread_.size();
        unread_.resize(std::min(bytes, before + kPart));
        const ssize_t n = ::read(frames_.from(), unread_.data() + before, unread_.size() - before);
        unread_.resize(before + static_cast<size_t>(std::max<ssize_t>(n, 0)));
        if (n > 0) return true;
        if (n == 0) {
          take_last_complaints(until);
          return false;
        }
        if (errno != EINTR) fail("{}: {}", name_, std::strerror(errno));
      }
      if (std::chrono::steady_clock::now() >= until) {
        program_->kill();
        fail("{}: {} gives no frame for {} s", name_, kProgram, kPatience.count());
      }
    }
  }

  // What is said behind the last frame, up to the end of the program or to a time.
  void take_last_complaints(std::chrono::steady_clock::time_point until) {
    while (errors_.from() >= 0 && std::chrono::steady_clock::now() < until) {
      check_stop();
      pollfd errors{errors_.from(), POLLIN, 0};
      if (::poll(&errors, 1, kPause) > 0) take_complaint();
    }
  }

  // The first line of the errors is kept, and the rest read so that the program can go on.
  void take_complaint() {
    std::array<char, 4096> part;
    const ssize_t n = ::read(errors_.from(), part.data(), part.size());
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) return errors_.close(0);
    const std::string_view text(part.data(), static_cast<size_t>(n));
    if (whole_line_ || complaint_.size() >= kLongestComplaint) return;
    complaint_ += text.substr(0, text.find('\n'));
    whole_line_ = text.find('\n') != std::string_view::npos;
  }

  std::string name_;
  OutputPipe frames_, errors_;
  std::optional<Program> program_;
  std::string unread_, complaint_;
  bool whole_line_ = false;
  int64_t read_ = 0;
};

VideoReader::VideoReader(const DataFile& file, const VideoOptions& options)
    : impl_(std::make_unique<Impl>(file, options)) {}
VideoReader::~VideoReader() = default;
std::optional<Image> VideoReader::next() { return impl_->next(); }
std::string VideoReader::complaint() const { return impl_->complaint(); }

}  // namespace recur
