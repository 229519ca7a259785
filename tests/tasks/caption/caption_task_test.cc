#include "recur/tasks/caption/caption_task.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/tasks/caption/caption_training.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/caption/coloured.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

std::unique_ptr<CaptionTask> make_captioner(const std::vector<std::string>& overrides = {}) {
  auto task = std::make_unique<CaptionTask>();
  Config config;
  task->declare(config);
  for (const char* each :
       {"hidden=16", "batch=8", "side=8", "conv_widths=6", "conv_blocks=0", "dropout=0", "augment=none"}) {
    config.apply_override(each);
  }
  for (const std::string& each : overrides) config.apply_override(each);
  return task;
}

class CaptionTaskTest : public ::testing::Test {
 protected:
  DataFile pictures(const std::string& name, int count, uint64_t seed) const {
    return scratch_.put(name + ".csv", testing::coloured_list(scratch_, name, count, seed));
  }
  // Features of two regions, of which one says what there is: one_hot of a kind.
  struct Featured {
    DataFile list;
    std::string features;
  };
  Featured features(const std::string& name, int count, uint64_t seed) const {
    Random random(seed);
    std::string list;
    std::vector<float> values;
    const char* const names[] = {"dog", "cat", "cow"};
    for (int i = 0; i < count; ++i) {
      const uint64_t kind = random.below(3);
      std::vector<float> own(6);
      own[3 * random.below(2) + kind] = 1;
      values.insert(values.end(), own.begin(), own.end());
      list += fmt::format("{}\ta {} runs\n", i, names[kind]);
    }
    const std::string shape = fmt::format("({}, 2, 3)", count);
    return {.list = scratch_.put(name + ".tsv", list),
            .features = scratch_.put(name + ".npy", npy_of("<f4", shape, f32_bytes(values))).string()};
  }

  Scratch scratch_;
};

TEST_F(CaptionTaskTest, LearnsFromPicturesThatAreChanged) {
  const DataFile file = pictures("a", 60, 1);
  EXPECT_ERROR(make_captioner({"augment=none,light"})->train({.files = {file}}, {}), "augment: expected none alone");
  // The same steps of the same pictures, of which only one run's are changed.
  const auto loss = [&](const char* augment) {
    const auto training = make_captioner({augment})->train({.files = {file}}, {.seed = 1});
    return training->step(false).loss;
  };
  EXPECT_NE(loss("augment=light"), loss("augment=none"));
}

TEST_F(CaptionTaskTest, LearnsWhatPicturesShow) {
  const auto taught = teach(make_captioner(), {.files = {pictures("a", 40, 1)}}, 60);
  Kept rows;
  const Evaluation result = taught.trained().evaluate({pictures("b", 20, 2)}, &rows);
  EXPECT_EQ(result.examples, 20);
  EXPECT_GT(result.at("bleu_4"), 90);
  EXPECT_GT(result.at("cider"), 100);
  EXPECT_GT(result.at("meteor_exact"), 90);
  EXPECT_LT(result.at("loss"), 0.5);
  EXPECT_EQ(result.tables.front().name, "methods");
  EXPECT_EQ(result.verdict, "");
  EXPECT_EQ(rows.rows().size(), 20u);
}

TEST_F(CaptionTaskTest, LearnsFromFeaturesAndSaysWhereItLooks) {
  const Featured train = features("a", 60, 1), test = features("b", 20, 2);
  const auto taught =
      teach(make_captioner({"features=" + train.features, "attention_penalty=0.1"}), {.files = {train.list}}, 120);
  EXPECT_GT(with_use(taught.trained(), {"features=" + test.features, "n_best=2"})->evaluate({test.list}).at("bleu_1"),
            95);
  const auto model = with_use(taught.trained(), {"features=" + test.features, "attention_weights=true", "n_best=2"});
  EXPECT_ERROR(model->evaluate({test.list}), "attention_weights: predict writes it, and evaluate only measures");
  Kept rows;
  model->predict({test.list}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"image", "rank", "prediction", "score", "attention"}));
  EXPECT_EQ(rows.rows().size(), 40u);
  EXPECT_NE(std::get<std::string>(rows.rows()[0][4]).find("\"rows\":1,\"columns\":2,\"weights\":[["),
            std::string::npos);
  EXPECT_ERROR(with_use(taught.trained(), {"features=" + train.features})->evaluate({test.list}),
               "an array of 60 rows; expected one for each of 20 pictures");
  EXPECT_ERROR(with_use(taught.trained(), {"features="})->evaluate({pictures("c", 2, 1)}),
               "expected features of 2 regions x 3 numbers");
}

TEST_F(CaptionTaskTest, ABlindOneCannotTellPicturesApart) {
  const auto taught = teach(make_captioner({"blind=true"}), {.files = {pictures("a", 30, 1)}}, 40);
  Kept rows;
  taught.trained().predict({pictures("b", 6, 2)}, rows);
  for (const auto& row : rows.rows()) EXPECT_EQ(row[1], rows.rows()[0][1]);
}

TEST_F(CaptionTaskTest, SavesAndRestoresToTheSameBits) {
  const auto taught = teach(make_captioner(), {.files = {pictures("a", 12, 1)}}, 3);
  const DataFile test = pictures("b", 6, 2);
  taught.trained().save(scratch_ / "m.recur");
  const auto restored = load_trained(scratch_ / "m.recur");
  EXPECT_EQ(restored->evaluate({test}).at("loss"), taught.trained().evaluate({test}).at("loss"));
  EXPECT_ERROR(CaptionTask().restore(taught.trained().assets(), 10), "");
}

TEST_F(CaptionTaskTest, AllCaptionsOfAnImageAreOnOneSide) {
  const auto task = make_captioner();
  const auto training = task->train({.files = {pictures("a", 20, 1)}, .held_out = 0.5}, {.seed = 1});
  ASSERT_TRUE(training->has_validation());
  EXPECT_EQ(training->validate().examples, 10);
  EXPECT_FALSE(training->baselines().methods.empty());
}

}  // namespace
}  // namespace recur
