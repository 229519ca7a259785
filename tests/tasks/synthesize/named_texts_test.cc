#include "recur/tasks/synthesize/named_texts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using recur::testing::Scratch;

std::vector<std::string> names_of(const std::vector<NamedText>& texts) {
  std::vector<std::string> names;
  for (const NamedText& each : texts) names.push_back(each.name + "=" + each.text);
  return names;
}

TEST(NamedTexts, AreLinesWithoutMarkOfOrderAndCarriageReturns) {
  EXPECT_EQ(names_of(text_lines("a.txt", "\xEF\xBB\xBFone\r\n \r\n\ntwo")),
            (std::vector<std::string>{"1=one", "4=two"}));
  EXPECT_EQ(text_lines("a.txt", "\n\nthree").at(0).source, "a.txt:3");
  EXPECT_ERROR(text_lines("a.txt", "one\nt\xE9l\n"), "a.txt:2: byte 2 is not UTF-8");
}

TEST(NamedTexts, OfSeveralFilesHaveNamesOfTheirOwn) {
  Scratch scratch;
  const DataFile a(scratch.put("a.txt", "one\ntwo\n")), b(scratch.put("b.txt", "three\n"));
  EXPECT_EQ(names_of(text_lines({a})), (std::vector<std::string>{"1=one", "2=two"}));
  EXPECT_EQ(names_of(text_lines({a, b})), (std::vector<std::string>{"a-1=one", "a-2=two", "b-1=three"}));
}

}  // namespace
}  // namespace recur
