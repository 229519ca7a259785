#include "recur/exchange/torch/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::torch {
namespace {

using namespace recur::testing;
using ::testing::HasSubstr;
using Kind = PickleValue::Kind;

std::string pickle(std::string body) { return "\x80\x02" + body + "."; }
std::string error(const std::string& bytes) {
  return message_of([&] { Pickle::parse(bytes, "a.pkl"); });
}

TEST(Pickle, ReadsPlainValues) {
  // {"a": [1, -2, 300], "b": (True, None, 0.5)}
  const Pickle parsed = Pickle::parse(
      pickle(std::string("}(X\1\0\0\0a](K\1J\xFE\xFF\xFF\xFFM\x2C\1eX\1\0\0\0b\x88NG\x3F\xE0\0\0\0\0\0\0\x87u", 40)),
      "a");
  const PickleValue& root = parsed.root();
  ASSERT_EQ(root.kind, Kind::kDict);
  ASSERT_EQ(root.members.size(), 2u);
  const PickleValue& list = *root.members[0].second;
  ASSERT_EQ(list.items.size(), 3u);
  EXPECT_EQ(list.items[1]->integer, -2);
  EXPECT_EQ(list.items[2]->integer, 300);
  EXPECT_EQ(root.members[1].second->items[2]->real, 0.5);
}

TEST(Pickle, KeepsOfClassesTheirNamesAlone) {
  const Pickle parsed = Pickle::parse(pickle(std::string("cos\nsystem\n(X\4\0\0\0echotR", 23)), "a");
  EXPECT_EQ(parsed.root().kind, Kind::kObject);
  EXPECT_EQ(parsed.root().text, "os.system");
}

TEST(Pickle, RefusesWhatIsDamaged) {
  EXPECT_THAT(error(""), HasSubstr("a.pkl: byte 0: the pickle is cut off"));
  EXPECT_THAT(error("hello"), HasSubstr("expected a pickle of protocol 2"));
  EXPECT_THAT(error("\x80\x09."), HasSubstr("protocol 2 to 5, got 9"));
  EXPECT_THAT(error("\x80\x02."), HasSubstr("a value is missing"));
  EXPECT_THAT(error(pickle("I1\n")), HasSubstr("byte 2: opcode 0x49"));
  EXPECT_THAT(error(pickle("(t\x86")), HasSubstr("a value is missing"));
  EXPECT_THAT(error(pickle("e")), HasSubstr("a mark is missing"));
  EXPECT_THAT(error(pickle("h\7")), HasSubstr("nothing is remembered as 7"));
  EXPECT_THAT(error(pickle(std::string("X\xFF\xFF\xFF\x7F", 5))), HasSubstr("bytes"));
  EXPECT_THAT(error(pickle("K\1K\1R")), HasSubstr("expected a class to call"));
  EXPECT_THAT(error(pickle("K\1Q")), HasSubstr("expected a storage of torch"));
  EXPECT_THAT(error(pickle("ctorch._utils\n_rebuild_tensor_v2\n(K\1K\1K\1K\1tR")),
              HasSubstr("the storage of a tensor"));
}

// A list that holds itself is a value like any other.
TEST(Pickle, MayReferToItself) {
  const Pickle parsed = Pickle::parse(pickle(std::string("]q\0h\0a", 6)), "a");
  EXPECT_EQ(parsed.root().items.front(), &parsed.root());
}

}  // namespace
}  // namespace recur::torch
