// What the options of a recurrent layer cost: the table "Options in the loop" of docs/performance.md.
//
// Build: in a configured build folder, `ninja src/recur/librecur.a`, then compile this file with -O2 -std=c++20
//        -I<repository>/src and link that library with the libraries that `ninja -t commands recur` names.
// Run:   ./options [rounds [composed]]
//
// Forward and backward of one layer, to its input, weights and states, by the plain fused loop without the option, and
// with it by the staged loop and, where asked for, step by step in ordinary ops; in turn, on one thread, medians of the
// rounds. Times are the processor's, which others on the machine do not add to; rates count the matrix products alone.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/nn/init.h"
#include "recur/nn/recurrent_layer.h"
#include "recur/nn/staged_layer.h"
#include "recur/ops/dropout.h"

namespace {

using namespace recur;

struct LayerShape {
  std::string cell;
  int64_t steps, batch, input, hidden;
};

struct Option {
  const char* name;
  bool projection = false, norm = false, mask = false, zoneout = false;
};

class Layer {
 public:
  Layer(const LayerShape& s, const Option& option)
      : cell_(find_cell(s.cell)), packing_(s.steps, s.batch, {}), random_(1) {
    const int64_t G = cell_.gates, H = s.hidden, W = option.projection ? H / 2 : H, N = s.steps * s.batch;
    const auto units = static_cast<int64_t>(cell_.unit_weights);
    x_ = leaf({N, s.input}, 1);
    p_.weight_ih = leaf({G * H, s.input}, 0.05);
    p_.weight_hh = leaf({G * H, W}, 0.05);
    p_.bias_ih = leaf({G * H}, 0.05);
    p_.bias_hh = leaf({G * H}, 0.05);
    if (units > 0) p_.unit_weights = leaf({units, H}, 0.05);
    if (option.projection) p_.projection = leaf({W, H}, 0.05);
    if (option.norm) {
      p_.norm_ih = leaf({2, G * H}, 0.5);
      p_.norm_hh = leaf({2, G * H}, 0.5);
      if (cell_.states > 1) p_.norm_inner = leaf({2, H}, 0.5);
    }
    for (int k = 0; k < cell_.states; ++k) states_.push_back(leaf({s.batch, k == 0 ? W : H}, 1));
    options_.cell = &cell_;
    if (option.mask) options_.recurrent_mask = dropout_mask({s.batch, W}, 0.25f, random_);
    if (option.zoneout) {
      options_.zoneout = zoneout({s.steps, s.batch, W});
      if (cell_.states > 1) options_.zoneout_inner = zoneout({s.steps, s.batch, H});
    }
    ones_ = Tensor::ones({N, W});
    const double per_row = static_cast<double>(G * H * (s.input + W) + (option.projection ? H * W : 0));
    flops_ = 3 * 2 * static_cast<double>(N) * per_row;
  }

  double flops() const { return flops_; }

  template <class Run>
  double seconds(Run run) const {
    const std::clock_t start = std::clock();
    const LayerOutput out = run(x_, states_, p_, packing_, options_);
    grad({out.y}, leaves_, {.grad_outputs = {ones_}});
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }

 private:
  Tensor leaf(const Shape& shape, double scale) {
    Tensor t = Tensor::empty(shape);
    init::normal(t, 0, scale, random_);
    leaves_.push_back(t.set_requires_grad());
    return t;
  }
  // 1 keeps the old value, with probability 0.1.
  Tensor zoneout(const Shape& shape) {
    Tensor mask = Tensor::zeros(shape);
    for (float& value : std::span(mask.data<float>(), static_cast<size_t>(mask.numel())))
      value = random_.uniform() < 0.1 ? 1.0f : 0.0f;
    return mask;
  }

  const Cell& cell_;
  Packing packing_;
  Random random_;
  LayerOptions options_;
  LayerParameters p_;
  Tensor x_, ones_;
  Tensors states_, leaves_;
  double flops_ = 0;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

void measure(const LayerShape& s, const Option& option, const char* plain_cell, int rounds, bool with_composed) {
  const Layer layer(s, option);
  LayerShape plain_shape = s;
  plain_shape.cell = plain_cell;
  const Layer plain(plain_shape, {});
  std::vector<double> by_fused, by_staged, by_composed;
  for (int round = -1; round < rounds; ++round) {  // the first does not count
    const double fused = plain.seconds(run_layer), staged = layer.seconds(run_staged_layer);
    const double composed = with_composed ? layer.seconds(run_composed_layer) : 0;
    if (round < 0) continue;
    by_fused.push_back(fused);
    by_staged.push_back(staged);
    by_composed.push_back(composed);
  }
  const double rate = layer.flops() / median(by_staged) / 1e9, plain_rate = plain.flops() / median(by_fused) / 1e9;
  std::printf("| %s T%ld B%ld F%ld H%ld | %s | %.2f | %.2f | %.0f | %.0f | %.2f |\n", s.cell.c_str(),
              static_cast<long>(s.steps), static_cast<long>(s.batch), static_cast<long>(s.input),
              static_cast<long>(s.hidden), option.name, median(by_composed) * 1e3, median(by_staged) * 1e3, rate,
              plain_rate, rate / plain_rate);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  const int rounds = count > 1 ? std::atoi(words[1]) : 9;
  const bool with_composed = count > 2;
  const Option options[] = {{.name = "none"},
                            {.name = "zoneout", .zoneout = true},
                            {.name = "recurrent dropout", .mask = true},
                            {.name = "projection to H/2", .projection = true},
                            {.name = "layer norm", .norm = true},
                            {"all four", true, true, true, true}};
  std::printf("| shape | option | composed ms | staged ms | GFLOP/s | plain fused GFLOP/s | ratio |\n");
  std::printf("|---|---|---|---|---|---|---|\n");
  const LayerShape shapes[] = {{"lstm", 50, 32, 64, 128}, {"lstm", 20, 20, 200, 200}, {"lstm", 100, 64, 512, 512}};
  for (const LayerShape& s : shapes)
    for (const Option& option : options) measure(s, option, "lstm", rounds, with_composed);
  for (LayerShape s : shapes) {
    s.cell = "gru_reset_before";
    measure(s, {.name = "none"}, "gru", rounds, with_composed);
  }
}
