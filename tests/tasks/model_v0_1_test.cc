// Model files of version 0.1.0 (golden/v0.1) load, and say what that version said with them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "recur/base/json.h"
#include "recur/data/tables/cell_text.h"
#include "tests/support/scratch.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

const std::filesystem::path kFolder = std::filesystem::path(RECUR_TEST_DATA) / "golden/v0.1";

struct Kind {
  const char *name, *data;
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

class ModelOfV01 : public ::testing::TestWithParam<Kind> {
 protected:
  std::string expected(const std::string& ending) const {
    return read_bytes(kFolder / "expected" / (GetParam().name + ending));
  }

  const std::unique_ptr<Trained> trained_ = load_trained(kFolder / (std::string(GetParam().name) + ".recur"));
  const DataFiles data_{kFolder / "data" / GetParam().data};
};

// The last bits depend on the processor.
void expect_close(double got, double want, const std::string& what) {
  EXPECT_NEAR(got, want, 1e-5 * (1 + std::abs(want))) << what;
}

TEST_P(ModelOfV01, MeasuresTheSame) {
  const Evaluation result = trained_->evaluate(data_);
  const Json want = parse_json(expected(".json"), 5).value();
  EXPECT_EQ(trained_->info().name, want.at("task").get<std::string>());
  EXPECT_EQ(result.examples, want.at("examples").get<int64_t>());
  size_t metrics = 0;
  for (const auto& [name, value] : want.items()) {
    if (!value.is_number() || name == "examples") continue;
    expect_close(result.at(name), value.get<double>(), name);
    ++metrics;
  }
  EXPECT_EQ(result.metrics.size(), metrics);
}

TEST_P(ModelOfV01, PredictsTheSame) {
  Kept rows;
  trained_->predict(data_, rows);
  std::istringstream lines(expected(".csv"));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(fmt::format("{}", fmt::join(rows.names(), ",")), line);
  for (const auto& row : rows.rows()) {
    ASSERT_TRUE(std::getline(lines, line));
    std::istringstream cells(line);
    for (const TableCell& cell : row) {
      std::string want;
      ASSERT_TRUE(std::getline(cells, want, ','));
      if (const auto* number = std::get_if<double>(&cell)) {
        expect_close(*number, parse_number(want).value(), line);
      } else {
        const auto* whole = std::get_if<int64_t>(&cell);
        EXPECT_EQ(whole != nullptr ? std::to_string(*whole) : std::get<std::string>(cell), want);
      }
    }
  }
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_P(ModelOfV01, IsTheSameOnceSavedAgain) {
  const Scratch scratch;
  trained_->save(scratch / "again.recur");
  const auto again = load_trained(scratch / "again.recur");
  EXPECT_EQ(again->evaluate(data_).at("loss"), trained_->evaluate(data_).at("loss"));
  EXPECT_EQ(again->assets(), trained_->assets());
}

INSTANTIATE_TEST_SUITE_P(All, ModelOfV01,
                         ::testing::Values(Kind{"lm", "lm.txt"}, Kind{"classify_text", "classify_text.tsv"},
                                           Kind{"classify_series", "classify_series.csv"}, Kind{"tag", "tag.conll"},
                                           Kind{"detect", "detect.csv"}, Kind{"forecast", "forecast.csv"},
                                           Kind{"diagnose", "diagnose.csv"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(LanguageModelOfV01, WritesTheSame) {
  GenerateOptions options{.prompt = "the ", .length = 40};
  options.sampling.temperature = 0;
  Kept out;
  load_trained(kFolder / "lm.recur")->generate(options, out);
  // The program wrote the prompt before, and an end of line after.
  EXPECT_EQ("the " + out.written() + "\n", read_bytes(kFolder / "expected/lm.txt"));
}

}  // namespace
}  // namespace recur
