#include "recur/io/int8_tensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "recur/base/random.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

Tensor normal_matrix(int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  Random random(1);
  random.normal(values);
  return Tensor::from(values, {rows, columns});
}

NamedTensors model() {
  return {{"rnn.weight_hh_l0", normal_matrix(8, 2)},  {"rnn.bias_hh_l0", Tensor::ones({8})},
          {"rnn.norm_hh_l0", normal_matrix(2, 600)},  {"decoder.weight", normal_matrix(30, 40)},
          {"embedding.weight", normal_matrix(10, 2)}, {"conv.weight", Tensor::ones({20, 20, 3})}};
}

TEST(Int8Tensors, RoundMatricesAndKeepTheRest) {
  const Scratch scratch;
  const Int8Tensors tensors(model());
  write_safetensors(scratch / "m", tensors.views());
  const SafetensorsFile file = SafetensorsFile::open(scratch / "m");
  EXPECT_TRUE(has_int8(file));
  for (const char* name : {"rnn.weight_hh_l0", "decoder.weight"}) {
    EXPECT_EQ(file.at(name).dtype, "I8") << name;
    EXPECT_EQ(file.at(name + std::string(".scale")).shape, std::vector{file.at(name).shape[0]}) << name;
  }
  for (const char* name : {"rnn.bias_hh_l0", "rnn.norm_hh_l0", "embedding.weight", "conv.weight"})
    EXPECT_EQ(file.at(name).dtype, "F32") << name;
}

TEST(Int8Tensors, ReadBackWithinHalfAStep) {
  const Scratch scratch;
  const NamedTensors written = model();
  write_safetensors(scratch / "m", Int8Tensors(written).views());
  const NamedTensors read = read_tensors(SafetensorsFile::open(scratch / "m"));
  ASSERT_EQ(read.size(), written.size());
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].name, written[i].name);
    ASSERT_EQ(read[i].value.shape(), written[i].value.shape());
    const auto a = read[i].value.values<float>(), b = written[i].value.values<float>();
    for (size_t k = 0; k < a.size(); ++k) ASSERT_NEAR(a[k], b[k], 4.5 / 127 / 2) << read[i].name;
  }
}

TEST(Int8Tensors, FilesWithoutThemAreReadAsTheyAre) {
  const Scratch scratch;
  const Tensor scale = Tensor::ones({3});
  write_safetensors(scratch / "m", views_of({{"weight.scale", scale}}));
  const SafetensorsFile file = SafetensorsFile::open(scratch / "m");
  EXPECT_FALSE(has_int8(file));
  EXPECT_EQ(read_tensors(file).at(0).name, "weight.scale");
}

TEST(Int8Tensors, WeightsThatAreNotFiniteAreRefused) {
  for (const float bad : {NAN, INFINITY}) {
    Tensor weight = normal_matrix(40, 40);
    weight.data<float>()[85] = bad;
    EXPECT_ERROR(Int8Tensors({{"weight", weight}}), "\"weight\": row 2 is not finite");
  }
}

// What reading a file with a matrix [2, 3] and these other tensors says.
void read_with(const std::vector<TensorView>& others, const std::vector<int64_t>& shape = {2, 3}) {
  const Scratch scratch;
  static constexpr int8_t kIntegers[6] = {1, -127, 3, 4, 5, 6};
  std::vector<TensorView> tensors = {{"w", "I8", shape, std::as_bytes(std::span(kIntegers))}};
  tensors.insert(tensors.end(), others.begin(), others.end());
  write_safetensors(scratch / "m", tensors);
  read_tensors(SafetensorsFile::open(scratch / "m"));
}

TEST(Int8Tensors, HostileScalesAreRefused) {
  static constexpr float kGood[3] = {1, 2, 3}, kNegative[2] = {1, -1}, kNan[2] = {NAN, 1}, kInfinite[2] = {1, INFINITY};
  const auto scale = [](std::span<const float> values, const char* type, std::vector<int64_t> shape) {
    return std::vector<TensorView>{{"w.scale", type, std::move(shape), std::as_bytes(values)}};
  };
  EXPECT_NO_THROW(read_with(scale(std::span(kGood, 2), "F32", {2})));
  EXPECT_ERROR(read_with({}), "\"w\": its scales, \"w.scale\", are missing");
  EXPECT_ERROR(read_with(scale(kGood, "F32", {3})), "expected F32 of shape [2], got F32 of shape [3]");
  EXPECT_ERROR(read_with(scale(std::span(kGood, 2), "I32", {2})), "got I32");
  EXPECT_ERROR(read_with(scale(std::span(kGood, 2), "F32", {2, 1})), "got F32 of shape [2, 1]");
  EXPECT_ERROR(read_with(scale(kNegative, "F32", {2})), "scales >= 0, got -1");
  EXPECT_ERROR(read_with(scale(kNan, "F32", {2})), "scales >= 0, got nan");
  EXPECT_ERROR(read_with(scale(kInfinite, "F32", {2})), "scales >= 0, got inf");
  EXPECT_ERROR(read_with({}, {6}), "expected a matrix");
  EXPECT_ERROR(read_with({}, {2, 3, 1}), "expected a matrix");
}

}  // namespace
}  // namespace recur::testing
