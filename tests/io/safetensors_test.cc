#include "recur/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "recur/io/little_endian.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;
using testing::read_bytes;
using testing::Scratch;
using testing::write_bytes;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// A file of this header and this many bytes of data.
std::string file_of(const std::string& json, std::size_t data_bytes) {
  std::string out;
  append_little_endian(out, std::uint64_t{json.size()});
  out += json;
  out.append(data_bytes, '\1');
  return out;
}

std::string error_of(const std::string& file) {
  return message_of([&] { SafetensorsFile::parse(bytes_of(file), "m.recur"); });
}

std::string error_of(const std::string& json, std::size_t data_bytes) { return error_of(file_of(json, data_bytes)); }

TEST(Safetensors, GivesBackWhatWasWritten) {
  const Scratch scratch;
  const std::vector<float> weight = {1.5f, -0.0f, std::numeric_limits<float>::infinity(), 1e-45f, 2, 3};
  const std::vector<std::int64_t> count = {std::numeric_limits<std::int64_t>::min()};
  const std::vector<TensorView> tensors = {
      {"lstm.weight_ih_l0", "F32", {2, 3}, std::as_bytes(std::span(weight))},
      {"zeros \"quoted\" \xC3\xA9", "BF16", {4, 0, 5}, {}},
      {"count", "I64", {}, std::as_bytes(std::span(count))},
  };
  write_safetensors(scratch / "m.recur", tensors, {{"task", "lm"}, {"config", "hidden = 128\n# \xE2\x82\xAC"}});

  const SafetensorsFile file = SafetensorsFile::open(scratch / "m.recur");
  EXPECT_EQ(file.metadata().size(), 2u);
  EXPECT_EQ(file.metadata().find("task")->second, "lm");
  EXPECT_EQ(file.metadata().find("config")->second, "hidden = 128\n# \xE2\x82\xAC");
  ASSERT_EQ(file.tensors().size(), tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& got = file.tensors()[i];
    EXPECT_EQ(got.name, tensors[i].name);
    EXPECT_EQ(got.dtype, tensors[i].dtype);
    EXPECT_EQ(got.shape, tensors[i].shape);
    ASSERT_EQ(got.data.size(), tensors[i].data.size());
    EXPECT_TRUE(got.data.empty() || std::memcmp(got.data.data(), tensors[i].data.data(), got.data.size()) == 0);
    EXPECT_EQ(file.find(got.name), &got);
  }
  EXPECT_EQ(file.find("absent"), nullptr);
  EXPECT_THAT(message_of([&] { file.at("lstm.weight_ih_l1"); }),
              AllOf(HasSubstr("m.recur"), HasSubstr("did you mean 'lstm.weight_ih_l0'?")));
}

TEST(Safetensors, WritesTheBytesTheFormatAsksFor) {
  const Scratch scratch;
  const std::string data = "\1\2";
  write_safetensors(scratch / "a", std::vector<TensorView>{{"x", "U8", {2}, bytes_of(data)}}, {{"k", "v"}});
  std::string json = R"({"__metadata__":{"k":"v"},"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  json.resize((json.size() + 7) / 8 * 8, ' ');
  std::string expected;
  append_little_endian(expected, std::uint64_t{json.size()});
  EXPECT_EQ(read_bytes(scratch / "a"), expected + json + data);
}

TEST(Safetensors, WritesAndReadsAFileWithoutTensors) {
  const Scratch scratch;
  write_safetensors(scratch / "a", {});
  EXPECT_EQ(read_bytes(scratch / "a"), std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
  EXPECT_TRUE(SafetensorsFile::open(scratch / "a").tensors().empty());
}

TEST(Safetensors, ReadsTensorsWhoseHeaderOrderIsNotTheirDataOrder) {
  const std::string file = file_of(
      R"({"b":{"data_offsets":[4,8],"dtype":"I32","shape":[1]},"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})",
      8);
  const SafetensorsFile read = SafetensorsFile::parse(bytes_of(file), "f");
  EXPECT_EQ(read.tensors()[0].name, "b");
  EXPECT_EQ(read.at("b").data.data() - read.at("a").data.data(), 4);
}

TEST(Safetensors, CopiesOutliveTheFileTheyCameFrom) {
  const Scratch scratch;
  const std::string data(1000, 'x');
  write_safetensors(scratch / "a", std::vector<TensorView>{{"x", "U8", {1000}, bytes_of(data)}});
  SafetensorsFile copy;
  {
    const SafetensorsFile file = SafetensorsFile::open(scratch / "a");
    copy = file;
  }
  EXPECT_EQ(std::memcmp(copy.at("x").data.data(), data.data(), data.size()), 0);
}

