#include "recur/tasks/synthesize/handwriting/gaussian_window.h"

#include <cmath>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {

GaussianWindow::GaussianWindow(const GaussianWindowOptions& options, Random& random)
    : parts_(options.parts), move_({.in = options.in, .out = 3 * options.parts}, random) {
  register_module("move", move_);
  // The window goes on at the pace of the data from the first step, so that it finds what it has to read.
  Tensor own = move_.bias.own();
  float* bias = own.data<float>() + 2 * parts_;
  for (int64_t k = 0; k < parts_; ++k) bias[k] += static_cast<float>(std::log(options.pace));
}

GaussianWindow::Output GaussianWindow::operator()(const Tensor& h, const Tensor& kappa, const Tensor& read,
                                                  const Tensor& within) const {
  const int64_t batch = read.size(0), places = read.size(1);
  const Tensors moved = split(exp(move_(h)), 1, {parts_, parts_, parts_});
  const Tensor at = kappa + moved[2];
  const auto by_place = [&](const Tensor& x) { return reshape(x, {batch, parts_, 1}); };
  const Tensor off = by_place(at) - reshape(arange(places, h.dtype()), {1, 1, places});
  const Tensor gaussians = by_place(moved[0]) * exp(-(by_place(moved[1]) * square(off)));  // [B, K, S]
  const Tensor weights = sum(gaussians, 1) * within;
  const Tensor seen = matmul(reshape(weights, {batch, 1, places}), read);
  return {.seen = reshape(seen, {batch, read.size(2)}), .weights = weights, .kappa = at};
}

}  // namespace recur
