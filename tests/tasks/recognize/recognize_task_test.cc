#include "recur/tasks/recognize/recognize_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "recur/data/images/image.h"
#include "recur/tasks/recognize/recognize_training.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

std::unique_ptr<RecognizeTask> make(const std::vector<std::string>& overrides = {}) {
  auto task = std::make_unique<RecognizeTask>();
  Config config;
  task->declare(config);
  for (const char* each : {"hidden=12", "batch=8", "network=rnn", "augment=none"}) config.apply_override(each);
  for (const std::string& each : overrides) config.apply_override(each);
  return task;
}

// Skeletons of five joints whose last one moves up (0), down (1) or to the side (2); bodies stand and are as large as
// they like. [N, 10, 5, 2].
std::string moves(int count, uint64_t seed, bool labelled = true) {
  Random random(seed);
  std::vector<float> values;
  std::string labels;
  for (int n = 0; n < count; ++n) {
    const int kind = n % 3;
    labels += static_cast<char>(kind);
    const float size = 0.5f + random.uniform(), x = 3 * random.uniform(), y = 3 * random.uniform();
    for (int t = 0; t < 10; ++t) {
      const float way = 0.15f * static_cast<float>(t);
      for (int j = 0; j < 5; ++j) {
        const bool hand = j == 4;
        const float dx = static_cast<float>(j % 2) + (hand && kind == 2 ? way : 0);
        const float dy = static_cast<float>(j) / 2 + (hand && kind == 0 ? way : hand && kind == 1 ? -way : 0);
        values.push_back(x + size * (dx + 0.02f * random.normal()));
        values.push_back(y + size * (dy + 0.02f * random.normal()));
      }
    }
  }
  const std::string shape = fmt::format("({}, 10, 5, 2)", count);
  std::vector<std::pair<std::string, std::string>> arrays{{"x.npy", npy_of("<f4", shape, f32_bytes(values))}};
  if (labelled) arrays.emplace_back("y.npy", npy_of("|u1", fmt::format("({},)", count), labels));
  return zip_of(arrays, false);
}

TEST(RecognizeTask, EveryNetworkLearnsSkeletons) {
  const Scratch scratch;
  const DataFile train = scratch.put("train.npz", moves(36, 1)), test = scratch.put("test.npz", moves(30, 2));
  const std::vector<std::vector<std::string>> networks{
      {"network=rnn", "features=positions,distances", "pooling=attention"},
      {"network=lstm-fcn", "filters=8,8,8"},
      {"network=parts", "parts=1-2,3-4,5", "part_hidden=6", "conv=8"},
      {"network=parts", "parts=1,2,3,4,5", "part_hidden=4", "members=2", "scale=none"}};
  for (const std::vector<std::string>& network : networks) {
    const auto taught = teach(make(network), {.files = {train}}, 60);
    const Evaluation result = taught.trained().evaluate({test});
    EXPECT_EQ(result.examples, 30);
    EXPECT_GT(result.at("accuracy"), 0.9) << network[0];
    EXPECT_NEAR(result.at("macro_f1"), result.at("accuracy"), 0.1);
  }
}

TEST(RecognizeTask, SaysWhenNeighboursAreAsGood) {
  const Scratch scratch;
  const DataFile train = scratch.put("train.npz", moves(36, 1));
  const auto taught = teach(make(), {.files = {train}, .held_out = 0.3});
  const Evaluation result = taught.trained().evaluate({train});
  ASSERT_GE(result.tables.size(), 3u);
  EXPECT_NE(result.verdict.find("no better than"), std::string::npos);
  EXPECT_EQ(taught.training->baselines().methods.size(), 3u);
}

// Clips of noise, [N, T, F], with two labels in turn.
std::string noise(int count, int steps, int features) {
  Random random(1);
  std::string labels;
  std::vector<float> values;
  for (int n = 0; n < count; ++n) labels += static_cast<char>(n % 2);
  for (int i = 0; i < count * steps * features; ++i) values.push_back(random.normal());
  return zip_of({{"x.npy", npy_of("<f4", fmt::format("({}, {}, {})", count, steps, features), f32_bytes(values))},
                 {"y.npy", npy_of("|u1", fmt::format("({},)", count), labels)}},
                false);
}

TEST(RecognizeTask, SaysHowManyClipsTheNeighboursAreOf) {
  const Scratch scratch;
  const DataFile train = scratch.put("train.npz", noise(80, 64, 256));  // five times what is kept
  const auto taught = teach(make(), {.files = {train}, .held_out = 0.5});
  const BaselineResults baselines = taught.training->baselines();
  ASSERT_EQ(baselines.methods.size(), 3u);  // warping is not left out: it compares some 0.1e9 numbers
  EXPECT_EQ(baselines.methods[0].part, "");
  EXPECT_EQ(baselines.methods[1].part, "14 of 40 clips");
  EXPECT_EQ(baselines.methods[2].part, "14 of 40 clips");
}

