// Times convolutions of 3 x 3 on one thread. tools/bench_conv.sh compiles and runs it.
//
// Run: conv2d SECONDS N,C,H,W,O...
// Prints for each shape "SHAPE,forward,training" in GFLOP/s of the products alone, medians of calls; training is
// forward and the gradients of image, filters and bias. "probe,PEAK" first: what the core does in registers.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/autograd/node.h"
#include "recur/base/random.h"
#include "recur/kernels/probe.h"
#include "recur/ops/conv.h"

namespace {

using recur::Tensor;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <class Call>
double median_seconds(double budget, const Call& call) {
  call();
  std::vector<double> times;
  for (const double end = now() + budget; now() < end || times.size() < 5;) {
    const double begin = now();
    call();
    times.push_back(now() - begin);
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

Tensor numbers(const recur::Shape& shape, recur::Random& random) {
  Tensor out = Tensor::empty(shape);
  random.normal(std::span(out.data<float>(), static_cast<size_t>(out.numel())));
  return out;
}

void time_shape(const std::string& text, double budget) {
  std::vector<int64_t> n;
  std::stringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) n.push_back(std::atoll(part.c_str()));
  if (n.size() != 5) std::exit(2);
  recur::Random random(1);
  Tensor x = numbers({n[0], n[1], n[2], n[3]}, random), w = numbers({n[4], n[1], 3, 3}, random);
  Tensor bias = numbers({n[4]}, random);
  const Tensor g = numbers({n[0], n[4], n[2], n[3]}, random);
  const recur::Conv2dOptions same{.padding = {1, 1}};
  const double work = 2.0 * 9 * static_cast<double>(n[0] * n[1] * n[2] * n[3] * n[4]);
  const double forward = median_seconds(budget, [&] {
    const recur::autograd::NoGrad no_grad;
    recur::conv2d(x, w, bias, same);
  });
  for (Tensor* t : {&x, &w, &bias}) t->set_requires_grad();
  const double training = median_seconds(budget, [&] {
    const Tensor y = recur::conv2d(x, w, bias, same);
    recur::grad(recur::Tensors{y}, recur::Tensors{x, w, bias}, {.grad_outputs = {g}});
  });
  fmt::print("{},{:.1f},{:.1f}\n", text, work / forward / 1e9, 3 * work / training / 1e9);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  fmt::print("probe,{:.1f}\n", recur::kernels::probe_core(0.3).f32_flops / 1e9);
  for (int i = 2; i < argc; ++i) time_shape(argv[i], std::atof(argv[1]));
  return 0;
}
