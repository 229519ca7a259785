#include "recur/io/sparse_tensors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/io/int8_tensors.h"
#include "tests/support/scratch.h"
#include "tests/support/sparse_weights.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

Tensor sparse_matrix(int64_t rows, int64_t columns, kernels::BlockShape shape, double share) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  Random random(1);
  random.normal(values);
  Tensor matrix = Tensor::from(values, {rows, columns});
  drop_blocks(matrix, shape, share, 2);
  return matrix;
}

std::vector<float> floats_of(const Tensor& tensor) {
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

std::string stored_file(const StoredTensors& tensors) {
  const Scratch scratch;
  write_safetensors(scratch / "m", tensors.views());
  return read_bytes(scratch / "m");
}

SafetensorsFile file_in(const std::string& bytes) {
  return SafetensorsFile::parse(std::as_bytes(std::span(bytes)), "m");
}

TEST(SparseTensors, ReadBackToTheBitInFewerBytes) {
  for (const kernels::BlockShape shape : {kernels::BlockShape{16, 1}, {4, 16}, {1, 1}}) {
    Tensor weight = sparse_matrix(70, 45, shape, 0.9);
    weight.data<float>()[3] = -0.0f;  // a bit is set
    const Tensor bias = Tensor::zeros({64});
    const std::string bytes = stored_file(StoredTensors({{"rnn.weight_hh_l0", weight}, {"rnn.bias_hh_l0", bias}}));
    EXPECT_LT(bytes.size(), size_t{70 * 45 * 4 / 2});
    const SafetensorsFile file = file_in(bytes);
    const TensorView& header = file.at("rnn.weight_hh_l0.sparse");
    EXPECT_EQ(file.at("rnn.weight_hh_l0.values").shape[1], shape.rows);
    EXPECT_EQ(header.dtype, "I64");
    EXPECT_EQ(elements_of(file), 70 * 45 + 64);
    const NamedTensors read = read_tensors(file);
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].name, "rnn.weight_hh_l0");
    EXPECT_EQ(read[0].value.shape(), weight.shape());
    EXPECT_EQ(floats_of(read[0].value), floats_of(weight));
    EXPECT_TRUE(std::signbit(read[0].value.values<float>()[3]));
  }
}

TEST(SparseTensors, WhatHasFewZerosStaysWhole) {
  const Tensor few = sparse_matrix(64, 64, {16, 1}, 0.2), nothing = Tensor::zeros({64, 64});
  const std::string bytes = stored_file(
      StoredTensors({{"weight_ih", few}, {"weight_hh", nothing}, {"weight", sparse_matrix(64, 64, {16, 1}, 0.9)}}));
  const SafetensorsFile file = file_in(bytes);
  for (const char* name : {"weight_ih", "weight_hh", "weight"}) EXPECT_EQ(file.at(name).dtype, "F32") << name;
}

TEST(SparseTensors, IntegersOfSparseWeightsAreSparse) {
  const Scratch scratch;
  const NamedTensors model = {{"weight_hh", sparse_matrix(64, 48, {4, 16}, 0.8)}};
  write_safetensors(scratch / "sparse", Int8Tensors(model, true).views());
  write_safetensors(scratch / "whole", Int8Tensors(model).views());
  const SafetensorsFile sparse = SafetensorsFile::open(scratch / "sparse");
  EXPECT_TRUE(has_int8(sparse));
  EXPECT_EQ(sparse.at("weight_hh.values").dtype, "I8");
  EXPECT_LT(read_bytes(scratch / "sparse").size(), read_bytes(scratch / "whole").size());
  const NamedTensors a = read_tensors(sparse), b = read_tensors(SafetensorsFile::open(scratch / "whole"));
  ASSERT_EQ(a.size(), 1U);
  EXPECT_EQ(floats_of(a[0].value), floats_of(b[0].value));
}

// What reading a matrix of 2 x 3 blocks says, the first and the fifth of which are there; or with one part changed.
struct SparseParts {
  std::vector<int64_t> header = {4, 6, 2, 2};
  std::vector<int32_t> index = {0, 4};
  std::vector<int64_t> values_shape = {2, 2, 2};
  std::string values_type = "F32";

  void read() const {
    const Scratch scratch;
    int64_t count = 1;
    for (const int64_t size : values_shape) count *= size;
    const std::vector<float> values(static_cast<size_t>(count), 1.0f);
    auto data = std::as_bytes(std::span(values));
    if (values_type == "I8") data = data.first(values.size());
    std::vector<TensorView> tensors = {
        {"w.sparse", "I64", {static_cast<int64_t>(header.size())}, std::as_bytes(std::span(header))},
        {"w.index", "I32", {static_cast<int64_t>(index.size())}, std::as_bytes(std::span(index))}};
    if (!values_type.empty()) tensors.push_back({"w.values", values_type, values_shape, data});
    write_safetensors(scratch / "m", tensors);
    const NamedTensors read = read_tensors(SafetensorsFile::open(scratch / "m"));
    EXPECT_EQ(read.at(0).value.shape(), (Shape{4, 6}));
    EXPECT_EQ(floats_of(read[0].value)[0], 1);
    EXPECT_EQ(floats_of(read[0].value)[2], 0);
    EXPECT_EQ(floats_of(read[0].value)[2 * 6 + 2], 1);
  }
};

TEST(SparseTensors, HostilePartsAreRefused) {
  EXPECT_NO_THROW(SparseParts().read());
  EXPECT_ERROR((SparseParts{.header = {4, 6}}.read()), "\"w.sparse\": expected I64 of shape [4], got I64 of shape [2]");
  EXPECT_ERROR((SparseParts{.header = {-1, 6, 2, 2}}.read()), "expected sides in 1 .. 2147483647, got -1");
  EXPECT_ERROR((SparseParts{.header = {4, int64_t{1} << 40, 2, 2}}.read()), "expected sides in 1");
  EXPECT_ERROR((SparseParts{.header = {4, 6, 0, 2}}.read()), "sides of blocks in 1 .. 64, got 0");
  EXPECT_ERROR((SparseParts{.header = {4, 6, 2, 65}}.read()), "sides of blocks in 1 .. 64, got 65");
  EXPECT_ERROR((SparseParts{.header = {100000, 100000, 2, 2}}.read()), "expected at least one in 256");
  EXPECT_ERROR((SparseParts{.header = {1 << 30, 1 << 30, 1, 1}, .values_shape = {2, 1, 1}}.read()), "one in 256");
  EXPECT_ERROR((SparseParts{.index = {0, 6}}.read()), "expected blocks below 6 in ascending order, got 6 after 0");
  EXPECT_ERROR((SparseParts{.index = {4, 4}}.read()), "got 4 after 4");
  EXPECT_ERROR((SparseParts{.index = {-1, 4}}.read()), "got -1 after -1");
  EXPECT_ERROR((SparseParts{.values_shape = {3, 2, 2}}.read()),
               "\"w.values\": expected F32 or F64 or I8 of shape [2, 2, 2]");
  EXPECT_ERROR((SparseParts{.values_type = "I32"}.read()), "got I32");
  EXPECT_ERROR((SparseParts{.values_type = "I8"}.read()), "\"w\": its scales, \"w.scale\", are missing");
  EXPECT_ERROR((SparseParts{.values_type = ""}.read()), "\"w.sparse\": \"w.values\" is missing");
}

}  // namespace
}  // namespace recur::testing
