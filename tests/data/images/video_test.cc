#include "recur/data/images/video.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "recur/data/clip_set.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

// The head of an MP4 file, and what a program that is called ffmpeg here gives out as its frames: the rest of the file.
std::string video_of(const std::string& frames) { return std::string("\0\0\0\x18", 4) + "ftypisom" + frames; }

std::string frame_of(int width, int height, char value) {
  return "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n" +
         std::string(static_cast<size_t>(width * height * 3), value);
}

// In PATH, a program ffmpeg that is this script, whose $file is the file to decode; while the object lives.
class FakeProgram {
 public:
  FakeProgram(const Scratch& scratch, const std::string& script) : before_(std::getenv("PATH")) {
    const auto program =
        scratch.put("bin/ffmpeg",
                    "#!/bin/sh\nfor word in \"$@\"; do case $word in file:*) file=${word#file:};; esac; "
                    "done\n" +
                        script + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("PATH", ((scratch / "bin").string() + ":/usr/bin:/bin").c_str(), 1);
  }
  ~FakeProgram() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

constexpr const char* kRestOfFile = "tail -c +13 \"$file\"";

TEST(Video, KnowsFilesByTheirFirstBytes) {
  EXPECT_EQ(video_format(video_of("")), "an MP4 or QuickTime video");
  EXPECT_EQ(video_format(std::string("RIFF\0\0\0\0AVI LIST", 16)), "an AVI video");
  EXPECT_EQ(video_format(std::string("RIFF\0\0\0\0WAVEfmt ", 16)), "");
  EXPECT_EQ(video_format("\x1A\x45\xDF\xA3...."), "a Matroska or WebM video");
  const std::string page = "OggS" + std::string(24, '\0');
  EXPECT_EQ(video_format(page + "\x80theora"), "an Ogg video");
  EXPECT_EQ(video_format(page + "\x01vorbis"), "") << "a sound";
  EXPECT_EQ(video_format("GIF89a"), "a GIF animation");
  EXPECT_EQ(video_format("#EXTM3U\n/etc/passwd"), "") << "a list of other files";
  EXPECT_EQ(video_format(""), "");
  EXPECT_TRUE(is_video_name("a/b.MP4"));
  EXPECT_FALSE(is_video_name("a.ogg"));
}

TEST(Video, GivesFramesInTheirOrder) {
  const Scratch scratch;
  const FakeProgram program(scratch, kRestOfFile);
  const DataFile file =
      scratch.put("a.mp4", video_of(frame_of(5, 4, '\x33') + frame_of(5, 4, '\xff') + frame_of(5, 4, '\0')));
  VideoReader reader(file, {});
  std::vector<float> firsts;
  while (const auto frame = reader.next()) {
    EXPECT_EQ(frame->width, 5);
    EXPECT_EQ(frame->height, 4);
    EXPECT_EQ(frame->channels, 3);
    EXPECT_EQ(frame->values.size(), 60u);
    firsts.push_back(frame->values.back());
  }
  EXPECT_EQ(firsts, (std::vector<float>{0x33 / 255.0f, 1, 0}));
  EXPECT_EQ(reader.complaint(), "");
}

TEST(Video, AsksForSizeRateAndNumberOfFrames) {
  const Scratch scratch;
  const std::filesystem::path words = scratch / "words";
  const FakeProgram program(scratch, "echo \"$@\" >'" + words.string() + "'; " + kRestOfFile);
  const DataFile file = scratch.put("a.mp4", video_of(frame_of(1, 1, 'a')));
  VideoReader reader(file, {.rate = 12.5, .height = 40, .width = 30, .frames = 3});
  while (reader.next()) {
  }
  const std::string said = read_bytes(words);
  EXPECT_NE(said.find("-vf fps=12.5,scale=30:40:flags=area -frames:v 3"), std::string::npos) << said;
  EXPECT_NE(said.find("-protocol_whitelist file,pipe"), std::string::npos) << said;
}

TEST(Video, SaysWhyAFileCannotBeRead) {
  const Scratch scratch;
  const DataFile file = scratch.put("a.mp4", video_of(frame_of(5, 4, 'a') + frame_of(5, 4, 'b')));
  const auto read = [&file] {
    VideoReader reader(file, {});
    while (reader.next()) {
    }
  };
  {
    const FakeProgram program(scratch, "echo 'moov atom not found' >&2; exit 1");
    EXPECT_ERROR(read(), "a.mp4: ffmpeg ended with exit code 1: moov atom not found");
  }
  {
    const FakeProgram program(scratch, "exit 0");
    EXPECT_ERROR(read(), "a.mp4: no frame in it");
  }
  {
    const FakeProgram program(scratch, std::string(kRestOfFile) + " | head -c 100");
    EXPECT_ERROR(read(), "a.mp4: cut off within a frame");
  }
  {
    const FakeProgram program(scratch, std::string(kRestOfFile) + "; kill -9 $$");
    EXPECT_ERROR(read(), "a.mp4: ffmpeg was ended by signal 9");
  }
  {
    const FakeProgram program(scratch, "printf 'P6\\n90000 90000\\n255\\n'; exec cat /dev/zero");
    EXPECT_ERROR(read(), "frames of 90000 x 90000 pixels, expected at most");
  }
  {
    const FakeProgram program(scratch, "exec cat /dev/zero");
    EXPECT_ERROR(read(), "a.mp4: ffmpeg gave no frame");
  }
  const FakeProgram none(scratch, "");
  std::filesystem::remove(scratch / "bin/ffmpeg");
  ::setenv("PATH", (scratch / "bin").c_str(), 1);
  EXPECT_FALSE(can_read_video());
  EXPECT_ERROR(read(), "a.mp4: an MP4 or QuickTime video, which the program ffmpeg decodes, and there is none in PATH");
}

TEST(Video, ReadsOnWhereMuchIsWrong) {
  const Scratch scratch;
  const FakeProgram program(scratch, "yes 'error while decoding' | head -c 1000000 >&2; " + std::string(kRestOfFile));
  const DataFile file = scratch.put("a.mp4", video_of(frame_of(2, 2, 'a')));
  VideoReader reader(file, {});
  EXPECT_TRUE(reader.next());
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.complaint(), "error while decoding");
}

TEST(Video, AClipIsAVideoAloneInAFolderOrInAList) {
  const Scratch scratch;
  const FakeProgram program(scratch, kRestOfFile);
  const std::string frames = frame_of(6, 4, '\x33') + frame_of(6, 4, '\x66');
  const DataFile alone = scratch.put("data/wave/a.mp4", video_of(frames));
  scratch.put("data/clap/b.mp4", video_of(frames + frame_of(6, 4, '\0')));
  scratch.put("data/clap/torn.mp4", video_of(frames.substr(0, 150)));
  scratch.put("list.csv", "video,label\ndata/wave/a.mp4,wave\ndata/clap/b.mp4,clap\n");

  const ClipSet one = read_clips(std::vector<DataFile>{alone});
  EXPECT_EQ(one.shape, (ClipShape{.kind = ClipKind::kFrames, .channels = 1, .height = 4, .width = 6}));
  ASSERT_EQ(one.size(), 1);
  EXPECT_EQ(one.set.length(one.set.sequences[0]), 2);
  EXPECT_NEAR(one.set.sequences[0].values.back(), 0.4, 1e-6);

  EXPECT_TRUE(holds_clips(scratch / "data"));
  const ClipSet folder = read_clips(std::vector<DataFile>{scratch / "data"});
  ASSERT_EQ(folder.size(), 2);
  EXPECT_EQ(folder.set.sequences[0].labels[0], "clap");
  EXPECT_EQ(folder.set.length(folder.set.sequences[0]), 3);
  ASSERT_EQ(folder.faults.size(), 1u);
  EXPECT_NE(folder.faults[0].find("torn.mp4: cut off within a frame"), std::string::npos) << folder.faults[0];

  EXPECT_TRUE(holds_clips(scratch / "list.csv"));
  const ClipSet list = read_clips(std::vector<DataFile>{scratch / "list.csv"});
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list.set.sequences[1].labels[0], "clap");
}

}  // namespace
}  // namespace recur