TEST(Safetensors, RefusesToWriteWhatCouldNotBeRead) {
  const Scratch scratch;
  const std::string data(8, 'x');
  const auto write = [&](std::vector<TensorView> tensors) {
    const std::string message = message_of([&] { write_safetensors(scratch / "a", tensors); });
    EXPECT_FALSE(std::filesystem::exists(scratch / "a"));
    return message;
  };
  EXPECT_THAT(write({{"x", "F32", {3}, bytes_of(data)}}), HasSubstr("\"x\": F32 of shape [3] takes 12 bytes, got 8"));
  EXPECT_THAT(write({{"x", "F32", {-2, -1}, bytes_of(data)}}), HasSubstr("negative size in shape [-2, -1]"));
  EXPECT_THAT(write({{"x", "float", {2}, bytes_of(data)}}), HasSubstr("unknown dtype \"float\""));
  EXPECT_THAT(write({{"x", "U8", {8}, bytes_of(data)}, {"x", "U8", {8}, bytes_of(data)}}), HasSubstr("is repeated"));
  EXPECT_THAT(write({{"__metadata__", "U8", {8}, bytes_of(data)}}), HasSubstr("reserved"));
  EXPECT_THAT(write({{"\xFF", "U8", {8}, bytes_of(data)}}), HasSubstr("UTF-8"));
}

TEST(Safetensors, RefusesALengthThatTheFileDoesNotHold) {
  EXPECT_THAT(error_of(""),
              HasSubstr("m.recur: this is not a model or other safetensors file: expected at least 8 bytes, got 0"));
  EXPECT_THAT(error_of(std::string(7, '\0')), HasSubstr("got 7"));
  std::string file = file_of("{}", 0);
  file[0] = 3;
  EXPECT_THAT(error_of(file), HasSubstr("a header of 3 bytes, but only 2"));
  file[7] = '\x80';
  EXPECT_THAT(error_of(file), HasSubstr("its header would have more than 100000000 bytes"));
  EXPECT_THAT(error_of(std::string(8, '\0')), HasSubstr("does not begin with '{'"));
}

TEST(Safetensors, RefusesAHeaderThatIsNotTheFormats) {
  EXPECT_THAT(error_of("{\"a\":", 0), HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(error_of("{}x", 0), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(std::string("{}\0x", 4), 0), HasSubstr("zero byte"));
  EXPECT_THAT(error_of("\xEF\xBB\xBF{}", 0), HasSubstr("begin with '{'"));
  EXPECT_THAT(error_of(" {}", 0), HasSubstr("begin with '{'"));
  EXPECT_THAT(error_of(R"({"a":3})", 0), HasSubstr("\"a\": expected an object, got a number"));
  EXPECT_THAT(error_of(R"({"a":[]})", 0), HasSubstr("\"a\": expected an object, got an array"));
  EXPECT_THAT(error_of(R"({"__metadata__":{"k":1}})", 0), HasSubstr("metadata \"k\": expected a string"));
  EXPECT_THAT(error_of(R"({"__metadata__":{"k":{}}})", 0), HasSubstr("metadata \"k\": expected a string"));
  EXPECT_THAT(error_of(R"({"__metadata__":{"k":"","k":""}})", 0), HasSubstr("\"k\" is there twice"));
  EXPECT_THAT(error_of(R"({"__metadata__":{},"__metadata__":{}})", 0), HasSubstr("is there twice"));
  EXPECT_THAT(error_of("{\"\xFF\":{}}", 0), HasSubstr("not valid JSON"));
}

TEST(Safetensors, RefusesEntriesThatAreIncompleteOrOfOtherTypes) {
  const auto entry = [](const std::string& fields) { return error_of("{\"w\":{" + fields + "}}", 0); };
  EXPECT_THAT(entry(R"("dtype":"F32","shape":[0])"), HasSubstr("tensor \"w\": expected dtype, shape and data_offsets"));
  EXPECT_THAT(entry(R"("dtype":"F32","dtype":"F32")"), HasSubstr("dtype is there twice"));
  EXPECT_THAT(entry(R"("stride":[1])"), HasSubstr("got \"stride\""));
  EXPECT_THAT(entry(R"("dtype":32)"), HasSubstr("dtype: expected a string, got a number"));
  EXPECT_THAT(entry(R"("shape":"2")"), HasSubstr("shape: expected an array, got a string"));
  EXPECT_THAT(entry(R"("shape":[-1])"), HasSubstr("shape: expected a size from 0 to 2^63 - 1, got a negative number"));
  EXPECT_THAT(entry(R"("shape":[1.0])"), HasSubstr("got a fraction"));
  EXPECT_THAT(entry(R"("shape":[9223372036854775808])"), HasSubstr("too large"));
  EXPECT_THAT(entry(R"("shape":[99999999999999999999])"), HasSubstr("too large"));
  EXPECT_THAT(entry(R"("shape":[[1]])"), HasSubstr("got an array"));
  EXPECT_THAT(entry(R"("shape":[null])"), HasSubstr("got null"));
  EXPECT_THAT(entry(R"("shape":[true])"), HasSubstr("got a boolean"));
  EXPECT_THAT(entry(R"("data_offsets":[0])"), HasSubstr("expected 2 data_offsets, got 1"));
  EXPECT_THAT(entry(R"("data_offsets":[0,0,0])"), HasSubstr("expected 2 data_offsets, got 3"));
  EXPECT_THAT(entry(R"("data_offsets":[0,0,0,0])"), HasSubstr("expected 2 byte offsets"));
  EXPECT_THAT(entry(R"("data_offsets":[-1,0])"), HasSubstr("expected 2 byte offsets, got a negative number"));
}

TEST(Safetensors, RefusesSizesAndOffsetsThatDoNotFit) {
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return error_of(R"({"w":{"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}}",
                    8);
  };
  EXPECT_EQ(entry("F32", "2", "0,8"), "");
  EXPECT_THAT(entry("F31", "2", "0,8"), HasSubstr("tensor \"w\": unknown dtype \"F31\""));
  EXPECT_THAT(entry("F64", "2", "0,8"), HasSubstr("F64 of shape [2] takes 16 bytes, got 8"));
  EXPECT_THAT(entry("F32", "2", "0,9"), HasSubstr("within the 8 bytes of data, got [0, 9]"));
  EXPECT_THAT(entry("F32", "2", "8,0"), HasSubstr("got [8, 0]"));
  EXPECT_THAT(entry("F32", "2", "18446744073709551608,8"), HasSubstr("within the 8 bytes"));
  EXPECT_THAT(entry("F32", "1", "4,8"), HasSubstr("begin at byte 0, got 4: the data has a gap"));
  EXPECT_THAT(entry("F32", "1", "0,4"), HasSubstr("the tensors take 4 bytes, the file holds 8"));
  EXPECT_THAT(entry("F32", "4611686018427387904,4", "0,8"), HasSubstr("too many elements"));
  EXPECT_THAT(entry("U8", "0,4611686018427387904,4", "0,0"), HasSubstr("too many elements"));
}

