#include "recur/tasks/diagnose/normal_values.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

class NormalValues : public ::testing::Test {
 protected:
  std::map<std::string, float> read(const std::string& text) const {
    write_bytes(scratch_ / "normal.csv", text);
    return read_normal_values(scratch_ / "normal.csv");
  }
  Scratch scratch_;
};

TEST_F(NormalValues, AreReadByChannel) {
  EXPECT_EQ(read("channel,value\nHR,86\n Temp ,37.5\n"), (std::map<std::string, float>{{"HR", 86}, {"Temp", 37.5f}}));
  EXPECT_EQ(read("value\tunit\tchannel\n7.4\t-\tpH\n"), (std::map<std::string, float>{{"pH", 7.4f}}));
}

TEST_F(NormalValues, RefuseWhatIsNoTableOfThem) {
  EXPECT_ERROR(read("name,value\nHR,86\n"), "expected the columns channel and value");
  EXPECT_ERROR(read("channel,value\nHR,fast\n"), "normal.csv:2: column 2 ('value')");
  EXPECT_ERROR(read("channel,value\nHR,\n"), "normal.csv:2: column 2 ('value'): expected a number");
  EXPECT_ERROR(read("channel,value\nHR,86\nHR,80\n"), "normal.csv:3: column 1 ('channel'): 'HR' is there twice");
  EXPECT_ERROR(read_normal_values(scratch_ / "none.csv"), "none.csv");
}

}  // namespace
}  // namespace recur
