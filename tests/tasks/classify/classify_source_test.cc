#include "recur/tasks/classify/classify_source.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::Scratch;

TEST(ClassifySource, TellsTextsFromSeries) {
  const Scratch scratch;
  const auto is_text = [&](const std::string& name, const std::string& text) {
    return looks_like_text({scratch.put(name, text)});
  };
  EXPECT_TRUE(is_text("a.csv", "text,label\na rather good film,pos\nnot that good though,neg\nthe worst of all,neg\n"));
  EXPECT_TRUE(is_text("a.txt", "1 one two three\n0 four five six\n"));
  EXPECT_TRUE(is_text("a.jsonl", "{\"text\": \"so it goes on\", \"label\": 1}\n"));
  EXPECT_TRUE(is_text("short.csv", "Text,label\r\ngood,1\r\nbad,0\r\n"));  // by its header
  EXPECT_FALSE(is_text("b.csv", "id,step,x,label\na,1,0.5,walking\na,2,0.7,walking\n"));
  EXPECT_FALSE(is_text("b.txt", "1 0.5 0.25 1e-3\n2 NaN 0.5 ?\n"));
  EXPECT_FALSE(is_text("b.ts", "@problemName a rather good name\n@data\n"));  // by its name
  EXPECT_FALSE(is_text("c.csv", std::string("binary \0 bytes are no text", 27)));
  EXPECT_FALSE(is_text("d.csv", ""));
  EXPECT_TRUE(is_text("e.csv", "class,sequence\nEI,ACGTTGCA\nIE,TTGACCAA\n"));  // no number in it
  EXPECT_FALSE(is_text("f.csv", "class,value\nEI,7\nIE,8\n"));
  EXPECT_FALSE(is_text("units.csv", "class,rate\nEI,$7\nIE,2%\n"));
  EXPECT_FALSE(is_text("commas.csv", "month,revenue\n2018-01,\"10,016\"\n2018-02,\"11,224\"\n"));
  EXPECT_TRUE(is_text("g.jsonl", "{\"name\": \"Ada\", \"of\": \"en\"}\n{\"name\": \"Aïda\", \"of\": \"fr\"}\n"));
  EXPECT_TRUE(is_text("pipe", "{\"text\":\"good\",\"label\":\"pos\"}\n{\"text\":\"bad\",\"label\":\"neg\"}\n"));
  EXPECT_TRUE(is_text("g.json", "[\n{\"text\": \"good\", \"label\": 1},\n{\"text\": \"bad\", \"label\": 0}\n]\n"));
  EXPECT_FALSE(is_text("i.jsonl", "{\"t\":1,\"x\":2}\n{\"t\":2,\"x\":3}\n"));
  EXPECT_FALSE(is_text("i.json", "[{\"t\":1,\"x\":2},{\"t\":2,\"x\":3}]"));
  EXPECT_FALSE(is_text("h.jsonl", "{\"x\": [[1, 0.5], [null, 2]], \"y\": \"a\"}\n{\"x\": [[1, 2]], \"y\": \"b\"}\n"));
}

TEST(ClassifySource, IsTextWhereAnOptionSaysSo) {
  const DataFiles numbers{DataFile::from_memory("a.csv", "digits,label\n123,a\n456,b\n")};
  EXPECT_FALSE(is_text(numbers, {}));
  EXPECT_TRUE(is_text(numbers, {.text_column = "digits"}));
  EXPECT_TRUE(is_text(numbers, {.tokens = "chars"}));
  EXPECT_FALSE(is_text(numbers, {.input = "series", .text_column = "digits"}));
  ClassifyDataOptions options;
  options.text = "digits";
  const ClassifySource source = ClassifySource::read(numbers, options, {});
  ASSERT_TRUE(source.is_text());
  EXPECT_EQ(source.texts().load(0)->text, "123");
}

