#include "recur/data/caption_list.h"

#include <gtest/gtest.h>

#include "recur/data/caption_set.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

class CaptionListTest : public ::testing::Test {
 protected:
  CaptionList read(const std::string& name, const std::string& text, const CaptionListOptions& options = {}) const {
    const DataFile file = scratch_.put(name, text);
    return read_caption_list(std::span(&file, 1), options);
  }
  CaptionSet read_set(const std::string& text, const CaptionSetOptions& options) const {
    const DataFile file = scratch_.put("list.csv", text);
    return CaptionSet::read(std::span(&file, 1), options);
  }
  std::string put(const std::string& name, const std::string& bytes) const {
    return scratch_.put(name, bytes).string();
  }

  Scratch scratch_;
};

using Texts = std::vector<std::string>;

TEST_F(CaptionListTest, GathersTheCaptionsOfAnImage) {
  for (const CaptionList& list : {read("a.csv", "image,caption\na.png,one\nb.png,two\na.png,three\n"),
                                  read("a.tsv", "a.png\tone\nb.png\ttwo\na.png\tthree\n"),
                                  read("b.csv", "id,file,caption_1,caption_2\n1,a.png,one,three\n2,b.png,two,\n"),
                                  read("a.jsonl",
                                       "{\"image\": \"a.png\", \"captions\": [\"one\", \"three\"]}\n{\"image\": "
                                       "\"b.png\", \"captions\": \"two\"}\n")}) {
    ASSERT_EQ(list.images.size(), 2u);
    EXPECT_EQ(list.images[0].id, "a.png");
    EXPECT_EQ(list.images[0].captions, (Texts{"one", "three"}));
    EXPECT_EQ(list.images[1].captions, Texts{"two"});
  }
}

TEST_F(CaptionListTest, CountsEmptyCaptions) {
  const CaptionList list = read("a.tsv", "a.png\tone\nb.png\t\na.png\t \n");
  ASSERT_EQ(list.warnings.size(), 2u);
  EXPECT_NE(list.warnings[0].find("2 empty captions are left out"), std::string::npos);
  EXPECT_NE(list.warnings[1].find("1 picture has no caption, the first of them 'b.png'"), std::string::npos);
}

TEST_F(CaptionListTest, AsksWhichColumnsAreMeant) {
  EXPECT_ERROR(read("a.csv", "u,v,w\n1,2,3\n"), "which of 3 columns has the pictures");
  EXPECT_ERROR(read("a.csv", "image,v,w\n1,2,3\n"), "which of 3 columns have the captions");
  EXPECT_ERROR(read("a.csv", "image,v\n1,2\n", {.captions = {"x"}}), "there is no column 'x'");
  EXPECT_ERROR(read("a.jsonl", "{\"image\": \"a\", \"x\": 1}\n"), "which key has the captions");
  EXPECT_ERROR(read("a.tsv", "a.png\tone\nb.png\n"), "a.tsv:2: expected 2 columns, got 1");
  EXPECT_ERROR(read("a.csv", ""), "there are no rows");
  EXPECT_EQ(read("a.csv", "u,v,w\n1,2,3\n", {.image = "#1", .captions = {"#3"}, .header = "yes"}).images[0].captions[0],
            "3");
}

TEST_F(CaptionListTest, ResizesPicturesOfAnySizeAndChannels) {
  put("grey.pgm", "P2 2 2 255 0 0 0 255\n");
  put("red.ppm", "P3 1 1 255 255 0 0\n");
  const CaptionSet set = read_set("grey.pgm,a\nred.ppm,b\nnone.png,c\n", {.side = 4});
  ASSERT_EQ(set.size(), 2);
  EXPECT_EQ(set.values(0).size(), 48u);
  EXPECT_EQ(set.values(0)[45], 1);
  EXPECT_EQ(set.values(0)[47], 1);
  EXPECT_EQ(set.values(1)[0], 1);
  EXPECT_EQ(set.values(1)[1], 0);
  EXPECT_ERROR(read_set("none.png,a\n", {}), "list.csv:1: no such file: 'none.png'");
}

TEST_F(CaptionListTest, FeaturesAreInTheOrderOfImages) {
  const std::string file = put("x.npy", npy_of("<f4", "(2, 2)", f32_bytes({1, 2, 3, 4})));
  const CaptionSet set = read_set("a,one\nb,two\na,three\n", {.features = file});
  ASSERT_EQ(set.size(), 2);
  EXPECT_EQ(set.shape().features, 2);
  EXPECT_EQ(set.values(1), (std::vector<float>{3, 4}));
  EXPECT_ERROR(read_set("a,one\n", {.features = file}), "an array of 2 rows; expected one for each of 1 pictures");
  const std::string flat = put("y.npy", npy_of("<f4", "(2,)", f32_bytes({1, 2})));
  EXPECT_ERROR(read_set("a,one\nb,two\n", {.features = flat}), "expected features");
}

}  // namespace
}  // namespace recur
