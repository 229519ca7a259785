#include "recur/io/sealed_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::read_bytes;
using testing::Scratch;
using testing::write_bytes;

const std::string kData = "\1\2\3\4";
const std::vector<TensorView> kTensors = {{"w", "U8", {4}, std::as_bytes(std::span(kData))}, {"e", "F32", {0}, {}}};

TEST(SealedFile, OpensAsWhatItIs) {
  const Scratch scratch;
  write_sealed(scratch / "m", "model", kTensors, {{"task", "lm"}});
  const SafetensorsFile file = open_sealed(scratch / "m", "model");
  EXPECT_EQ(file.metadata().find("task")->second, "lm");
  EXPECT_EQ(file.metadata().find("recur.version")->second, "1");
  EXPECT_EQ(file.at("w").data.size(), 4u);
  EXPECT_EQ(SafetensorsFile::open(scratch / "m").tensors().size(), 2u);
}

TEST(SealedFile, RefusesOtherKindsVersionsAndOrigins) {
  const Scratch scratch;
  write_sealed(scratch / "m", "model", kTensors, {});
  EXPECT_THAT(message_of([&] { open_sealed(scratch / "m", "checkpoint"); }),
              HasSubstr("expected a checkpoint of Recur, got a safetensors file of kind \"model\""));
  write_safetensors(scratch / "m", kTensors, {{"format", "pt"}});
  EXPECT_THAT(message_of([&] { open_sealed(scratch / "m", "model"); }), HasSubstr("another origin"));
  write_safetensors(scratch / "m", kTensors, {{"recur.kind", "model"}, {"recur.version", "2"}});
  EXPECT_THAT(message_of([&] { open_sealed(scratch / "m", "model"); }), HasSubstr("expected version 1"));
  write_safetensors(scratch / "m", kTensors, {{"recur.kind", "model"}, {"recur.version", "1"}});
  EXPECT_THAT(message_of([&] { open_sealed(scratch / "m", "model"); }), HasSubstr("damaged: expected checksum "));
}

TEST(SealedFile, RefusesEveryFlippedBitAndEveryTruncation) {
  const Scratch scratch;
  write_sealed(scratch / "m", "model", kTensors, {{"task", "lm"}, {"config", "hidden = 8\n"}});
  const std::string file = read_bytes(scratch / "m");
  const auto refused = [&](const std::string& bytes) {
    const auto check = [&] { check_seal(SafetensorsFile::parse(std::as_bytes(std::span(bytes)), "m"), "model"); };
    return !message_of(check).empty();
  };
  ASSERT_FALSE(refused(file));
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_TRUE(refused(damaged)) << "byte " << i << " bit " << bit;
    }
    EXPECT_TRUE(refused(file.substr(0, i))) << i;
  }
}

TEST(SealedFile, ExchangedTensorsOfTheSameSizeAreFound) {
  const Scratch scratch;
  const std::string a = "aaaa", b = "bbbb";
  write_sealed(scratch / "m", "model",
               std::vector<TensorView>{{"a", "U8", {4}, std::as_bytes(std::span(a))},
                                       {"b", "U8", {4}, std::as_bytes(std::span(b))}},
               {});
  std::string bytes = read_bytes(scratch / "m");
  bytes.replace(bytes.size() - 8, 8, "bbbbaaaa");
  write_bytes(scratch / "m", bytes);
  EXPECT_THAT(message_of([&] { open_sealed(scratch / "m", "model"); }), HasSubstr("the file is damaged"));
}

}  // namespace
}  // namespace recur
