// Options of the language model in combination: what makes sense trains, is stored and comes back; the rest is refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/nn/cells/cell.h"
#include "tests/support/throws.h"
#include "tests/tasks/lm/lm_text.h"

namespace recur {
namespace {

using namespace testing;

class LmOptionsTest : public ::testing::Test {
 protected:
  LmOptionsTest() : text_(scratch_ / "text.txt") { write_bytes(text_, small_text(60)); }

  // A started task with its options set as a user would.
  Taught<LmTask> with(const std::vector<std::string>& overrides) const {
    auto task = std::make_unique<LmTask>();
    Config config;
    task->declare(config);
    for (const char* each : {"batch=4", "bptt=10", "hidden=12"}) config.apply_override(each);
    for (const std::string& each : overrides) config.apply_override(each);
    return teach(std::move(task), {.files = {text_}, .held_out = 0.2});
  }

  void expect_trains_and_comes_back(const std::vector<std::string>& overrides) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(overrides, " ")));
    const auto taught = with(overrides);
    const double loss = descend(*taught.training, 3, 0.05);
    EXPECT_TRUE(std::isfinite(loss));
    const double valid = taught.training->validate().at("loss");
    EXPECT_TRUE(std::isfinite(valid));
    EXPECT_EQ(taught.training->validate().at("loss"), valid);
    write_bytes(scratch_ / "other.txt", small_text(30, 5));
    const Trained& trained = taught.trained();
    const double other = trained.evaluate({scratch_ / "other.txt"}).at("loss");
    trained.save(scratch_ / "model.recur");
    const auto loaded = load_trained(scratch_ / "model.recur");
    EXPECT_EQ(loaded->evaluate({scratch_ / "other.txt"}).at("loss"), other);
    EXPECT_EQ(written(*loaded, {.length = 20}), written(trained, {.length = 20}));
    EXPECT_EQ(loaded->options_toml(), trained.options_toml());
  }

  Scratch scratch_;
  std::filesystem::path text_;
};

TEST_F(LmOptionsTest, EveryCellTrainsAndComesBack) {
  for (const Cell* cell : cells()) {
    expect_trains_and_comes_back({"cell=" + cell->name});
    expect_trains_and_comes_back({"cell=" + cell->name, "layers=2", "layer_norm=true", "dropout=0.2", "tie=true"});
  }
  for (const LayerKind& kind : layer_kinds().subspan(cells().size())) {
    expect_trains_and_comes_back({"cell=" + kind.name});
    expect_trains_and_comes_back(
        {"cell=" + kind.name, "layers=2", "block=feed_forward", "dropout=0.2", "tie=true", "locked_dropout=true"});
  }
}

TEST_F(LmOptionsTest, CombinationsDrawnAtRandomTrainAndComeBack) {
  const std::vector<std::vector<std::string>> choices = {
      {"cell=lstm", "cell=gru", "cell=lstm_peephole", "cell=rnn"},
      {"layers=1", "layers=3", "widths=5,12"},
      {"tie=false", "tie=true"},
      {"embedding=0", "embedding=7"},
      {"dropout=0", "dropout=0.4"},
      {"locked_dropout=false", "locked_dropout=true"},
      {"embedding_dropout=0", "embedding_dropout=0.2"},
      {"recurrent_dropout=0", "recurrent_dropout=0.3"},
      {"weight_drop=0", "weight_drop=0.3"},
      {"zoneout=0", "zoneout=0.1"},
      {"layer_norm=false", "layer_norm=true"},
      {"bias=true", "bias=false"},
      {"init=uniform", "init=orthogonal"},
      {"init_range=0", "init_range=0.1"},
      {"recompute=0", "recompute=4"},
      {"random_bptt=false", "random_bptt=true"},
      {"smoothing=0", "smoothing=0.1"},
      {"loss_scale=mean", "loss_scale=zaremba"},
      {"tokens=chars", "tokens=words", "tokens=bytes"},
  };
  Random random(7);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<std::string> overrides;
    for (const auto& choice : choices) overrides.push_back(choice[random.below(choice.size())]);
    expect_trains_and_comes_back(overrides);
  }
}

TEST_F(LmOptionsTest, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_ERROR(with({"cell=gru", "projection=4"}), "projection needs a cell with an inner state");
  EXPECT_ERROR(with({"attention_blocks=1", "zoneout=0.1"}),
               "zoneout is an option of cells such as lstm; attention has");
  EXPECT_ERROR(with({"layers=2", "layer_blocks=none"}), "blocks: expected one for each of 2 layers, got 1");
  EXPECT_ERROR(with({"cells=lstm,gru"}), "expected one for each of 1 layers, got 2");
  EXPECT_ERROR(with({"init=chrono", "bias=false"}), "init: chrono sets biases, and there are none");
  EXPECT_ERROR(with({"init=chrono", "cell=rnn"}), "as of lstm and gru; rnn has none");
  EXPECT_ERROR(with({"cell=rnn_relu", "forget_bias=1"}), "forget_bias needs a cell with a forget gate");
  EXPECT_ERROR(with({"tokens=words", "vocabulary=2"}), "at least 3 words");
}

TEST_F(LmOptionsTest, ValuesOutOfRangeAndMisspeltNamesAreUsageErrors) {
  for (const char* bad : {"hidden=0", "layers=0", "batch=0", "bptt=0", "dropout=1", "dropout=-0.1", "zoneout=1.5",
                          "smoothing=1", "cell=lstn", "cells=lstm,grru", "tokens=letters", "init=orthogonl",
                          "loss_scale=sum", "init_range=-1", "hiden=3", "hidden=x", "tie=maybe", "dropout=nan"})
    EXPECT_THROW(with({bad}), UsageError) << bad;
  EXPECT_ERROR(with({"cell=lstn"}), "lstm");
  EXPECT_ERROR(with({"hiden=3"}), "hidden");
}

TEST_F(LmOptionsTest, ProjectionNarrowsTheOutputAndTiesToIt) {
  const auto taught = with({"projection=5", "tie=true", "layers=2"});
  for (const NamedTensor& each : taught.training->module().named_parameters()) {
    if (each.name == "rnn.weight_hr_l1") {
      EXPECT_EQ(each.value.shape(), (Shape{5, 12}));
    }
    if (each.name == "embedding.weight") {
      EXPECT_EQ(each.value.size(1), 5);
    }
  }
  expect_trains_and_comes_back({"projection=5", "tie=true", "layers=2"});
}

TEST_F(LmOptionsTest, RecomputationAndSegmentsChangeNothing) {
  const double kept = descend(*with({"layers=2", "bptt=24"}).training, 4, 0.1);
  EXPECT_NEAR(descend(*with({"layers=2", "bptt=24", "recompute=5"}).training, 4, 0.1), kept, 1e-5);
}

}  // namespace
}  // namespace recur
