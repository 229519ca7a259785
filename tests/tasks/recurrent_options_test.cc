#include "recur/tasks/recurrent_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "recur/nn/cells/cell.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

int64_t parameters_of(const RecurrentOptions& options) {
  Random random(1);
  return Recurrent(options, random).parameter_count();
}

TEST(LeastParameters, AreNoMoreThanAnyCellHas) {
  for (const LayerKind& kind : layer_kinds()) {
    const bool is_cell = std::ranges::any_of(cells(), [&](const Cell* cell) { return cell->name == kind.name; });
    for (const int layers : {1, 3}) {
      for (const int64_t hidden : {1, 2, 9}) {
        RecurrentOptions options{.cell = kind.name, .input = 1, .hidden = hidden, .layers = layers, .bias = is_cell};
        EXPECT_LE(least_parameters(options), static_cast<double>(parameters_of(options))) << kind.name << hidden;
        options.bidirectional = true;
        options.layer_norm = is_cell;
        EXPECT_LE(least_parameters(options), static_cast<double>(parameters_of(options))) << kind.name << hidden;
        if (hidden == 1) continue;  // a block needs two
        options.block = "residual";
        EXPECT_LE(least_parameters(options), static_cast<double>(parameters_of(options))) << kind.name << hidden;
      }
    }
  }
}

TEST(LeastParameters, HoldWithoutBiasesAndWithAProjectionAndWidths) {
  RecurrentOptions options{.cell = "lstm", .input = 1, .hidden = 16, .bias = false, .projection = 2};
  EXPECT_LE(least_parameters(options), static_cast<double>(parameters_of(options)));
  options = {.cell = "rnn", .input = 1, .widths = {3, 20, 1}, .bias = false};
  EXPECT_LE(least_parameters(options), static_cast<double>(parameters_of(options)));
}

TEST(LeastParameters, GrowWithEachLayersWidth) {
  // H (H + 1) a layer: of 3 and 5 units 12 and 30.
  EXPECT_EQ(least_parameters({.widths = {3, 5}}), 42);
  EXPECT_EQ(least_parameters({.hidden = 3, .layers = 4}), 48);
  EXPECT_EQ(least_parameters({.hidden = 100, .projection = 4}), 500);
}

TEST(LeastParameters, DoNotOverflow) {
  const double most = least_parameters({.hidden = 1 << 20, .layers = 1000});
  EXPECT_GT(most, 1e15);
  EXPECT_EQ(least_parameters({.widths = std::vector<int64_t>(3, int64_t{1} << 62)}), 3 * std::pow(2.0, 124));
}

TEST(CheckLeastParameters, PassesAsManyAsTheFileHolds) {
  EXPECT_NO_THROW(check_least_parameters(10, 10));
  EXPECT_NO_THROW(check_least_parameters(0, 0));
  EXPECT_ERROR(check_least_parameters(11, 10), "a model of at least 11 parameters, but the file has 10");
  EXPECT_ERROR(check_least_parameters(1e300, int64_t{1} << 62), "at least");
}

TEST(DecoderLayers, TakeTheConvolutionWithTheLastBlockAlone) {
  RecurrentOptions encoder{.hidden = 4, .layers = 2, .blocks = {"none", "residual"}, .block_conv = 3};
  EXPECT_EQ(decoder_layers(encoder, {.input = 2}).block_conv, 3);
  encoder.blocks = {"residual", "none"};
  const RecurrentOptions decoder = decoder_layers(encoder, {.input = 2});
  EXPECT_EQ(decoder.block_conv, 0);
  EXPECT_GT(parameters_of(decoder), 0);
}

TEST(OneOfCells, OffersEveryCellByItsName) {
  const std::vector<std::string> names = one_of_cells().choices;
  EXPECT_EQ(names.size(), layer_kinds().size());
  EXPECT_GT(names.size(), cells().size());
  for (const std::string& name : names) EXPECT_EQ(find_layer_kind(name).name, name);
}

// What visit_layers() lets through, gathered by a visitor of our own.
struct Keys {
  std::vector<std::string> names;
  std::map<std::string, Range> ranges;

  template <class T>
  void operator()(const char* key, T&, const char* help) {
    EXPECT_STRNE(help, "") << key;
    names.emplace_back(key);
  }
  template <class T>
  void operator()(const char* key, T& variable, const char* help, const Range& range) {
    (*this)(key, variable, help);
    ranges[key] = range;
  }
  template <class T>
  void operator()(const char* key, T& variable, const char* help, const OneOf&) {
    (*this)(key, variable, help);
  }
};

TEST(VisitLayers, NamesEachOptionOnceWithDefaultsWithinTheirLimits) {
  RecurrentOptions rnn{.hidden = 8};
  Keys keys;
  visit_layers(keys, rnn);
  EXPECT_EQ(std::set<std::string>(keys.names.begin(), keys.names.end()).size(), keys.names.size());
  EXPECT_TRUE(keys.ranges.at("hidden").contains(static_cast<double>(rnn.hidden)));
  EXPECT_TRUE(keys.ranges.at("layers").contains(rnn.layers));
  EXPECT_TRUE(keys.ranges.at("chrono_steps").contains(static_cast<double>(rnn.chrono_steps)));
  for (const char* share : {"recurrent_dropout", "weight_drop", "zoneout", "zoneout_inner"}) {
    EXPECT_TRUE(keys.ranges.at(share).contains(0)) << share;
    EXPECT_FALSE(keys.ranges.at(share).contains(1)) << share;
  }
  EXPECT_FALSE(keys.ranges.at("hidden").contains(0));
}

}  // namespace
}  // namespace recur
