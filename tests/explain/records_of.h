// Functions and small networks as records to explain.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/explainable.h"

namespace recur::testing {

// Channels "c0", "c1", ...: one for each number of a step.
inline ReadRecord record_of(const Tensor& x) {
  ReadRecord read;
  read.id = "r";
  read.target = "y";
  read.scale = "value";
  read.x = x;
  for (int64_t f = 0; f < x.size(1); ++f) {
    read.channels.push_back("c" + std::to_string(f));
    read.channel_of.push_back(f);
  }
  const Tensor plain = x.clone(DType::kF32);
  read.shown.assign(plain.values<float>().begin(), plain.values<float>().end());
  return read;
}

class FunctionRecord : public Explainable {
 public:
  // x [T, B, F] -> [B]
  using Function = std::function<Tensor(const Tensor& x)>;
  FunctionRecord(const Tensor& x, Function function) : FunctionRecord(record_of(x), std::move(function)) {}
  FunctionRecord(ReadRecord read, Function function) : Explainable(std::move(read)), function_(std::move(function)) {}

  Tensor score(const Tensor& x) const override { return function_(x); }

 private:
  Function function_;
};

// Recurrent layers, and the log-odds of a class by what they give after the last step.
class NetworkRecord : public Explainable {
 public:
  NetworkRecord(const Tensor& x, Recurrent network, Linear head, int64_t target)
      : Explainable(record_of(x)), network_(std::move(network)), head_(std::move(head)), target_(target) {}

  Tensor score(const Tensor& x) const override {
    const Tensor y = network_(x, {.mode = Mode::evaluation()}).y;
    return class_score(head_(row(y, y.size(0) - 1)), target_, false);
  }
  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    return {{.name = "rnn", .network = network_, .x = x}};
  }

 private:
  Recurrent network_;
  Linear head_;
  int64_t target_;
};

// Numbers that look random and are always the same.
inline Tensor some_numbers(const Shape& shape, uint64_t seed, DType dtype = DType::kF64) {
  Random random(seed);
  std::vector<float> values(static_cast<size_t>(shape.numel()));
  random.normal(std::span<float>(values));
  return Tensor::from(values, shape).clone(dtype);
}

// A GRU over x and a layer, in its precision.
inline NetworkRecord network_record(const Tensor& x, uint64_t seed, const RecurrentOptions& options = {.cell = "gru"}) {
  Random random(seed);
  RecurrentOptions own = options;
  own.input = x.size(1);
  if (own.hidden == 0) own.hidden = 6;
  Recurrent network(own, random);
  Linear head({.in = network.output_features(), .out = 3}, random);
  network.to(x.dtype());
  head.to(x.dtype());
  return {x, network, head, 1};
}

}  // namespace recur::testing
