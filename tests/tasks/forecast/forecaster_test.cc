// What every decoder must do, whatever its network.
#include "recur/tasks/forecast/forecaster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "recur/autograd/node.h"
#include "recur/optim/adam.h"
#include "recur/tasks/forecast/forecast_defaults.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

struct Case {
  std::string name, decoder, head = "quantiles", scaler = "mean", center = "none";
  int64_t highway = 0, members = 1;
  bool attention = false;
};

std::ostream& operator<<(std::ostream& out, const Case& each) { return out << each.name; }

// Three series of different lengths, all above 0; `factor` scales them, `tail` is what stands behind step 20.
SequenceSet series(double factor = 1, double tail = 0) {
  std::string text = "id,time,y,event\n";
  for (int i = 0; i < 3; ++i) {
    for (int t = 0; t < 24 + 4 * i; ++t) {
      const double y = (10 + 5 * i) * (1.2 + std::sin(0.8 * t + i)) + (t >= 20 ? tail : 0);
      text += fmt::format("s{},{},{:.5f},{}\n", i, t, factor * y, t % 5 == 0 ? 1 : 0);
    }
  }
  SequenceOptions how;
  how.columns = {.layout = Layout::kLong, .id = "id", .time = "time", .values = {"y"}, .past = {"event"}};
  return sequences_of("a.csv", text, how);
}

class EveryForecaster : public ::testing::TestWithParam<Case> {
 protected:
  EveryForecaster() {
    const Case& each = GetParam();
    options_.data.horizon = 4;
    options_.data.context = 12;
    options_.data.season = 3;
    options_.data.identity = "series";
    options_.data.scaler = each.scaler;
    options_.data.center = each.center;
    options_.model.decoder = each.decoder;
    options_.model.head = each.head;
    options_.model.quantiles = 3;
    options_.model.rnn.hidden = 6;
    options_.model.highway = each.highway;
    options_.model.members = each.members;
    options_.model.attention = each.attention;
    options_.model.dropout = 0;
    choose_forecast_defaults(options_, series());
    panel_ = make_panel(1, 0);
    Random random(1);
    const ForecastSizes sizes{.past = 1, .ahead = panel_.ahead_features, .identities = 4};
    model_ = make_forecaster(options_, sizes, random);
  }

  Panel make_panel(double factor, double tail) const { return panel_of(series(factor, tail), options_.data); }

  WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows) {
    const autograd::NoGrad no_grad;
    Random random(7);
    return model_->forecast(panel, windows, 5, random);
  }

  ForecastOptions options_;
  Panel panel_;
  std::unique_ptr<Forecaster> model_;
  std::vector<ForecastWindow> windows_{{0, 20}, {1, 9}, {2, 3}, {2, 30}};
};

TEST_P(EveryForecaster, GivesAsManyValuesOfEachStepForEachWindow) {
  const WindowPaths paths = forecast(panel_, windows_);
  ASSERT_EQ(paths.size(), 4u);
  for (const auto& path : paths) {
    EXPECT_EQ(path.size(), paths[0].size());
    EXPECT_EQ(path.size() % 4, 0u);
    for (const float y : path) EXPECT_TRUE(std::isfinite(y));
  }
}

TEST_P(EveryForecaster, DoesNotSeeBehindTheOrigin) {
  const std::vector<ForecastWindow> window{{0, 20}};
  // The panel's scales are learnt from all of it; those of the windows are what must not see ahead.
  Panel other = panel_;
  for (int64_t t = 20; t < std::ssize(other.series[0].values); ++t) other.series[0].values[t] = 1000;
  EXPECT_EQ(forecast(panel_, window), forecast(other, window));
}

TEST_P(EveryForecaster, ForecastsAWindowTheSameAloneAndBesideOthers) {
  if (model_->draws_paths()) return;  // the draws depend on what was drawn before
  const WindowPaths together = forecast(panel_, windows_);
  for (size_t b = 0; b < windows_.size(); ++b) {
    const WindowPaths alone = forecast(panel_, std::span(windows_).subspan(b, 1));
    for (size_t i = 0; i < alone[0].size(); ++i) {
      EXPECT_NEAR(alone[0][i], together[b][i], 1e-4 * (1 + std::abs(together[b][i]))) << b;
    }
  }
}

