#include "recur/tasks/classify/classify_ensemble.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"
#include "tests/tasks/classify/small_classifier.h"

namespace recur {
namespace {

constexpr ClassifySizes kSizes{.text = false, .features = 2, .outputs = 3};

ClassifyModelOptions options(int64_t members) {
  ClassifyModelOptions result = testing::small_classifier();
  result.members = members;
  return result;
}

SequenceBatch batch() {
  Random random(7);
  Tensor x = Tensor::zeros({5, 2, 2});
  random.normal({x.data<float>(), static_cast<size_t>(x.numel())});
  return {.x = x, .lengths = {5, 3}};
}

TEST(ClassifyEnsemble, OfClassesAnswersWithTheLogarithmOfTheMeanProbability) {
  Random random(1);
  ClassifyEnsemble ensemble(options(3), kSizes, random);
  const auto outputs = ensemble.outputs(batch(), Mode::evaluation());
  ASSERT_EQ(outputs.size(), 3u);
  EXPECT_NE(outputs[0].values<float>()[0], outputs[1].values<float>()[0]);
  const Tensor answer = ensemble.answer(batch(), false);
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t c = 0; c < 3; ++c) {
      double mean = 0;
      for (const Tensor& output : outputs) {
        const auto row = output.values<float>().subspan(b * 3, 3);
        mean += std::exp(row[c]) / (std::exp(row[0]) + std::exp(row[1]) + std::exp(row[2])) / 3;
      }
      EXPECT_NEAR(answer.values<float>()[b * 3 + c], std::log(mean), 1e-5);
    }
  }
}

TEST(ClassifyEnsemble, OfValuesAnswersWithTheMean) {
  Random random(1);
  ClassifyEnsemble ensemble(options(2), kSizes, random);
  const auto outputs = ensemble.outputs(batch(), Mode::evaluation());
  const Tensor answer = ensemble.answer(batch(), true);
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(answer.values<float>()[i], (outputs[0].values<float>()[i] + outputs[1].values<float>()[i]) / 2, 1e-6);
  }
}

TEST(ClassifyEnsemble, OfOneHasTheParametersOfTheNetwork) {
  Random random(1), again(1);
  ClassifyEnsemble one(options(1), kSizes, random);
  const ClassifyModel network(options(1), kSizes, again);
  const NamedTensors of_one = one.named_parameters(), of_network = network.named_parameters();
  ASSERT_EQ(of_one.size(), of_network.size());
  for (size_t i = 0; i < of_one.size(); ++i) EXPECT_EQ(of_one[i].name, of_network[i].name);
  one.infer_in_int8();
  EXPECT_TRUE(one.members()[0].infers_in_int8());  // it is the same module
}

TEST(ClassifyEnsemble, OfSeveralNumbersTheirParameters) {
  Random random(1);
  const ClassifyEnsemble two(options(2), kSizes, random);
  const ClassifyModel network(options(1), kSizes, random);
  const NamedTensors names = two.named_parameters();
  ASSERT_EQ(names.size(), 2 * network.named_parameters().size());
  EXPECT_EQ(names.front().name.substr(0, 2), "0.");
  EXPECT_EQ(names.back().name.substr(0, 2), "1.");
  // What one network may have is too little for a hundred of them.
  EXPECT_NO_THROW(check_ensemble_size(options(1), kSizes, network.parameter_count()));
  EXPECT_ERROR(check_ensemble_size(options(100), kSizes, network.parameter_count()), "at least");
}

}  // namespace
}  // namespace recur
