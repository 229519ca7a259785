#include "recur/data/files/class_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> ids(const ClassFolder& folder) {
  std::vector<std::string> out;
  for (const LabelledFile& each : folder.files) out.push_back(each.label + ":" + each.id);
  return out;
}

TEST(ClassFolder, TakesItsFoldersForClasses) {
  const testing::Scratch scratch;
  for (const char* name : {"pos/10.txt", "pos/2.txt", "neg/deep/1.txt", "neg/.hidden", ".git/x", "README"}) {
    scratch.put(name, "x");
  }
  const DataFile outer(scratch.folder());
  EXPECT_TRUE(is_folder(outer));
  EXPECT_FALSE(is_folder(DataFile(scratch / "README")));
  const ClassFolder folder = read_class_folder(outer);
  EXPECT_THAT(ids(folder), ElementsAre("neg:neg/deep/1.txt", "pos:pos/2.txt", "pos:pos/10.txt"));
  EXPECT_THAT(folder.note, HasSubstr("2 folders are classes, with these numbers of files: neg (1), pos (2)"));
  EXPECT_THAT(folder.note, HasSubstr("1 file next to them is skipped"));
}

TEST(ClassFolder, HasNoClassesWithoutFolders) {
  const testing::Scratch scratch;
  scratch.put("b.txt", "x");
  scratch.put("a.txt", "x");
  EXPECT_THAT(ids(read_class_folder(DataFile(scratch.folder()))), ElementsAre(":a.txt", ":b.txt"));
}

TEST(ClassFolder, RefusesFoldersWithoutFiles) {
  const testing::Scratch scratch;
  EXPECT_ERROR(read_class_folder(DataFile(scratch.folder())), "no files in the folder");
  std::filesystem::create_directory(scratch / "b");
  EXPECT_ERROR(read_class_folder(DataFile(scratch.folder())), "no files in the folder");
  scratch.put("a/1.txt", "x");
  EXPECT_THAT(ids(read_class_folder(DataFile(scratch.folder()))), ElementsAre("a:a/1.txt"));
}

}  // namespace
}  // namespace recur
