#include "recur/io/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "recur/io/sealed_file.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;
using testing::read_bytes;
using testing::Scratch;
using testing::write_bytes;

TEST(Checkpoint, GivesBackEveryValueToTheBit) {
  const Scratch scratch;
  using Limits = std::numeric_limits<double>;
  std::vector<double> reals = {0.0,
                               -0.0,
                               0.1,
                               Limits::max(),
                               Limits::denorm_min(),
                               Limits::infinity(),
                               -Limits::infinity(),
                               std::nan(""),
                               std::bit_cast<double>(0xFFF0000000000001)};
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000; ++i) reals.push_back(std::bit_cast<double>(random()));
  const std::vector<std::uint64_t> words = {0, 1, std::numeric_limits<std::uint64_t>::max(), std::uint64_t{1} << 63};
  const std::vector<float> weight = {1, -2, 3.5f};

  StateWriter writer;
  writer.tensor({"lstm.weight", "F32", {3}, std::as_bytes(std::span(weight))});
  writer.integer("step", std::numeric_limits<std::int64_t>::min());
  writer.integer("largest", std::numeric_limits<std::int64_t>::max());
  writer.real("best", 1.0);
  writer.real("worst", std::nan(""));
  writer.text("config", "a = \"b\"\n\xE2\x82\xAC\x7F");
  writer.words("random", words);
  writer.reals("history", reals);
  writer.words("no words", {});
  writer.reals("no reals", {});
  writer.save(scratch / "last.ckpt");

  const StateReader reader = StateReader::open(scratch / "last.ckpt");
  EXPECT_EQ(reader.integer("step"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(reader.integer("largest"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(reader.real("best"), 1.0);
  EXPECT_TRUE(std::isnan(reader.real("worst")));
  EXPECT_EQ(reader.text("config"), "a = \"b\"\n\xE2\x82\xAC\x7F");
  EXPECT_EQ(reader.words("random"), words);
  EXPECT_TRUE(reader.words("no words").empty());
  EXPECT_TRUE(reader.reals("no reals").empty());
  const std::vector<double> got = reader.reals("history");
  ASSERT_EQ(got.size(), reals.size());
  EXPECT_EQ(std::memcmp(got.data(), reals.data(), reals.size() * sizeof(double)), 0);
  EXPECT_EQ(std::memcmp(reader.tensor("lstm.weight").data.data(), weight.data(), 12), 0);
  EXPECT_TRUE(reader.has("step"));
  EXPECT_FALSE(reader.has("epoch"));
}

TEST(Checkpoint, TheSameStateGivesTheSameBytes) {
  const Scratch scratch;
  for (const char* name : {"a", "b"}) {
    StateWriter writer;
    writer.real("rate", 0.1);
    writer.integer("step", 3);
    writer.save(scratch / name);
  }
  EXPECT_EQ(read_bytes(scratch / "a"), read_bytes(scratch / "b"));
}

TEST(Checkpoint, MissingAndOtherValuesAreNamed) {
  const Scratch scratch;
  StateWriter writer;
  writer.integer("step", 3);
  writer.text("name", "adam");
  writer.real("rate", 0.5);
  writer.save(scratch / "last.ckpt");
  const StateReader reader = StateReader::open(scratch / "last.ckpt");
  EXPECT_THAT(message_of([&] { reader.integer("stap"); }),
              AllOf(HasSubstr("last.ckpt: state \"stap\": expected an integer"), HasSubstr("did you mean 'step'?")));
  EXPECT_THAT(message_of([&] { reader.integer("name"); }), HasSubstr("expected an integer, got \"adam\""));
  EXPECT_THAT(message_of([&] { reader.integer("rate"); }), HasSubstr("expected an integer, got 0.5"));
  EXPECT_THAT(message_of([&] { reader.real("step"); }), HasSubstr("expected a real number, got 3"));
  EXPECT_THAT(message_of([&] { reader.text("step"); }), HasSubstr("expected a text, got 3"));
  EXPECT_THAT(message_of([&] { reader.words("step"); }), HasSubstr("expected unsigned integers, got 3"));
  EXPECT_THAT(message_of([&] { reader.reals("step"); }), HasSubstr("expected real numbers, got 3"));
  EXPECT_THAT(message_of([&] { reader.tensor("w"); }), HasSubstr("expected a tensor \"w\""));
}

TEST(Checkpoint, ValuesMadeUpWithAFittingChecksumAreStillChecked) {
  const Scratch scratch;
  write_sealed(scratch / "c", "checkpoint", {},
               {{"deep", std::string(1'000'000, '[')},
                {"nested", "[[[1]]]"},
                {"large", "9223372036854775808"},
                {"negative", "[-1]"},
                {"bits", "{\"bits\":-1}"},
                {"cut", "{\"bits\""},
                {"endless", "1e999"}});
  const StateReader reader = StateReader::open(scratch / "c");
  for (const char* key : {"deep", "nested", "large", "negative", "bits", "cut", "endless"}) {
    EXPECT_NE(message_of([&] { reader.integer(key); }), "") << key;
    EXPECT_NE(message_of([&] { reader.real(key); }), "") << key;
    EXPECT_NE(message_of([&] { reader.text(key); }), "") << key;
    EXPECT_NE(message_of([&] { reader.words(key); }), "") << key;
    EXPECT_NE(message_of([&] { reader.reals(key); }), "") << key;
  }
}

TEST(Checkpoint, RefusesNamesThatAreTakenOrReservedAndTextThatIsNotUtf8) {
  StateWriter writer;
  writer.integer("step", 1);
  EXPECT_THAT(message_of([&] { writer.real("step", 1); }), HasSubstr("\"step\": the name is already used"));
  EXPECT_THAT(message_of([&] { writer.text("recur.kind", "x"); }), HasSubstr("reserved"));
  EXPECT_THAT(message_of([&] { writer.text("t", "\xFF"); }), HasSubstr("\"t\": expected UTF-8"));
}

TEST(Checkpoint, TheOldOneStaysWhenTheNewOneCannotBeWritten) {
  const Scratch scratch;
  StateWriter old;
  old.integer("step", 1);
  old.save(scratch / "last.ckpt");
  StateWriter broken;
  broken.integer("step", 2);
  broken.tensor({"w", "F32", {100}, {}});
  EXPECT_THAT(message_of([&] { broken.save(scratch / "last.ckpt"); }), HasSubstr("\"w\""));
  EXPECT_EQ(StateReader::open(scratch / "last.ckpt").integer("step"), 1);
}

TEST(Checkpoint, DamageInEachRegionIsRefused) {
  const Scratch scratch;
  const std::string data(64, '\x42');
  StateWriter writer;
  writer.tensor({"w", "U8", {64}, std::as_bytes(std::span(data))});
  writer.real("loss", 1.25);
  writer.words("random", std::vector<std::uint64_t>{7, 8});
  writer.save(scratch / "c");
  const std::string file = read_bytes(scratch / "c");
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const int flip : {0x01, 0x20}) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      write_bytes(scratch / "d", damaged);
      EXPECT_NE(message_of([&] { StateReader::open(scratch / "d"); }), "") << "byte " << i << " flip " << flip;
    }
    write_bytes(scratch / "d", file.substr(0, i));
    EXPECT_NE(message_of([&] { StateReader::open(scratch / "d"); }), "") << i;
  }
  write_bytes(scratch / "d", file + "x");
  EXPECT_NE(message_of([&] { StateReader::open(scratch / "d"); }), "");
}

}  // namespace
}  // namespace recur
