// From strokes of a pen to handwriting: a made hand of three letters, learnt in seconds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/data/strokes/writings.h"
#include "recur/tasks/synthesize/handwriting/writer_trained.h"
#include "recur/tasks/synthesize/synthesize_task.h"
#include "tests/support/logged.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// a goes up and down, b draws a box, c leans; each ends with a lift and goes on to the right.
const PenMoves& letter(char c) {
  static const PenMoves a{{1, -4, false}, {1, 4, false}, {1, 0, true}};
  static const PenMoves b{{0, -3, false}, {3, 0, false}, {0, 3, false}, {-3, 0, true}, {4, 0, true}};
  static const PenMoves other{{2, -1, false}, {2, -1, false}, {1, 2, true}};
  return c == 'a' ? a : c == 'b' ? b : other;
}

std::string writing(const std::string& text, Random& random) {
  PenMoves moves;
  for (const char c : text) {
    for (PenMove move : letter(c)) {
      move.x += 0.1f * random.normal();
      move.y += 0.1f * random.normal();
      moves.push_back(move);
    }
  }
  return "{\"text\": \"" + text + "\", \"strokes\": " + strokes_json(moves) + "}\n";
}

struct Drawn : Kept {
  void picture(const Picture& picture) override { svg = picture.bytes; }
  std::string svg;
};

class WriterTest : public ::testing::Test {
 protected:
  DataFile list(int count, uint64_t seed) const {
    Random random(seed);
    std::string lines;
    for (int i = 0; i < count; ++i) {
      std::string text;
      for (int n = 3 + static_cast<int>(random.below(4)); n > 0; --n) text += static_cast<char>('a' + random.below(3));
      lines += writing(text, random);
    }
    return scratch_.put(std::to_string(seed) + ".jsonl", lines);
  }
  static std::unique_ptr<SynthesizeTask> task(const std::vector<std::string>& more = {}) {
    auto out = std::make_unique<SynthesizeTask>();
    Config config;
    out->declare(config);
    for (const char* each :
         {"batch=16", "decoder_hidden=32", "decoder_layers=2", "dropout=0", "window_gaussians=2", "move_gaussians=3"}) {
      config.apply_override(each);
    }
    for (const std::string& each : more) config.apply_override(each);
    return out;
  }
  static Drawn write(const Trained& trained, const std::string& text, uint64_t seed = 1,
                     const std::vector<std::string>& use = {}) {
    Drawn out;
    with_use(trained, use)->generate({.prompt = text, .seed = seed}, out);
    return out;
  }

  Scratch scratch_;
};

// How far the pen is from where it begins, to the right.
double width(const PenMoves& moves) {
  double x = 0;
  for (const PenMove& move : moves) x += double{move.x};
  return x;
}

PenMoves moves_of(const Drawn& drawn) {
  const std::string line = "{\"text\": \"x\", \"strokes\": " + std::get<std::string>(drawn.rows().at(0).at(3)) + "}";
  const DataFile file = DataFile::from_memory("drawn.jsonl", line);
  return read_writings(std::span(&file, 1)).at(0).moves;
}

TEST_F(WriterTest, LearnsAHand) {
  const auto taught = teach(task(), {.files = {list(120, 1)}}, 260);
  const Trained& trained = taught.trained();
  const DataFile test = list(20, 2);
  const Evaluation result = trained.evaluate({test});
  EXPECT_EQ(result.examples, 20);
  EXPECT_EQ(result.verdict, "");  // better than a mixture that reads no text
  EXPECT_GT(result.at("loss_of_another_text"), result.at("loss") + 0.5);
  // Letters of five and of three moves, one after the other.
  const Drawn drawn = write(trained, "babb", 1, {"sharpness=2"});
  EXPECT_EQ(drawn.names(), (std::vector<std::string>{"text", "points", "ended", "strokes"}));
  EXPECT_EQ(std::get<std::string>(drawn.rows().at(0).at(2)), "window");
  const PenMoves moves = moves_of(drawn);
  EXPECT_NEAR(static_cast<double>(moves.size()), 18, 4);
  EXPECT_NEAR(width(moves), 13, 4);  // 15, or 11 where it ends at the last lift
  EXPECT_EQ(moves_of(write(trained, "babb", 1, {"sharpness=2"})).size(), moves.size());
}