TEST(RecognizeTask, OneClipIsAnArrayToo) {
  const Scratch scratch;
  const DataFile joints = scratch.put("a.npz", moves(6, 1)), sensors = scratch.put("b.npz", noise(6, 5, 4));
  const auto of_joints = teach(make(), {.files = {joints}}), of_sensors = teach(make(), {.files = {sensors}});
  const auto predicted = [&](const auto& taught, const char* shape, int64_t size) {
    Kept rows;
    const std::string bytes = f32_bytes(std::vector<float>(static_cast<size_t>(size), 0.5f));
    taught.trained().predict({scratch.put("one.npy", npy_of("<f4", shape, bytes))}, rows);
    return rows.rows().size();
  };
  EXPECT_EQ(predicted(of_joints, "(7, 5, 2)", 70), 1u);
  EXPECT_EQ(predicted(of_joints, "(7, 10)", 70), 1u);
  EXPECT_EQ(predicted(of_joints, "(3, 7, 5, 2)", 210), 3u);
  EXPECT_EQ(predicted(of_sensors, "(7, 4)", 28), 1u);
  EXPECT_EQ(predicted(of_sensors, "(3, 7, 4)", 84), 3u);
  EXPECT_ERROR(predicted(of_sensors, "(7, 3)", 21), "expected");
}

TEST(RecognizeTask, OfClipsHasNoOptionsOfFrames) {
  const Scratch scratch;
  const DataFile data = scratch.put("a.npz", moves(6, 1));
  const auto taught = teach(make({"bidirectional=false", "scale=none"}), {.files = {data}});
  Kept rows;
  EXPECT_ERROR(with_use(taught.trained(), {"rows=frames", "smooth=5"})->predict({data}, rows),
               "rows, smooth: options of labels of frames, got labels of clips");
  EXPECT_ERROR(with_use(taught.trained(), {"rate=10"})->evaluate({data}), "rate: an option of labels of frames");
  EXPECT_ERROR(with_use(taught.trained(), {"smooth=5"})->session(), "smooth: an option of labels of frames");
  EXPECT_ERROR(teach(make({"least_frames=2"}), {.files = {data}}), "least_frames: an option of labels of frames");
}

TEST(RecognizeTask, NamesAllThatKeepsItFromStreaming) {
  const Scratch scratch;
  const DataFile train = scratch.put("train.npz", moves(6, 1));
  const auto taught = teach(make({"bidirectional=true", "conv=8", "pooling=attention"}), {.files = {train}});
  EXPECT_ERROR(taught.trained().session(),
               "its layers are bidirectional (train with bidirectional=false); its convolutions along time look ahead "
               "(network=rnn and no conv); pooling=attention needs whole clips (pooling=last, mean or max); scale=clip "
               "needs all frames of a clip (scale=none)");
}

// A bright square that goes right or left, as folders of PGM files of two sizes.
void squares(const Scratch& scratch, const std::string& name, int count, uint64_t seed) {
  Random random(seed);
  for (int n = 0; n < count; ++n) {
    const bool right = n % 2 == 0;
    const int64_t side = n % 3 == 0 ? 12 : 24;
    const double top = 0.1 + 0.5 * random.uniform64();
    for (int t = 0; t < 4; ++t) {
      Image image{.height = side, .width = side, .values = std::vector<float>(static_cast<size_t>(side * side), 0.1f)};
      const double left = 0.1 + 0.18 * (right ? t : 3 - t);
      for (int64_t i = 0; i < side * side; ++i) {
        const double y = static_cast<double>(i / side) / static_cast<double>(side);
        const double x = static_cast<double>(i % side) / static_cast<double>(side);
        if (y >= top && y < top + 0.3 && x >= left && x < left + 0.3) image.values[static_cast<size_t>(i)] = 0.9f;
      }
      scratch.put(fmt::format("{}/{}/clip{}/{}.pgm", name, right ? "right" : "left", n, t + 1), pnm_bytes(image, 8));
    }
  }
}

