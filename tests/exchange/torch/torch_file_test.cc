#include "recur/exchange/torch/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/zip_of.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::torch {
namespace {

using namespace recur::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string text(const std::string& value) { return "X" + little(value.size(), 4) + value; }
std::string integer(int64_t value) { return "J" + little(static_cast<uint64_t>(value), 4); }
std::string pair(int64_t a, int64_t b) { return integer(a) + integer(b) + "\x86"; }

struct Written {
  std::string storage = "FloatStorage", key = "0";
  int64_t stored = 6, offset = 0;
  std::string shape = pair(2, 3), strides = pair(3, 1);
};

// {"w": tensor}
std::string pickle_of(const Written& w) {
  return "\x80\x02}(" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" + w.storage +
         "\n" + text(w.key) + text("cpu") + integer(w.stored) + "tQ" + integer(w.offset) + w.shape + w.strides +
         "\x89}tRu.";
}

std::string numbers(std::initializer_list<float> values) {
  std::string out;
  for (const float value : values) out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  return out;
}

NamedTensors read(const std::vector<std::pair<std::string, std::string>>& members, bool deflate = false) {
  const auto file = DataFile::from_memory("m.pt", zip_of(members, deflate));
  const auto zip = raw_zip_members(file, 1 << 20);
  if (!is_torch_archive(zip)) fail("no archive of torch");
  return read_state_dict("m.pt", zip, "");
}
NamedTensors read(const Written& written) {
  return read({{"m/data.pkl", pickle_of(written)}, {"m/data/0", numbers({1, 2, 3, 4, 5, 6})}});
}
std::string error_of_written(const Written& written) {
  return message_of([&] { read(written); });
}

TEST(TorchFile, ReadsTensorsWithOffsetsAndStrides) {
  EXPECT_THAT(read(Written{})[0].value.values<float>(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(read({.shape = pair(3, 2), .strides = pair(1, 3)})[0].value.values<float>(),
              ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(read({.offset = 1, .shape = pair(1, 2), .strides = pair(9, 4)})[0].value.values<float>(),
              ElementsAre(2, 6));
}

TEST(TorchFile, ReadsDeflatedMembersAndNumbersThatLookCompressed) {
  const std::string bytes = std::string("\x1F\x8B\x08\x00", 4) + numbers({2, 3, 4, 5, 6});
  for (const bool deflate : {false, true}) {
    const NamedTensors tensors = read({{"m/data.pkl", pickle_of({})}, {"m/data/0", bytes}}, deflate);
    EXPECT_EQ(tensors[0].value.data<float>()[5], 6);
  }
}

TEST(TorchFile, RefusesTensorsThatReachOutOfTheirStorage) {
  EXPECT_THAT(error_of_written({.offset = 1}),
              HasSubstr("m.pt: w: shape [2, 3] with strides [3, 1] from element 1 does not lie"));
  EXPECT_THAT(error_of_written({.strides = pair(4, 1)}), HasSubstr("does not lie within"));
  EXPECT_THAT(error_of_written({.offset = -1}), HasSubstr("does not lie within"));
  EXPECT_THAT(error_of_written({.shape = pair(1 << 30, 1 << 30), .strides = pair(0, 0)}),
              HasSubstr("does not lie within"));
  EXPECT_THAT(error_of_written({.stored = 7}), HasSubstr("has 24 bytes, expected 7 numbers of 4"));
  EXPECT_THAT(error_of_written({.key = "1"}), HasSubstr("its storage data/1 is missing"));
  EXPECT_THAT(error_of_written({.storage = "ComplexFloatStorage"}),
              HasSubstr("numbers of a ComplexFloatStorage are not read"));
  EXPECT_THAT(error_of_written({.shape = "N"}), HasSubstr("expected a tuple of sizes"));
}

TEST(TorchFile, RefusesOtherArchives) {
  const auto refused = [](const std::vector<std::pair<std::string, std::string>>& members) {
    return message_of([&] { read(members); });
  };
  EXPECT_THAT(refused({{"m/data.pkl", pickle_of({})}, {"m/constants.pkl", ""}}), HasSubstr("TorchScript"));
  EXPECT_THAT(refused({{"m/data.pkl", pickle_of({})}, {"m/byteorder", "big"}}), HasSubstr("byte order"));
  EXPECT_THAT(refused({{"m/data.pkl", "\x80\x02K\1."}}), HasSubstr("expected a state dict"));
  EXPECT_THAT(refused({{"m/data.pkl", "a"}, {"m/data.pkl", "b"}}), HasSubstr("two members of the archive"));
}

}  // namespace
}  // namespace recur::torch