TEST(Safetensors, RefusesOverlapGapsAndRestOfData) {
  const auto two = [](const std::string& first, const std::string& second, std::size_t data_bytes) {
    return error_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[)" + first +
                        R"(]},"b":{"dtype":"U8","shape":[4],"data_offsets":[)" + second + "]}}",
                    data_bytes);
  };
  EXPECT_EQ(two("0,4", "4,8", 8), "");
  EXPECT_EQ(two("4,8", "0,4", 8), "");
  EXPECT_THAT(two("0,4", "0,4", 8), HasSubstr("\"b\": expected its data to begin at byte 4, got 0: the data overlaps"));
  EXPECT_THAT(two("0,4", "3,7", 8), HasSubstr("overlaps"));
  EXPECT_THAT(two("0,4", "5,9", 9), HasSubstr("has a gap"));
  EXPECT_THAT(two("0,4", "4,8", 9), HasSubstr("the tensors take 8 bytes, the file holds 9"));
}

TEST(Safetensors, RefusesDeepNestingWithoutUsingTheStack) {
  std::string deep = "{\"a\":";
  deep.append(1'000'000, '[');
  EXPECT_THAT(error_of(deep, 0), HasSubstr("expected an object, got an array"));
  deep = "{\"w\":{\"shape\":";
  deep.append(1'000'000, '[');
  EXPECT_THAT(error_of(deep, 0), HasSubstr("got an array"));
  std::string ranks = "{\"w\":{\"shape\":[1";
  for (int i = 0; i < 1000; ++i) ranks += ",1";
  EXPECT_THAT(error_of(ranks + "]}}", 0), HasSubstr("more than 64 dimensions"));
}

TEST(Safetensors, ShowsHostileNamesShortAndWithoutControlCharacters) {
  const std::string message = error_of("{\"\\u001b[31m" + std::string(1000, 'x') + "\":0}", 0);
  EXPECT_THAT(message, HasSubstr("?[31mxxx"));
  EXPECT_LT(message.size(), 200u);
}

TEST(Safetensors, NamesAFileThatCannotBeOpened) {
  const Scratch scratch;
  EXPECT_THAT(message_of([&] { SafetensorsFile::open(scratch / "absent.recur"); }), HasSubstr("absent.recur"));
  write_bytes(scratch / "empty.recur", "");
  EXPECT_THAT(message_of([&] { SafetensorsFile::open(scratch / "empty.recur"); }), HasSubstr("empty.recur"));
  EXPECT_NE(message_of([&] { SafetensorsFile::open(scratch.folder()); }), "");
}

}  // namespace
}  // namespace recur
