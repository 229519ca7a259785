#include "recur/nn/pyramid.h"

#include <fmt/format.h>

#include "recur/autograd/trace.h"
#include "recur/autograd/trace_graph.h"
#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/nn/packing.h"

namespace recur {
namespace {

constexpr int64_t kPair = 2;

// Of half as many steps.
std::vector<int64_t> halved(const std::vector<int64_t>& lengths, int64_t steps) {
  if (const Trace* trace = tracing()) {
    if (const Tensor known = trace->lengths(lengths, steps); known.defined())
      return to_lengths(strided_lengths(known, kPair));
  }
  std::vector<int64_t> out;
  for (const int64_t length : lengths) out.push_back(strided(length, kPair));
  return out;
}

}  // namespace

Pyramid::Pyramid(const PyramidOptions& options, Random& random)
    : dropout_(options.rnn.dropout), locked_(options.rnn.locked_dropout) {
  if (options.layers < 1 || options.hidden < 1)
    fail("pyramid: expected at least 1 layer and 1 unit, got {} and {}", options.layers, options.hidden);
  RecurrentOptions own = options.rnn;
  own.widths.clear();
  own.layers = 1;
  if (!own.cells.empty()) own.cell = own.cells.back();
  if (!own.blocks.empty()) own.block = own.blocks.back();
  if (own.block == "none") own.block_conv = 0;
  own.cells.clear();
  own.blocks.clear();
  own.hidden = options.hidden;
  int64_t input = options.rnn.input;
  for (int64_t l = 0; l < options.layers; ++l) {
    pairs_.emplace_back(TimeConvOptions{.in = input, .out = options.hidden, .kernel = kPair, .stride = kPair}, random);
    own.input = options.hidden;
    layers_.emplace_back(own, random);
    register_module(fmt::format("pair{}", l), pairs_.back());
    register_module(fmt::format("rnn{}", l), layers_.back());
    input = layers_.back().output_features();
  }
}

Pyramid::Output Pyramid::operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  Output out{x, lengths};
  for (size_t l = 0; l < layers_.size(); ++l) {
    out.lengths = halved(out.lengths, out.y.size(0));
    const Tensor read = pairs_[l](drop_features(out.y, dropout_, locked_, mode));
    out.y = layers_[l](read, {.lengths = out.lengths, .mode = mode}).y;
  }
  return out;
}

}  // namespace recur