TEST(ClassifySource, KnowsFoldersOfTextsFromFoldersOfNumbers) {
  const Scratch scratch;
  scratch.put("t/a/1.txt", "short");
  scratch.put("n/a/1.txt", "22 49 35\n22 50 35\n");
  scratch.put("p/a/1.py", "x = 1\ny = 2\n");
  EXPECT_TRUE(looks_like_text({scratch / "t"}));
  EXPECT_TRUE(looks_like_text({scratch / "p"}));
  EXPECT_FALSE(looks_like_text({scratch / "n"}));
  EXPECT_ERROR(ClassifySource::read({scratch / "t", scratch / "t/a/1.txt"}, {}, {}), "got both");
  const ClassifySource series = ClassifySource::read({scratch / "n"}, {}, {});
  EXPECT_EQ(series.label(0), "a");
  EXPECT_EQ(series.name(0), "a/1.txt");
}

TEST(ClassifySource, TakesTheFolderForTheClassWhateverItsFilesSay) {
  const Scratch scratch;
  scratch.put("n/a/1.ts", "@targetLabel true\n@data\n1,2,3:24\n");
  scratch.put("n/b/1.ts", "@targetLabel true\n@data\n3,2,1:7\n");
  const ClassifySource source = ClassifySource::read({scratch / "n"}, {}, {});
  EXPECT_EQ(source.label(1), "b");
  EXPECT_FALSE(source.series().stated_values);
  EXPECT_TRUE(ClassifySource::read({scratch / "n/a/1.ts"}, {}, {}).series().stated_values);
}

TEST(ClassifySource, NamesEachExampleAndItsPlace) {
  const Scratch scratch;
  const ClassifySource texts =
      ClassifySource::read({scratch.put("t.tsv", "pos\tone fine film\nneg\tanother bad film\n")}, {}, {});
  ASSERT_TRUE(texts.is_text());
  EXPECT_EQ(texts.size(), 2);
  EXPECT_EQ(texts.label(1), "neg");
  EXPECT_EQ(texts.name(1), "2");
  EXPECT_NE(texts.where(1).find("t.tsv:2"), std::string::npos);
  const ClassifySource series =
      ClassifySource::read({scratch.put("s.csv", "id,step,x,label\nfirst,1,2,u\nfirst,2,3,u\nlast,1,2,v\n")}, {}, {});
  ASSERT_FALSE(series.is_text());
  EXPECT_EQ(series.size(), 2);
  EXPECT_EQ(series.label(1), "v");
  EXPECT_EQ(series.name(1), "last");
  EXPECT_NE(series.where(1).find("s.csv:4"), std::string::npos);
}

TEST(ClassifySource, ClassesOfSeriesMayBeCalledNone) {
  const auto labels = [](const std::string& a, const std::string& b) {
    const DataFiles files{
        DataFile::from_memory("s.csv", "id,step,x,label\n1,1,2," + a + "\n1,2,3," + a + "\n2,1,2," + b + "\n")};
    const ClassifySource source = ClassifySource::read(files, {}, {});
    return std::vector{source.label(0), source.label(1)};
  };
  for (const char* name : {"None", "NA", "null", "nan"}) {
    EXPECT_EQ(labels(name, "walk"), (std::vector<std::string>{name, "walk"}));
    EXPECT_EQ(labels(name, "7"), (std::vector<std::string>{"", "7"}));  // among numbers it is none of them
  }
  EXPECT_EQ(labels("", "walk")[0], "");
}

TEST(ClassifySource, NeedsOneLabelUnlessToPredict) {
  const Scratch scratch;
  const auto file = scratch.put("s.csv", "id,step,x\na,1,2\na,2,1\nb,1,3\n");
  EXPECT_ERROR(ClassifySource::read({file}, {}, {}), "no label column found");
  const ClassifySource source = ClassifySource::read({file}, {}, {.need_labels = false});
  EXPECT_EQ(source.label(0), "");
  ClassifyDataOptions named;
  named.label = "activity";
  EXPECT_ERROR(ClassifySource::read({file}, named, {}), "activity");
}

}  // namespace
}  // namespace recur
