#include "recur/audit/counterfactual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "recur/audit/term_pairs.h"
#include "recur/tasks/kept_rows.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DataFile file(const std::string& text) { return DataFile::from_memory("pairs.csv", text); }
std::string swapped(const std::string& pairs, const std::string& text) {
  return TermPairs::read(file(pairs)).swap(text).text;
}

TEST(TermPairs, SwapsWholeWordsInTheLettersOfTheText) {
  const std::string pairs = "# people\nhe,she\nMary\tJohn\n\ngrand mother , grand father\n";
  EXPECT_EQ(swapped(pairs, "He said that SHE, the other, is here; the man's he-goat."),
            "She said that HE, the other, is here; the man's she-goat.");
  EXPECT_EQ(swapped(pairs, "Mary saw john and JOHN."), "John saw mary and MARY.");
  EXPECT_EQ(swapped(pairs, "his Grand mother"), "his Grand father");
  EXPECT_EQ(swapped(pairs, "h\xC3\xA9 \xC3\xA9he he\xC3\xA9"), "h\xC3\xA9 \xC3\xA9he he\xC3\xA9");  // parts of words
  EXPECT_EQ(swapped(pairs, ""), "");
}

TEST(TermPairs, SaysWhichTermsItFoundAndWhereTheyCameFrom) {
  const SwappedText text =
      TermPairs::read(file("\xEF\xBB\xBFhe,she\r\nhim,her\r\nhis,her\r\n")).swap("he gave her his");
  EXPECT_EQ(text.text, "she gave him her");  // of two partners the first
  EXPECT_THAT(text.forward, ElementsAre(0, 2));
  EXPECT_THAT(text.backward, ElementsAre(1));
  EXPECT_FALSE(TermPairs::read(file("he,she\n")).swap("they").changed());
}

TEST(TermPairs, RefusesLinesThatAreNoPairs) {
  EXPECT_ERROR(TermPairs::read(file("he,she\nhim\n")), "pairs.csv:2: expected two terms");
  EXPECT_ERROR(TermPairs::read(file("a,b,c\n")), "pairs.csv:1: expected two terms");
  EXPECT_ERROR(TermPairs::read(file("he, \n")), "pairs.csv:1: expected two terms");
  EXPECT_ERROR(TermPairs::read(file("he,He\n")), "pairs.csv:1: expected two different terms");
  EXPECT_ERROR(TermPairs::read(file("\n# none\n")), "pairs.csv: expected pairs of terms, one a line, got none");
}

// A model that likes texts with "she" a little and those with "boss" much more: p = 0.2 + 0.1 she + 0.4 boss.
class Liker final : public Trained {
 public:
  const TaskInfo& info() const override {
    static const TaskInfo info{.name = "classify", .summary = "", .data = "", .unit = "texts"};
    return info;
  }
  std::unique_ptr<Trained> clone() const override { return nullptr; }
  Evaluation evaluate(const DataFiles&, Sink*) const override { return {}; }
  Description describe() const override { return {}; }
  const Module& module() const override { fail("no module"); }
  Module& module() override { fail("no module"); }
  Assets assets() const override { return {}; }
  std::string options_toml() const override { return ""; }

  void predict_edited(const DataFiles& data, const TextEdit& edit, Sink& out) const override {
    out.columns({"id", "label", "probability", "p.no", "p.yes"});
    const std::string content = data.at(0).content(1 << 20);
    int64_t id = 0;
    for (size_t at = 0; at < content.size();) {
      const size_t end = content.find('\n', at);
      const std::string text = edit(content.substr(at, end - at));
      const double p = 0.2 + (text.find("she") != text.npos ? 0.1 : 0.0) + (text.find("boss") != text.npos ? 0.4 : 0.0);
      const std::vector<TableCell> row{++id, std::string(p >= 0.5 ? "yes" : "no"), std::max(p, 1 - p), 1 - p, p};
      out.row(row);
      at = end + 1;
    }
  }
};

std::map<std::string, double> moved_values(const Table& figures) {
  std::map<std::string, double> out;
  for (const auto& row : figures.rows) out[text_of(row[0]) + "/" + text_of(row[1])] = *number_of(row[2]);
  return out;
}

TEST(Counterfactual, MeasuresHowFarAndWhichWayPredictionsMove) {
  const DataFiles texts{DataFile::from_memory("t.txt", "he came\nshe left\nthe boss\nnobody\nhe and she\n")};
  const TermPairs pairs = TermPairs::read(file("he,she\nboss,clerk\nking,queen\n"));
  const Counterfactual found = swap_terms(Liker(), texts, pairs, {.bootstrap = {.samples = 50}});
  EXPECT_EQ(found.read, 5);
  EXPECT_EQ(found.with_terms, 4);
  const auto values = moved_values(found.figures);
  EXPECT_NEAR(values.at("he / she/mean_shift"), 0.2 / 3, 1e-12);  // the text with both stays as it is
  EXPECT_NEAR(values.at("he / she/mean_difference"), 0.1, 1e-12);
  EXPECT_NEAR(values.at("boss / clerk/mean_difference"), -0.4, 1e-12);
  EXPECT_EQ(values.at("boss / clerk/changed"), 1);
  EXPECT_EQ(values.at("he / she/changed"), 0);
  EXPECT_NEAR(values.at("all/largest_shift"), 0.4, 1e-12);
  EXPECT_FALSE(values.contains("king / queen/mean_shift"));
  EXPECT_THAT(found.notes, ElementsAre("positive: 'yes'", "no text has a term of king / queen"));
  EXPECT_EQ(text_of(found.texts.rows[0][0]), "3");
  EXPECT_EQ(text_of(found.texts.rows[0][1]), "boss -> clerk");
  EXPECT_EQ(text_of(found.texts.rows[0][2]), "yes (0.6000)");
}

TEST(Counterfactual, APairIsNotCreditedWithTheShiftOfAnother) {
  const DataFiles texts{DataFile::from_memory("t.txt", "he is the boss\nnobody\nshe is her boss\n")};
  const TermPairs pairs = TermPairs::read(file("he,she\nboss,clerk\n"));
  const auto values = moved_values(swap_terms(Liker(), texts, pairs, {.bootstrap = {.samples = 0}}).figures);
  EXPECT_NEAR(values.at("he / she/mean_shift"), 0.1, 1e-12);
  EXPECT_NEAR(values.at("he / she/mean_difference"), 0.1, 1e-12);
  EXPECT_NEAR(values.at("boss / clerk/mean_shift"), 0.4, 1e-12);
  EXPECT_NEAR(values.at("all/mean_shift"), (0.3 + 0.5) / 2, 1e-12);
}

TEST(Counterfactual, RefusesWhatItCannotCompare) {
  const DataFiles texts{DataFile::from_memory("t.txt", "nobody\n")};
  EXPECT_ERROR(swap_terms(Liker(), texts, TermPairs::read(file("he,she\n"))), "none of 1 texts has one of the terms");
  const DataFiles some{DataFile::from_memory("t.txt", "he came\n")};
  EXPECT_ERROR(swap_terms(Liker(), some, TermPairs::read(file("he,she\n")), {.positive = "maybe"}), "maybe");
}

}  // namespace
}  // namespace recur
