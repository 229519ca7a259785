#include "recur/data/sequences/side_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/array_bytes.h"
#include "tests/data/sequences_of.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kClips = "0,1,2\n0,3,4\n1,5,6\n";  // clip, x, y

SequenceOptions clips_with(const std::filesystem::path& side) {
  return {.columns = {.id = "#1", .values = {"#2", "#3"}, .labels = {"activity"}}, .side_table = side};
}

TEST(SideTable, GivesLabelsAndStaticsById) {
  const testing::Scratch folder;
  SequenceOptions options = clips_with(folder.put("i.csv", "clip,activity,subject\n1,run,m2\n0,walk,f1\n"));
  options.columns.statics = {"subject"};
  const SequenceSet set = sequences_of("a.csv", kClips, options);
  EXPECT_THAT(labels(set), ElementsAre("walk", "run"));
  EXPECT_THAT(set.labels, ElementsAre("activity"));
  EXPECT_THAT(set.sequences[1].statics, ElementsAre("m2"));
  EXPECT_THAT(set.columns.labels, ElementsAre("activity"));
}

TEST(SideTable, ReadsTheSameWayAgainWithAndWithoutIt) {
  const testing::Scratch folder;
  SequenceOptions options = clips_with(folder.put("i.csv", "clip,activity\n0,walk\n1,run\n"));
  options.columns = sequences_of("a.csv", kClips, options).columns;
  EXPECT_THAT(labels(sequences_of("a.csv", kClips, options)), ElementsAre("walk", "run"));
  options.side_table.clear();
  options.need_labels = false;
  EXPECT_THAT(sequences_of("a.csv", kClips, options).labels, IsEmpty());
}

TEST(SideTable, GoesByPositionWithoutIds) {
  const testing::Scratch folder;
  const std::string values = npy_of("<f4", "(2, 1)", f32_bytes({1, 2}));
  const SequenceOptions table{.columns = {.labels = {"symbol"}},
                              .side_table = folder.put("b.csv", "row,symbol\n0,N\n1,V\n")};
  EXPECT_THAT(labels(sequences_of("a.npy", values, table)), ElementsAre("N", "V"));
  const SequenceOptions array{.side_table = folder.put("labels-idx1-ubyte", idx_of(0x08, {2}, "\x07\x02"))};
  EXPECT_THAT(labels(sequences_of("a.npy", values, array)), ElementsAre("7", "2"));
  const SequenceOptions longer{.side_table = folder.put("longer", idx_of(0x08, {3}, "\x07\x02\x01"))};
  EXPECT_ERROR(sequences_of("a.npy", values, longer), "3 rows for 2 sequences");
}

class SideTableOfFiles : public ::testing::Test {
 protected:
  SequenceSet read(const std::vector<std::string>& names, const std::string& side) const {
    std::vector<DataFile> files;
    for (const std::string& name : names) files.push_back(DataFile::from_memory(name, "x,y\n1,2\n2,3\n"));
    return read_sequences(files, {.columns = {.labels = {"class"}}, .side_table = scratch_.put("labels.csv", side)});
  }

  testing::Scratch scratch_;
};

TEST_F(SideTableOfFiles, GoesByTheirNamesWhateverTheirOrder) {
  const SequenceSet set = read({"r_1.csv", "r_10.csv", "r_2.csv"}, "nr,class\n1,a\n2,b\n10,c\n");
  EXPECT_THAT(labels(set), ElementsAre("a", "c", "b"));
  EXPECT_THAT(set.notes, ElementsAre(::testing::HasSubstr("by the numbers in the file names in its column nr")));
  EXPECT_THAT(labels(read({"b.csv", "a.csv"}, "class,file\nx,a.csv\ny,b.csv\n")), ElementsAre("y", "x"));
  EXPECT_ERROR(read({"a.csv", "b.csv", "c.csv"}, "file,class\na,x\nb,y\nz,y\n"), "names c.csv");
}

TEST_F(SideTableOfFiles, GoesByPositionOnlyInTheOrderPeopleCount) {
  const SequenceSet set = read({"r1.csv", "r2.csv", "r10.csv"}, "class\na\nb\nc\n");
  EXPECT_THAT(labels(set), ElementsAre("a", "b", "c"));
  EXPECT_THAT(set.notes, ElementsAre(::testing::HasSubstr("by position")));
  EXPECT_ERROR(read({"r1.csv", "r10.csv", "r2.csv"}, "class\na\nb\nc\n"), "r10.csv comes before r2.csv");
}

TEST(SideTable, TakesTheColumnCalledLabelWithoutAnother) {
  const testing::Scratch folder;
  const SequenceOptions options{.columns = {.id = "#1", .values = {"#2"}},
                                .side_table = folder.put("i.csv", "clip,Label\n0,a\n1,b\n")};
  EXPECT_THAT(labels(sequences_of("a.csv", kClips, options)), ElementsAre("a", "b"));
  SequenceOptions unnamed = options;
  unnamed.side_table = folder.put("u.csv", "clip,kind\n0,a\n1,b\n");
  EXPECT_ERROR(sequences_of("a.csv", kClips, unnamed), "which column has the labels? Columns: clip, kind");
}

TEST(SideTable, SaysWhichRowsDoNotMatch) {
  const testing::Scratch folder;
  EXPECT_ERROR(sequences_of("a.csv", kClips, clips_with(folder.put("a", "clip,activity\n0,walk\n"))),
               "no row has the id '1' (a.csv:3)");
  EXPECT_ERROR(sequences_of("a.csv", kClips, clips_with(folder.put("b", "clip,activity\n0,walk\n0,run\n"))),
               "b:3: two rows have the id '0'");
  EXPECT_ERROR(sequences_of("a.csv", kClips, clips_with(folder.put("e", "clip,activity\n"))),
               "e: no row below the header");
  EXPECT_ERROR(sequences_of("a.csv", kClips, clips_with(folder.put("f", "clip,activities\n0,walk\n"))),
               "f: there is no column 'activity', which an option names; columns: clip, activities");
  EXPECT_ERROR(sequences_of("a.csv", kClips, clips_with(folder.put("c", "clip,activity\n0,walk\n1\n"))),
               "c:3: expected 2 columns, got 1");
  SequenceOptions options = clips_with(folder.put("d", "clip,activity\n0,walk\n7,run\n"));
  options.need_labels = false;
  const SequenceSet set = sequences_of("a.csv", kClips, options);
  EXPECT_THAT(labels(set), ElementsAre("walk", ""));
  EXPECT_THAT(set.notes, ElementsAre(::testing::HasSubstr("1 row has no sequence")));
}

}  // namespace
}  // namespace recur
