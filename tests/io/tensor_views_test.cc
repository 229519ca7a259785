#include "recur/io/tensor_views.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(NamedTensors, SurviveAFile) {
  const testing::Scratch scratch;
  const NamedTensors tensors{{"a", Tensor::from({1, 2, 3, 4, 5, 6}, {2, 3})},
                             {"b", Tensor::scalar(0.1, DType::kF64)},
                             {"c", Tensor::from(std::vector<int64_t>{-1, 7}, {2})},
                             {"d", Tensor::zeros({0, 4}, DType::kBF16)}};
  write_safetensors(scratch / "x.safetensors", views_of(tensors, "model."));
  const SafetensorsFile file = SafetensorsFile::open(scratch / "x.safetensors");
  for (const NamedTensor& each : tensors) {
    const Tensor read = tensor_of(file.at("model." + each.name));
    EXPECT_EQ(read.dtype(), each.value.dtype());
    EXPECT_EQ(read.shape(), each.value.shape());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(std::as_const(read).bytes()), read.byte_size()),
              std::string(reinterpret_cast<const char*>(each.value.bytes()), each.value.byte_size()));
  }
}

TEST(NamedTensors, ViewsShareTheElements) {
  const Tensor x = Tensor::ones({3});
  EXPECT_EQ(view_of("x", x).data.data(), x.bytes());
}

TEST(NamedTensors, RefuseTypesThatTensorsDoNotHave) {
  const std::byte data[4] = {};
  EXPECT_ERROR(tensor_of({.name = "h", .dtype = "F16", .shape = {2}, .data = data}), "tensor \"h\": expected a type");
  const TensorView deep{
      .name = "deep", .dtype = "U8", .shape = {1, 1, 1, 1, 1, 1, 1}, .data = std::span(data).first(1)};
  EXPECT_ERROR(tensor_of(deep), "");
}

}  // namespace
}  // namespace recur