TEST(RecognizeTask, LearnsFramesWhoseOrderCounts) {
  const Scratch scratch;
  squares(scratch, "train", 18, 1);
  squares(scratch, "test", 12, 2);
  const auto taught = teach(make({"frame_height=12", "frame_width=12", "frame_widths=6,8", "frame_blocks=0",
                                  "motion=true", "bidirectional=false", "pooling=last"}),
                            {.files = {scratch / "train"}}, 60);
  EXPECT_GT(taught.trained().evaluate({scratch / "test"}).at("accuracy"), 0.9);

  // Frames as they arrive: after the last one, what the whole clip gets.
  Kept whole, streamed;
  taught.trained().predict({scratch / "test/right"}, whole);
  const auto session = taught.trained().session();
  for (int t = 1; t <= 4; ++t) {
    const std::string path = (scratch / fmt::format("test/right/clip0/{}.pgm", t)).string();
    session->take({.line = t == 2 ? path + "\r" : path}, streamed);  // as lines of Windows end
  }
  ASSERT_EQ(streamed.rows().size(), 4u);
  EXPECT_EQ(streamed.names()[0], "frame");
  EXPECT_NEAR(streamed.numbers("p.right").back(), whole.numbers("p.right")[0], 1e-4);
  // One clip: a folder of its frames, and the same as an array.
  std::string pixels;
  for (int t = 1; t <= 4; ++t) {
    for (const float value : read_image(DataFile(scratch / fmt::format("test/right/clip0/{}.pgm", t))).values) {
      pixels += static_cast<char>(std::lround(255 * value));
    }
  }
  Kept folder, array;
  taught.trained().predict({scratch / "test/right/clip0"}, folder);
  taught.trained().predict({scratch.put("one.npy", npy_of("|u1", "(4, 12, 12, 1)", pixels))}, array);
  ASSERT_EQ(folder.rows().size(), 1u);
  ASSERT_EQ(array.rows().size(), 1u);
  EXPECT_EQ(folder.rows()[0][0], TableCell("clip0"));
  EXPECT_EQ(array.rows()[0][0], TableCell("one.npy"));
  EXPECT_EQ(folder.numbers("p.right"), std::vector{whole.numbers("p.right")[0]});
  EXPECT_NEAR(array.numbers("p.right")[0], whole.numbers("p.right")[0], 1e-3);

  session->take({.line = ""}, streamed);  // a clip begins
  session->take({.line = (scratch / "test/left/clip1/1.pgm").string()}, streamed);
  EXPECT_EQ(streamed.numbers("frame").back(), 1);
  EXPECT_ERROR(session->take({.line = "nowhere.png"}, streamed), "standard input:7: ");
  EXPECT_ERROR(session->take({.line = "P6 12 12 255"}, streamed), "set stream to pictures");

  // The pictures themselves, in pieces.
  std::string bytes;
  for (int t = 1; t <= 4; ++t) {
    bytes += pnm_bytes(read_image(DataFile(scratch / fmt::format("test/right/clip0/{}.pgm", t))), 8);
  }
  const auto pictures = with_use(taught.trained(), {"stream=pictures"});
  EXPECT_ERROR(pictures->evaluate({scratch / "test"}), "stream = pictures: only predict -");
  const auto arriving = pictures->session();
  ASSERT_TRUE(arriving->takes_bytes());
  Kept pieces;
  for (size_t at = 0; at < bytes.size(); at += 37)
    arriving->take({.line = std::string_view(bytes).substr(at, 37)}, pieces);
  arriving->finish(pieces);
  ASSERT_EQ(pieces.rows().size(), 4u);
  EXPECT_NEAR(pieces.numbers("p.right").back(), whole.numbers("p.right")[0], 1e-3);
}

// Recordings in which one channel is high while a gesture lasts, another while the other does.
std::string recordings(int count, uint64_t seed) {
  Random random(seed);
  std::string out = "id,t,x,y,label\n";
  for (int i = 0; i < count; ++i) {
    int64_t left = 0;
    int kind = 0;
    for (int t = 0; t < 120; ++t) {
      if (left-- <= 0) {
        kind = kind != 0 ? 0 : 1 + static_cast<int>(random.below(2));
        left = 8 + static_cast<int64_t>(random.below(12));
      }
      const char* names[] = {"none", "wave", "clap"};
      out += fmt::format("r{},{},{:.3f},{:.3f},{}\n", i, t, (kind == 1 ? 1 : 0) + 0.2 * random.normal(),
                         (kind == 2 ? 1 : 0) + 0.2 * random.normal(), names[kind]);
    }
  }
  return out;
}

