// Messages as bytes: what is written is read, and hostile bytes are refused.
#include "recur/exchange/onnx/wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/throws.h"

namespace recur::onnx {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(OnnxWire, GivesBackWhatWasWritten) {
  WireWriter inner, out;
  inner.text(2, "inside");
  out.integer(1, -5);
  out.integer(1, std::numeric_limits<int64_t>::max());
  out.real(2, 0.25F);
  out.text(3, "text");
  out.message(4, inner);
  out.integers(5, std::vector<int64_t>{1, -1, 300});
  out.reals(6, std::vector<float>{1.5F, -2});
  WireReader in(bytes_of(out.bytes()), "f");
  std::vector<int64_t> integers, many;
  std::vector<float> reals;
  while (in.next()) {
    if (in.field() == 1) integers.push_back(in.integer());
    if (in.field() == 2) {
      EXPECT_EQ(in.real(), 0.25F);
    }
    if (in.field() == 3) {
      EXPECT_EQ(in.text(), "text");
    }
    if (in.field() == 4) {
      WireReader message = in.message();
      ASSERT_TRUE(message.next());
      EXPECT_EQ(message.text(), "inside");
      EXPECT_FALSE(message.next());
    }
    if (in.field() == 5) in.add_integers(many);
    if (in.field() == 6) in.add_reals(reals);
  }
  EXPECT_EQ(integers, (std::vector<int64_t>{-5, std::numeric_limits<int64_t>::max()}));
  EXPECT_EQ(many, (std::vector<int64_t>{1, -1, 300}));
  EXPECT_EQ(reals, (std::vector<float>{1.5F, -2}));
}

TEST(OnnxWire, KnowsTheBytesOfTheFormat) {
  WireWriter out;
  out.integer(1, 150);
  out.text(2, "testing");
  EXPECT_EQ(out.bytes(), std::string("\x08\x96\x01\x12\x07testing"));
}

// Reads all fields of a message, and those inside each field that holds bytes.
void read_all(const std::string& bytes) {
  WireReader in(bytes_of(bytes), "f");
  while (in.next()) {
  }
}

TEST(OnnxWire, RefusesWhatIsNoMessage) {
  EXPECT_ERROR(read_all("\x08"), "f: not an ONNX model: byte 1: the file ends within a number");
  EXPECT_ERROR(read_all(std::string(1, '\x08') + std::string(10, '\xFF') + "\x01"), "more than 64 bits");
  EXPECT_ERROR(read_all("\x12\x05t"), "expected 5 more bytes, got 1");
  EXPECT_ERROR(read_all("\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01t"), "more bytes, got 1");
  EXPECT_ERROR(read_all("\x0B"), "unknown wire type 3");
  EXPECT_ERROR(read_all(std::string("\x00\x01", 2)), "expected the number of a field");
  EXPECT_ERROR(read_all("\x15\x01"), "expected 4 more bytes");
}

TEST(OnnxWire, RefusesAnotherType) {
  WireWriter out;
  out.text(1, "abc");
  WireReader in(bytes_of(out.bytes()), "f");
  ASSERT_TRUE(in.next());
  EXPECT_ERROR(in.integer(), "field 1: expected an integer, got wire type 2");
  EXPECT_ERROR(in.real(), "expected a number of 4 bytes");
  std::vector<float> reals;
  EXPECT_ERROR(in.add_reals(reals), "expected numbers of 4 bytes");
}

TEST(OnnxWire, RefusesMessagesDeepInsideEachOther) {
  WireWriter out;
  for (int depth = 0; depth < 2 * WireReader::kDeepest; ++depth) {
    WireWriter outer;
    outer.message(1, out);
    out = outer;
  }
  WireReader in(bytes_of(out.bytes()), "f");
  const auto descend = [&] {
    while (in.next()) in = in.message();
  };
  EXPECT_ERROR(descend(), "more than 64 messages inside each other");
}

}  // namespace
}  // namespace recur::onnx