TEST_P(EveryForecaster, GrowsWithItsSeries) {
  if (GetParam().scaler == "none" && GetParam().decoder != "smoothing") return;  // nothing is scaled
  if (GetParam().head == "negative_binomial") return;                            // counts have no other unit
  const WindowPaths small = forecast(panel_, windows_), large = forecast(make_panel(8, 0), windows_);
  for (size_t b = 0; b < windows_.size(); ++b) {
    for (size_t i = 0; i < small[b].size(); ++i) {
      EXPECT_NEAR(large[b][i], 8 * small[b][i], 1e-2 * (1 + std::abs(8 * small[b][i]))) << b;
    }
  }
}

TEST_P(EveryForecaster, LearnsOneBatchWithEveryParameter) {
  Random random(3);
  Adam adam(model_->parameters(), {.rate = 0.02f});
  std::vector<ForecastWindow> batch;
  for (int64_t k = 0; k < options_.model.members; ++k) batch.insert(batch.end(), windows_.begin(), windows_.end());
  double first = 0, last = 0;
  std::set<std::string> moved;
  for (int i = 0; i < 80; ++i) {
    const Tensor loss = model_->loss(panel_, batch, Mode::training(random)).mean;
    loss.backward();
    for (const NamedTensor& each : model_->named_parameters()) {
      if (!each.value.grad().defined()) continue;
      for (const float g : each.value.grad().values<float>()) {
        if (g != 0) moved.insert(each.name);
      }
    }
    adam.step();
    adam.zero_grad();
    (i == 0 ? first : last) = loss.item();
  }
  EXPECT_LT(last, first - 0.3 * std::abs(first));
  for (const NamedTensor& each : model_->named_parameters()) EXPECT_TRUE(moved.contains(each.name)) << each.name;
}

INSTANTIATE_TEST_SUITE_P(
    Decoders, EveryForecaster,
    ::testing::Values(Case{"direct", "direct"}, Case{"direct_last", "direct", "mae", "deviation", "last"},
                      Case{"direct_highway", "direct", "normal", "mean", "mean", 6},
                      Case{"direct_attention", "direct", "quantiles", "mean", "last", 0, 1, true},
                      Case{"direct_members", "direct", "quantiles", "mean", "none", 0, 2},
                      Case{"autoregressive", "autoregressive", "normal"},
                      Case{"autoregressive_point", "autoregressive", "mae"},
                      Case{"autoregressive_student", "autoregressive", "student", "deviation", "last"},
                      Case{"autoregressive_quantiles", "autoregressive", "quantiles"},
                      Case{"autoregressive_counts", "autoregressive", "negative_binomial"},
                      Case{"autoregressive_members", "autoregressive", "normal", "mean", "none", 0, 2},
                      Case{"smoothing", "smoothing", "quantiles", "none"},
                      Case{"smoothing_point", "smoothing", "mae", "none"}),
    [](const auto& each) { return each.param.name; });

TEST(Members, PoolDrawsAndAverageQuantiles) {
  const Panel panel = panel_of({"1, 2, 3, 4, 5, 6, 7, 8"}, data_options(2, 4));
  ForecastOptions options;
  options.data = data_options(2, 4);
  options.model.rnn.hidden = 4;
  options.model.segment = 2;
  options.model.lags = {1};
  options.model.members = 2;
  Random random(1);
  const std::vector<ForecastWindow> window{{0, 6}};
  for (const bool draws : {true, false}) {
    options.model.decoder = draws ? "autoregressive" : "direct";
    options.model.head = draws ? "normal" : "quantiles";
    const auto model = make_forecaster(options, {.ahead = panel.ahead_features}, random);
    EXPECT_EQ(model->draws_paths(), draws);
    EXPECT_EQ(model->forecast(panel, window, 10, random)[0].size(), draws ? 10u * 2 : 9u * 2);
  }
}

}  // namespace
}  // namespace recur