TEST(RecognizeTask, SpotsEventsInStreams) {
  const Scratch scratch;
  const DataFile train = scratch.put("train.csv", recordings(12, 1)), test = scratch.put("test.csv", recordings(5, 2));
  const auto taught = teach(make({"bidirectional=false", "window=60", "dropout=0", "rate=10"}),
                            {.files = {train}, .held_out = 0.25}, 120);
  taught.training->validate();
  EXPECT_EQ(taught.options().data.labels, "frames");
  const Evaluation result = taught.trained().evaluate({test});
  EXPECT_EQ(result.examples, 600);
  EXPECT_GT(result.at("accuracy"), 0.85);
  EXPECT_GT(result.at("event_f1"), 0.8);
  EXPECT_GE(result.at("false_alarms_per_minute"), 0);

  Kept events, frames, streamed;
  taught.trained().predict({test}, events);
  EXPECT_EQ(events.names(), (std::vector<std::string>{"id", "start", "end", "label", "probability"}));
  EXPECT_NEAR(static_cast<double>(events.rows().size()), result.at("events"), 8);
  with_use(taught.trained(), {"rows=frames", "smooth=1"})->predict({test}, frames);
  EXPECT_EQ(frames.rows().size(), 600u);

  // As samples arrive, the same probabilities; the columns of the model by name.
  const auto alone = with_use(taught.trained(), {"smooth=1"});
  const auto session = alone->session();
  session->take({.line = "id,y,x"}, streamed);
  const std::string text = recordings(5, 2);
  size_t at = text.find('\n') + 1;
  for (int t = 0; t < 30; ++t) {
    std::vector<std::string> cells(1);
    for (; text[at] != '\n'; ++at) {
      if (text[at] == ',') {
        cells.emplace_back();
      } else {
        cells.back() += text[at];
      }
    }
    ++at;
    session->take({.line = cells[0] + "," + cells[3] + "," + cells[2]}, streamed);
  }
  ASSERT_EQ(streamed.rows().size(), 30u);
  for (size_t t = 0; t < 30; ++t) {
    EXPECT_NEAR(streamed.numbers("probability")[t], frames.numbers("probability")[t], 1e-4);
    EXPECT_EQ(std::get<std::string>(streamed.rows()[t][2]), std::get<std::string>(frames.rows()[t][2]));
  }
}

TEST(RecognizeTask, ComesBackFromItsFile) {
  const Scratch scratch;
  const DataFile clips = scratch.put("a.npz", moves(18, 1)), stream = scratch.put("b.csv", recordings(4, 1));
  squares(scratch, "frames", 8, 1);
  const auto check = [&](const DataFile& data, const std::vector<std::string>& options) {
    const auto taught = teach(make(options), {.files = {data}}, 2);
    taught.trained().save(scratch / "m.recur");
    const auto loaded = load_trained(scratch / "m.recur");
    EXPECT_EQ(loaded->evaluate({data}).at("loss"), taught.trained().evaluate({data}).at("loss"));
    EXPECT_FALSE(loaded->describe().empty());
  };
  check(clips, {"network=parts", "parts=1-2,3-5,4", "part_hidden=3"});
  check(stream, {"window=30", "network=lstm-fcn", "filters=4,4,4"});
  check(scratch / "frames", {"frame_widths=4", "frame_height=8", "frame_width=8"});
}

TEST(RecognizeTask, SaysWhatDoesNotFit) {
  const Scratch scratch;
  const DataFile clips = scratch.put("a.npz", moves(18, 1)), plain = scratch.put("b.npz", moves(6, 1, false));
  const DataFile stream = scratch.put("c.csv", recordings(3, 1));
  EXPECT_ERROR(make()->train({.files = {plain}}, {}), "no labels");
  EXPECT_ERROR(make({"labels=frames"})->train({.files = {clips}}, {}), "the labels are those of clips");
  EXPECT_ERROR(make({"network=parts"})->train({.files = {clips}}, {}), "5 joints has no usual parts");
  EXPECT_ERROR(make({"network=parts"})->train({.files = {stream}}, {}), "network = parts: expected skeletons");
  EXPECT_ERROR(make({"augment=mixup"})->train({.files = {stream}}, {}), "expected labels of clips");
  EXPECT_ERROR(make({"root=9"})->train({.files = {clips}}, {}), "root: expected a joint from 1 to 5");
  const auto taught = teach(make(), {.files = {clips}});
  EXPECT_ERROR(taught.trained().evaluate({stream}), "2 channels are no skeleton of 5 joints");
  EXPECT_ERROR(taught.trained().session(), "bidirectional");
  const auto forward = teach(make({"bidirectional=false"}), {.files = {clips}});
  EXPECT_ERROR(forward.trained().session(), "(scale=none)");
  Kept rows;
  taught.trained().predict({plain}, rows);
  EXPECT_EQ(rows.rows().size(), 6u);
}

TEST(RecognizeTask, ClipsOfOneFrameAreRead) {
  const Scratch scratch;
  std::string table = "id,t,x,label\n";
  for (int i = 0; i < 8; ++i) table += fmt::format("c{},0,{},{}\n", i, i % 2, i % 2 == 0 ? "low" : "high");
  const DataFile file = scratch.put("a.csv", table);
  const auto taught = teach(make({"layout=long", "labels=clips"}), {.files = {file}}, 30);
  EXPECT_EQ(taught.trained().evaluate({file}).at("accuracy"), 1);
}

}  // namespace
}  // namespace recur