TEST_F(WriterTest, IsUsedByItsOptions) {
  const auto taught = teach(task(), {.files = {list(12, 3)}}, 3);
  const Trained& trained = taught.trained();
  const Drawn drawn = write(trained, "ab\n\nca", 1, {"picture=a.svg"});
  EXPECT_EQ(drawn.rows().size(), 2u);
  EXPECT_TRUE(drawn.svg.starts_with("<svg"));
  EXPECT_NE(write(trained, "ab", 2).rows(), write(trained, "ab", 1).rows());
  EXPECT_ERROR(write(trained, ""), "a letter or digit that the model knows");
  EXPECT_ERROR(write(trained, "XYZ"), "a letter or digit that the model knows");
  EXPECT_ERROR(write(trained, "a", 1, {"speed=2"}), "speed");
  const auto path = scratch_ / "pen.recur";
  trained.save(path);
  const auto back = load_trained(path);
  EXPECT_EQ(write(*back, "abc").rows(), write(trained, "abc").rows());
  EXPECT_EQ(back->evaluate({list(4, 5)}).at("loss"), trained.evaluate({list(4, 5)}).at("loss"));
  Kept rows;
  back->predict({DataFile::from_memory("texts.txt", "ab\nc\n")}, rows);
  EXPECT_EQ(rows.rows().size(), 2u);
  // It goes on from there, and not to a speaker.
  const auto again = task()->train({.files = {list(12, 3)}}, {.seed = 1, .first = back.get()});
  again->module().load_state(back->module().state());
  EXPECT_EQ(write(again->trained(), "abc").rows(), write(trained, "abc").rows());
}

// What stands behind the end of a short writing or text in a batch is nothing.
TEST_F(WriterTest, ReadsEachOfABatchAsAlone) {
  const auto taught = teach(task({"batch=2"}), {.files = {list(8, 6)}}, 2);
  const auto& trained = dynamic_cast<const WriterTrained&>(taught.trained());
  SpeechGaps gaps;
  const DataFile file = list(8, 6);
  std::vector<EncodedWriting> all;
  for (const Writing& each : read_writings(std::span(&file, 1))) all.push_back(trained.encode(each, gaps));
  std::vector<WriterModel::Pair> pairs;
  for (const EncodedWriting& each : all) pairs.push_back({&each.symbols, &each.moves});
  const Tensor together = trained.network().losses(pairs, Mode::evaluation());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Tensor alone = trained.network().losses(std::span(pairs).subspan(i, 1), Mode::evaluation());
    EXPECT_NEAR(together.values<float>()[i], alone.item(), 1e-3);
  }
}

TEST_F(WriterTest, RefusesWhatItCannotLearn) {
  const auto train = [&](const std::string& lines, const std::vector<std::string>& more = {}) {
    return teach(task(more), {.files = {DataFile::from_memory("pen.jsonl", lines)}});
  };
  EXPECT_ERROR(train(R"({"text": "a", "strokes": [[0, 0, 0], [0, 0, 1]]})"),
               "pen.jsonl:1: strokes: expected a pen that moves");
  EXPECT_ERROR(train(R"({"text": "..", "strokes": [[1, 0, 0], [0, 1, 1]]})", {"coordinates=moves"}), "letter or digit");
  const std::string good = R"({"text": "a", "strokes": [[1, 0, 0], [0, 1, 1], [0, 1, 1]]})";
  EXPECT_ERROR(train(good, {"coordinates=moves", "most_points=2"}), "no writing is left to learn from");
  EXPECT_ERROR(train(good, {"tokens=phonemes"}), "learnt from characters");
  EXPECT_ERROR(train(good), "coordinates: are the numbers of the strokes moves from point to point, or the points?");
}

