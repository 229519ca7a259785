#include "recur/exchange/onnx/tensor_layout.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur::onnx {
namespace {

constexpr int kT = 1, kB = 2;

Factor steps(int64_t size = -1) { return {.id = kT, .role = Role::kTime, .size = size}; }
Factor sequences(int64_t size = -1) { return {.id = kB, .role = Role::kBatch, .size = size}; }

// Y of a layer in both directions: [T, D, B, H].
TensorLayout both() { return TensorLayout({{steps()}, {both_directions()}, {sequences()}, {features_of(3)}}); }

TEST(TensorLayout, AReshapeJoinsDirectionsAndFeaturesInTheirOrderAlone) {
  const TensorLayout y = both().transposed({0, 2, 1, 3});
  const TensorLayout joined = y.reshaped({{.ids = {kT}}, {.ids = {kB}}, {.number = -1}});
  EXPECT_EQ(joined.str(), "[time, batch, directions x features]");
  EXPECT_EQ(joined.features_at(2).size(2), 6);
  EXPECT_EQ(joined.reshaped({{.ids = {kT}}, {.ids = {kB}}, {.number = 2}, {.number = 3}}), y);
  const TensorLayout mixed = both().transposed({0, 2, 3, 1}).reshaped({{.ids = {kT}}, {.ids = {kB}}, {.number = 6}});
  EXPECT_ERROR(mixed.features_at(2), "got [time, batch, features x directions]");
}

TEST(TensorLayout, RowsOfAllStepsComeApartAgain) {
  const TensorLayout x({{steps()}, {sequences()}, {features_of(4)}});
  const TensorLayout rows = x.reshaped({{.number = -1}, {.number = 4}});
  EXPECT_EQ(rows.str(), "[time x batch, features]");
  EXPECT_EQ(rows.reshaped({{.ids = {kT}}, {.ids = {kB}}, {.number = 4}}), x);
  EXPECT_ERROR(rows.reshaped({{.ids = {kB}}, {.ids = {kT}}, {.number = 4}}), "mixes axes");
}

TEST(TensorLayout, WhatWouldTearAxesApartIsRefused) {
  const TensorLayout x({{steps(6)}, {sequences()}, {features_of(4)}});
  EXPECT_ERROR(x.reshaped({{.number = 3}, {.number = -1}}), "tears axes");
  EXPECT_ERROR(x.reshaped({{.number = 6}, {.number = 2}, {.number = 4}}), "axis of open size");
  EXPECT_ERROR(x.reshaped({{.number = -1}, {.number = -1}}), "several sizes that are open");
  EXPECT_ERROR(x.reshaped({{.number = 6}}), "fewer elements");
  EXPECT_ERROR(x.squeezed({1}), "not of size 1");
  EXPECT_ERROR(x.transposed({0, 0, 1}), "named twice");
  EXPECT_ERROR(x.transposed({0, 1, 3}), "axis 3 of a tensor of 3 axes");
  EXPECT_ERROR(x.unsqueezed({0, 1, 2, 3, 4, 5, 6}), "more than 8 axes");
}

// Two axes of size 1 are not the same axis.
TEST(TensorLayout, AxesOfSizeOneKeepTheirMeaning) {
  const TensorLayout x({{sequences(1)}, {steps(1)}, {features_of(4)}});
  EXPECT_EQ(x.transposed({1, 0, 2}).axis_of(Role::kTime), 0);
  EXPECT_EQ(x.squeezed({0}).axis_of(Role::kTime), 0);
  EXPECT_ERROR(x.taken(0, Role::kTime), "expected time as axis 0 of the tensor, got [batch, time, features]");
}

}  // namespace
}  // namespace recur::onnx
