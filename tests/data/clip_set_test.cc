#include "recur/data/clip_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "recur/data/images/image.h"
#include "recur/data/images/resize.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

Image flat(int64_t height, int64_t width, float value) {
  return {.height = height, .width = width, .values = std::vector<float>(static_cast<size_t>(height * width), value)};
}

// A clip of so many frames, each brighter than the one before, at folder/NUMBER.pgm.
void put_clip(const Scratch& scratch, const std::string& folder, const std::vector<int>& numbers, int64_t height = 4,
              int64_t width = 6) {
  float value = 0.2f;
  for (const int number : numbers) {
    scratch.put(folder + "/" + std::to_string(number) + ".pgm", pnm_bytes(flat(height, width, value), 8));
    value += 0.2f;
  }
}

std::vector<float> counting(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

TEST(ClipSet, ReadsAFolderAClipInTheOrderOfTheirNumbers) {
  const Scratch scratch;
  put_clip(scratch, "data/wave/a", {2, 10, 1});
  put_clip(scratch, "data/clap/b", {1, 2});
  scratch.put("data/clap/notes.md", "none");
  const ClipSet clips = read_clips(std::vector<DataFile>{scratch / "data"});
  ASSERT_EQ(clips.size(), 2);
  EXPECT_EQ(clips.shape, (ClipShape{.kind = ClipKind::kFrames, .channels = 1, .height = 4, .width = 6}));
  EXPECT_EQ(clips.set.sequences[0].labels[0], "clap");
  EXPECT_EQ(clips.set.sequences[1].labels[0], "wave");
  EXPECT_EQ(clips.set.sequences[1].id, "wave/a");
  EXPECT_EQ(clips.set.length(clips.set.sequences[1]), 3);
  // Frame 1 was made last.
  EXPECT_NEAR(clips.set.sequences[1].values[0], 0.6, 0.01);
  EXPECT_NEAR(clips.set.sequences[1].values[24], 0.2, 0.01);
  EXPECT_NEAR(clips.set.sequences[1].values[48], 0.4, 0.01);
}

TEST(ClipSet, SaysWhichFramesAreMissing) {
  const Scratch scratch;
  put_clip(scratch, "data/wave/a", {1, 2, 5, 6});
  put_clip(scratch, "data/wave/b", {2, 4, 6});  // every second: no gap
  const ClipSet clips = read_clips(std::vector<DataFile>{scratch / "data"});
  ASSERT_EQ(clips.warnings.size(), 1u);
  EXPECT_NE(clips.warnings[0].find("1 clip has gaps"), std::string::npos) << clips.warnings[0];
  EXPECT_NE(clips.warnings[0].find("2 frames are missing by the numbers, first between 2 and 5"), std::string::npos);
}

TEST(ClipSet, BringsFramesOfAllSizesToOne) {
  const Scratch scratch;
  put_clip(scratch, "data/wave/a", {1, 2}, 100, 200);
  put_clip(scratch, "data/clap/b", {1}, 30, 20);
  put_clip(scratch, "data/clap/c", {1}, 100, 200);
  const ClipSet clips = read_clips(std::vector<DataFile>{scratch / "data"});
  EXPECT_EQ(clips.shape.height, 32);
  EXPECT_EQ(clips.shape.width, 64);
  const ClipSet own = read_clips(std::vector<DataFile>{scratch / "data"}, {.height = 5, .width = 7});
  EXPECT_EQ(own.shape.numbers(), 35);
  const ClipSet later = read_clips(std::vector<DataFile>{scratch / "data/clap"}, {.like = clips.shape});
  EXPECT_EQ(later.shape, clips.shape);
}

TEST(ClipSet, LeavesOutWhatCannotBeRead) {
  const Scratch scratch;
  put_clip(scratch, "data/wave/a", {1, 2});
  put_clip(scratch, "data/wave/torn", {1, 2});
  scratch.put("data/wave/torn/2.pgm", "P5 6 4 255 ...");
  scratch.put("list.csv", "path,label\ndata/wave/a,wave\ndata/wave/torn,wave\ndata/wave/nowhere,clap\n");
  const ClipSet clips = read_clips(std::vector<DataFile>{scratch / "list.csv"});
  ASSERT_EQ(clips.size(), 1);
  EXPECT_EQ(clips.set.sequences[0].labels[0], "wave");
  ASSERT_EQ(clips.faults.size(), 2u);
  EXPECT_NE(clips.faults[0].find("list.csv:4: no such clip: 'data/wave/nowhere'"), std::string::npos);
  EXPECT_NE(clips.faults[1].find("torn"), std::string::npos);
}

TEST(ClipSet, PicturesOfAListWithLabelsAreClipsOfOneFrame) {
  const Scratch scratch;
  scratch.put("a.pgm", pnm_bytes(flat(4, 6, 0.2f), 8));
  scratch.put("b.pgm", pnm_bytes(flat(4, 6, 0.8f), 8));
  scratch.put("list.csv", "image,class\na.pgm,dark\nb.pgm,light\nc.pgm,light\n");
  scratch.put("list.jsonl", "{\"path\": \"b.pgm\", \"label\": \"light\"}\n");
  const ClipSet clips = read_clips(std::vector<DataFile>{scratch / "list.csv"});
  ASSERT_EQ(clips.size(), 2);
  EXPECT_EQ(clips.set.sequences[1].labels[0], "light");
  EXPECT_EQ(clips.set.sequences[1].id, "b.pgm");
  EXPECT_EQ(clips.set.length(clips.set.sequences[1]), 1);
  EXPECT_NEAR(clips.set.sequences[1].values[0], 0.8, 0.01);
  EXPECT_EQ(clips.faults.size(), 1u);
  EXPECT_EQ(read_clips(std::vector<DataFile>{scratch / "list.jsonl"}).size(), 1);
  EXPECT_TRUE(holds_clips(scratch / "list.csv"));
}

TEST(ClipSet, PicturesWithMoreThanLabelsAreOthersData) {
  const Scratch scratch;
  scratch.put("a.pgm", pnm_bytes(flat(4, 6, 0.2f), 8));
  for (const char* text : {"image,caption\na.pgm,it is dark\n", "image,class,caption\na.pgm,dark,it is dark\n",
                           "image,class,x,y\na.pgm,dark,0.5,1\n", "image,class,x,y\nnone.pgm,dark,0.5,1\n"}) {
    EXPECT_FALSE(holds_clips(scratch.put("other.csv", text))) << text;
  }
  EXPECT_FALSE(holds_clips(
      scratch.put("other.jsonl", "{\"image\": \"a.pgm\", \"label\": \"dark\", \"caption\": \"it is dark\"}\n")));
}

TEST(ClipSet, ReadsListsAsTablesAreRead) {
  const Scratch scratch;
  scratch.put("a, b.pgm", pnm_bytes(flat(4, 6, 0.2f), 8));
  const DataFile quoted = scratch.put("list.csv", "\xEF\xBB\xBFpath,label\r\n\"a, b.pgm\",\"dark, very\"\r\n");
  const ClipSet clips = read_clips(std::vector<DataFile>{quoted});
  ASSERT_EQ(clips.size(), 1);
  EXPECT_EQ(clips.set.sequences[0].labels[0], "dark, very");
  EXPECT_EQ(clips.set.sequences[0].id, "a, b.pgm");
}

TEST(ClipSet, AModelOfPicturesReadsThemWithoutLabels) {
  const Scratch scratch;
  const DataFile picture = scratch.put("a.pgm", pnm_bytes(flat(4, 6, 0.2f), 8));
  const ClipShape shape{.kind = ClipKind::kFrames, .channels = 1, .height = 4, .width = 6};
  EXPECT_EQ(read_clips(std::vector<DataFile>{picture, picture}, {.like = shape}).size(), 2);
  const DataFile list = scratch.put("list.txt", "a.pgm\na.pgm\n"), named = scratch.put("b.csv", "path\na.pgm\n");
  EXPECT_EQ(read_clips(std::vector<DataFile>{list}, {.like = shape}).size(), 2);
  EXPECT_EQ(read_clips(std::vector<DataFile>{named}, {.like = shape}).size(), 1);
}

TEST(ClipSet, SaysWhatIsNoClip) {
  const Scratch scratch;
  scratch.put("empty/a.md", "nothing");
  EXPECT_ERROR(read_clips(std::vector<DataFile>{scratch / "empty"}), "no clips: neither pictures");
  scratch.put("one.pgm", pnm_bytes(flat(4, 4, 0.5f), 8));
  EXPECT_ERROR(read_clips(std::vector<DataFile>{scratch / "one.pgm"}), "one picture");
  put_clip(scratch, "mixed/a/x", {1});
  scratch.put("mixed/b.npy", npy_of("<f4", "(1, 2)", f32_bytes({1, 2})));
  scratch.put("list.csv", "mixed/a/x,u\nmixed/b.npy,v\n");
  EXPECT_ERROR(read_clips(std::vector<DataFile>{scratch / "list.csv"}), "expected one kind");
}

TEST(ClipSet, ReadsArraysOfSkeletons) {
  const Scratch scratch;
  std::vector<float> values = counting(2 * 3 * 4 * 3);
  for (size_t i = 60; i < 72; ++i) values[i] = kMissing;  // the last frame of the second clip
  const DataFile file = scratch.put("a.npy", npy_of("<f4", "(2, 3, 4, 3)", f32_bytes(values)));
  const ClipSet clips = read_clips(std::vector<DataFile>{file});
  EXPECT_EQ(clips.shape, (ClipShape{.kind = ClipKind::kSkeleton, .joints = 4, .dimensions = 3}));
  EXPECT_EQ(clips.set.length(clips.set.sequences[0]), 3);
  EXPECT_EQ(clips.set.length(clips.set.sequences[1]), 2);
  EXPECT_EQ(clips.set.channels[4].name, "joint 2 y");
  EXPECT_TRUE(clips.set.labels.empty());
}

TEST(ClipSet, LeavesOutClipsWithoutFrames) {
  const Scratch scratch;
  std::vector<float> values = counting(3 * 2 * 4);
  for (size_t i = 8; i < 16; ++i) values[i] = kMissing;  // all of the second clip
  const std::string x = npy_of("<f4", "(3, 2, 4)", f32_bytes(values)), y = npy_of("|u1", "(3,)", {'\5', '\6', '\7'});
  const auto read = [&](const std::string& name, const std::string& bytes, const ClipOptions& options = {}) {
    return read_clips(std::vector<DataFile>{scratch.put(name, bytes)}, options);
  };
  ClipOptions apart;
  apart.series.side_table = scratch.put("labels.npy", y);
  for (const ClipSet& clips : {read("a.npz", zip_of({{"x.npy", x}, {"y.npy", y}}, false)), read("a.npy", x, apart)}) {
    ASSERT_EQ(clips.size(), 2);
    EXPECT_EQ(clips.set.sequences[1].id, "3");
    EXPECT_EQ(clips.set.sequences[1].labels[0], "7");
    ASSERT_EQ(clips.faults.size(), 1u);
    EXPECT_NE(clips.faults[0].find("clip '2' has no frames"), std::string::npos) << clips.faults[0];
  }
  const auto with_lengths = [&](const std::vector<float>& lengths) {
    return read("b.npz", zip_of({{"x.npy", x}, {"lengths.npy", npy_of("<f4", "(3,)", f32_bytes(lengths))}}, false));
  };
  EXPECT_EQ(with_lengths({2, 1, 0}).size(), 2);
  EXPECT_ERROR(with_lengths({2, 1.5f, 2}), "clip 2: expected a length of 0 .. 2, a whole number, got 1.5");
  EXPECT_ERROR(with_lengths({0, 0, 0}), "none of 3 clips has frames");
  scratch.put("d/p/1.npy", npy_of("<f4", "(2, 4)", f32_bytes(std::vector<float>(8, kMissing))));
  scratch.put("d/q/2.npy", npy_of("<f4", "(2, 4)", f32_bytes(counting(8))));
  const ClipSet files = read_clips(std::vector<DataFile>{scratch / "d"});
  EXPECT_EQ(files.size(), 1);
  EXPECT_EQ(files.faults.size(), 1u);
}

TEST(ClipSet, ArraysWithTwoReadingsAreAQuestion) {
  const Scratch scratch;
  const DataFile file = scratch.put("a.npy", npy_of("|u1", "(2, 3, 50, 3)", std::string(900, '\x40')));
  EXPECT_ERROR(read_clips(std::vector<DataFile>{file}), "input = skeleton or input = frames says which");
  EXPECT_EQ(read_clips(std::vector<DataFile>{file}, {.input = "frames"}).shape.height, 50);
  EXPECT_EQ(read_clips(std::vector<DataFile>{file}, {.input = "skeleton"}).shape.joints, 50);
  const DataFile flat = scratch.put("b.npy", npy_of("<f4", "(1, 2, 12)", f32_bytes(counting(24))));
  EXPECT_EQ(read_clips(std::vector<DataFile>{flat}).shape.kind, ClipKind::kSensors);
  EXPECT_EQ(read_clips(std::vector<DataFile>{flat}, {.input = "skeleton"}).shape.joints, 4);
  EXPECT_ERROR(read_clips(std::vector<DataFile>{flat}, {.joints = 5}), "joints = 5 does not divide 12");
}

TEST(ClipSet, ReadsArraysOfPicturesWithLabels) {
  const Scratch scratch;
  const std::string pixels(2 * 3 * 5 * 4 * 3, '\x33');
  const std::string video = npy_of("|u1", "(2, 3, 5, 4, 3)", pixels), labels = npy_of("|u1", "(2,)", {'\1', '\0'});
  const DataFile file = scratch.put("a.npz", zip_of({{"x.npy", video}, {"y.npy", labels}}, false));
  const ClipSet clips = read_clips(std::vector<DataFile>{file});
  EXPECT_EQ(clips.shape, (ClipShape{.kind = ClipKind::kFrames, .channels = 3, .height = 5, .width = 4}));
  EXPECT_EQ(clips.set.sequences[0].labels[0], "1");
  EXPECT_FLOAT_EQ(clips.set.sequences[0].values[0], 0.2f);
  EXPECT_TRUE(holds_clips(file));
}

TEST(ClipSet, ArraysOfPicturesAreNoClips) {
  const Scratch scratch;
  const auto is_clips = [&](const char* shape, size_t size, bool bytes) {
    return holds_clips(scratch.put("a.npy", bytes ? npy_of("|u1", shape, std::string(size, '\1'))
                                                  : npy_of("<f4", shape, f32_bytes(std::vector<float>(size)))));
  };
  EXPECT_FALSE(is_clips("(2, 8, 6, 3)", 288, true));
  EXPECT_FALSE(is_clips("(2, 3, 8, 6)", 288, true));
  EXPECT_FALSE(is_clips("(2, 8, 8, 1)", 128, false));
  EXPECT_TRUE(is_clips("(2, 10, 20, 3)", 1200, false));  // a skeleton
  EXPECT_TRUE(is_clips("(2, 10, 6, 2)", 240, true));
  EXPECT_TRUE(is_clips("(2, 4, 8, 6, 3)", 1152, true));
}

TEST(ClipSet, ReadsAFileAClip) {
  const Scratch scratch;
  scratch.put("data/up/a.npy", npy_of("<f4", "(3, 2, 2)", f32_bytes(counting(12))));
  scratch.put("data/down/b.npy", npy_of("<f4", "(1, 2, 2)", f32_bytes(counting(4))));
  const ClipSet clips = read_clips(std::vector<DataFile>{scratch / "data"});
  EXPECT_EQ(clips.shape, (ClipShape{.kind = ClipKind::kSkeleton, .joints = 2, .dimensions = 2}));
  EXPECT_EQ(clips.set.sequences[0].id, "down/b.npy");
  EXPECT_EQ(clips.set.length(clips.set.sequences[1]), 3);
  EXPECT_TRUE(holds_clips(scratch / "data"));
  scratch.put("data/up/c.npy", npy_of("<f4", "(3, 3, 2)", f32_bytes(counting(18))));
  const ClipSet fewer = read_clips(std::vector<DataFile>{scratch / "data"});
  ASSERT_EQ(fewer.faults.size(), 1u);
  EXPECT_NE(fewer.faults[0].find("expected 2 joints in 2 dimensions, got 3 joints"), std::string::npos);
}

TEST(ClipSet, ChannelsNamedAsJointsAreASkeleton) {
  const Scratch scratch;
  std::string header = "clip,t", values;
  for (int j = 0; j < 9; ++j) {
    for (const char* axis : {"_x", "_y"}) {
      header += ",j" + std::to_string(j) + axis;
      values += "," + std::to_string(j) + ".5";
    }
  }
  std::string text = header + ",label\n";
  for (const char* row : {"a,0", "a,1", "b,0", "b,1"}) text += row + values + (row[0] == 'a' ? ",up\n" : ",down\n");
  const DataFile file = scratch.put("a.csv", text);
  const ClipSet clips = read_clips(std::vector<DataFile>{file});
  EXPECT_EQ(clips.shape, (ClipShape{.kind = ClipKind::kSkeleton, .joints = 9, .dimensions = 2}));
  EXPECT_EQ(clips.size(), 2);
  EXPECT_EQ(read_clips(std::vector<DataFile>{file}, {.input = "sensors"}).shape.kind, ClipKind::kSensors);
}

TEST(ClipSet, EventsLabelFrames) {
  const Scratch scratch;
  const DataFile file = scratch.put("a.npy", npy_of("<f4", "(2, 10, 1)", f32_bytes(counting(20))));
  const auto events =
      scratch.put("events.csv", "clip,start,end,gesture\n1,2,4,wave\n1,9,12,clap\n7,1,2,wave\n2,1,1,wave\n");
  const ClipSet clips = read_clips(std::vector<DataFile>{file}, {.events_file = events});
  EXPECT_EQ(clips.set.step_classes, (std::vector<std::string>{"none", "wave", "clap"}));
  EXPECT_EQ(clips.set.sequences[0].step_labels, (std::vector<int32_t>{0, 1, 1, 1, 0, 0, 0, 0, 2, 2}));
  EXPECT_EQ(clips.set.sequences[1].step_labels[0], 1);
  ASSERT_EQ(clips.warnings.size(), 2u);
  EXPECT_NE(clips.warnings[0].find("1 event is of no clip that is there, the first '7'"), std::string::npos);
  EXPECT_NE(clips.warnings[1].find("1 event ends after the clip and is cut off"), std::string::npos);
  scratch.put("bad.csv", "clip,start,end,gesture\n1,4,2,wave\n");
  EXPECT_ERROR(read_clips(std::vector<DataFile>{file}, {.events_file = scratch / "bad.csv"}),
               "bad.csv:2: expected frames from 1 on, got 4 to 2");
  scratch.put("half.csv", "clip,start,end,gesture\n1,x,2,wave\n");
  EXPECT_ERROR(read_clips(std::vector<DataFile>{file}, {.events_file = scratch / "half.csv"}),
               "expected the number of a frame, got 'x'");
}

TEST(ClipSet, MayBeOnDisk) {
  const Scratch scratch;
  put_clip(scratch, "data/wave/a", {1, 2, 3});
  put_clip(scratch, "data/clap/b", {1, 2});
  ClipOptions options;
  options.series.memory_bytes = 64;
  const ClipSet stored = read_clips(std::vector<DataFile>{scratch / "data"}, options);
  const ClipSet held = read_clips(std::vector<DataFile>{scratch / "data"});
  EXPECT_FALSE(stored.set.in_memory());
  for (int64_t i = 0; i < held.size(); ++i) EXPECT_EQ(stored.set.load(i)->values, held.set.load(i)->values);
}

TEST(ClipShape, GoesThroughText) {
  const ClipShape shape{.kind = ClipKind::kSkeleton, .joints = 20, .dimensions = 3};
  EXPECT_EQ(ClipShape::from_text(shape.to_text()), shape);
  EXPECT_ERROR(
      ClipShape::from_text(R"({"kind":"skeleton","channels":0,"joints":-1,"dimensions":3,"height":0,"width":0})"),
      "expected the sizes of a frame");
  EXPECT_ERROR(ClipShape::from_text("[]"), "expected a JSON object");
}

TEST(Resized, IsTheMeanOfSmallerAndALineBetweenLarger) {
  const Image from{.height = 1, .width = 4, .values = {0, 1, 2, 3}};
  const Image half = resized(from, 1, 2);
  EXPECT_NEAR(half.values[0] + half.values[1], 3, 1e-5);
  EXPECT_LT(half.values[0], half.values[1]);
  const Image twice = resized(from, 2, 8);
  ASSERT_EQ(twice.values.size(), 16u);
  EXPECT_NEAR(twice.values[3], 1.25, 1e-5);
  EXPECT_FLOAT_EQ(twice.values[0], 0);
  EXPECT_FLOAT_EQ(resized(flat(7, 5, 0.3f), 3, 11).values[20], 0.3f);
}

}  // namespace
}  // namespace recur