TEST_F(WriterTest, ChoosesWhatTheNumbersAre) {
  const DataFile moves = list(6, 7);
  std::vector<Writing> writings = read_writings(std::span(&moves, 1));
  std::string lines;
  for (const Writing& each : writings) {
    lines += "{\"text\": \"" + each.text + "\", \"strokes\": " + strokes_json(each.moves, true) + "}\n";
  }
  const DataFile points = DataFile::from_memory("points.jsonl", lines);
  const Logged logged;
  const auto of_moves = teach(task(), {.files = {moves}}), of_points = teach(task(), {.files = {points}});
  EXPECT_EQ(of_moves.options().handwriting.coordinates, "moves");
  EXPECT_EQ(of_points.options().handwriting.coordinates, "points");
  EXPECT_THAT(logged.notes, Contains("strokes: moves from point to point; set coordinates to change this"));
  EXPECT_THAT(logged.notes, Contains("strokes: points; set coordinates to change this"));
  EXPECT_THAT(logged.warnings, IsEmpty());
  // A model knows what its strokes are, and says where those of other data look different.
  const auto path = scratch_ / "points.recur";
  of_points.trained().save(path);
  load_trained(path)->evaluate({moves});
  EXPECT_THAT(logged.warnings, ElementsAre(HasSubstr("look like moves from point to point, but are read as points")));
}

TEST_F(WriterTest, RefusesOptionsOfTheOtherKind) {
  const DataFile pen = list(6, 8);
  EXPECT_ERROR(
      teach(task({"select=mel_distance", "hop_ms=10", "hidden=64", "speed=2", "text_column=text"}), {.files = {pen}}),
      "text_column, hop_ms, hidden, select, speed: options of speech, and the data are strokes of a pen");
  const DataFile sounds = DataFile::from_memory("list.tsv", "a.wav\ta\n");
  EXPECT_ERROR(teach(task({"sharpness=2"}), {.files = {sounds}}),
               "window_gaussians, move_gaussians, sharpness: options of handwriting, and the data are sounds");
  // What a model holds is not asked again.
  const auto taught = teach(task({"cell=gru"}), {.files = {pen}});
  SynthesizeOptions options = taught.options();
  options.vocoder.hidden = 7;
  Random random(1);
  const auto path = scratch_ / "odd.recur";
  WriterTrained(options, dynamic_cast<const WriterTrained&>(taught.trained()).knowledge(), random).save(path);
  const auto back = load_trained(path);
  const auto again = task({"cell=gru", "vocoder_hidden=7"});
  EXPECT_NO_THROW(again->train({.files = {pen}}, {.seed = 1, .first = back.get()}));
}

TEST_F(WriterTest, LeavesOutTextsLongerThanTheirStrokes) {
  Random random(9);
  const std::string lines = writing("abcab", random) + writing("cabb", random) +
                            "{\"text\": \"aaaaaaa\", \"strokes\": [[1, 1, 0], [1, -1, 0], [2, 1, 0], [0, 1, 1]]}\n";
  const Logged logged;
  teach(task(), {.files = {DataFile::from_memory("pen.jsonl", lines)}});
  EXPECT_THAT(logged.warnings,
              ElementsAre("1 of 3 writings have more characters than points and are left out: pen.jsonl:3"));
}

TEST_F(WriterTest, SaysWhatItCannotWrite) {
  const auto taught = teach(task(), {.files = {list(12, 10)}}, 1);  // texts of 3 to 6 letters
  const Logged logged;
  const Drawn drawn = write(taught.trained(), "ab\n" + std::string(30, 'a') + "\naXbYX");
  EXPECT_THAT(
      logged.warnings,
      Contains("1 text has more than 4 times as many characters as the longest of training, 6, and may go wrong: "
               "prompt:2 (30)"));
  EXPECT_THAT(logged.warnings, Contains("3 characters of the texts are not in the vocabulary of the model, and left "
                                        "out: prompt:3 (X, Y)"));
  EXPECT_EQ(std::get<std::string>(drawn.rows().at(2).at(0)), "aXbYX");  // as it was given
  EXPECT_ERROR(write(taught.trained(), "a\n" + std::string(10001, 'b')),
               "prompt:2: expected a text of at most 10000 characters, got 10001");
}

}  // namespace
}  // namespace recur
