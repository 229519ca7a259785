#include "recur/tasks/metrics/image_quality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "recur/base/json.h"
#include "recur/data/files/data_file.h"

namespace recur {
namespace {

std::vector<float> hundredths(const Json& json) {
  std::vector<float> out;
  for (const auto each : json.get<std::vector<int64_t>>()) out.push_back(static_cast<float>(each) / 100);
  return out;
}

TEST(ImageQuality, IsThatOfScikitImage) {
  const Json json =
      parse_json(DataFile(std::string(RECUR_TEST_DATA) + "/golden/image_quality.json").content(1 << 22), 4).value();
  const Json& cases = json.at("cases");
  ASSERT_EQ(cases.size(), 5u);
  for (size_t i = 0; i < cases.size(); ++i) {
    const Json& each = cases[i];
    const PlaneShape shape{each.at("channels").get<int64_t>(), each.at("height").get<int64_t>(),
                           each.at("width").get<int64_t>()};
    const std::vector<float> a = hundredths(each.at("a")), b = hundredths(each.at("b"));
    EXPECT_NEAR(peak_signal_to_noise(mean_squared_error(a, b)), each.at("psnr").get<double>(), 1e-4) << i;
    EXPECT_NEAR(structural_similarity(a, b, shape), each.at("ssim").get<double>(), 1e-6) << i;
    EXPECT_EQ(median_filter(a, shape), hundredths(each.at("median"))) << i;
  }
}

TEST(ImageQuality, OfEqualPicturesIsTheBest) {
  const std::vector<float> a{0, 0.5f, 1, 0.25f};
  EXPECT_EQ(peak_signal_to_noise(mean_squared_error(a, a)), 100);
  EXPECT_NEAR(structural_similarity(a, a, {1, 2, 2}), 1, 1e-9);
  EXPECT_NEAR(peak_signal_to_noise(0.01), 20, 1e-9);
}

}  // namespace
}  // namespace recur
