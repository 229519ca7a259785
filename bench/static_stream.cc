// A step of one stream, its sizes known when compiled and when run: the table "Streaming" of docs/benchmarks_avx2.md.
//
// Build: in a configured build folder, `ninja src/recur/librecur.a`, then compile this file with -O2 -std=c++20
//        -I<repository>/src and link that library with the libraries that `ninja -t commands recur` names.
// Run:   ./static_stream [seconds a row]
//
// Prints rows cell,F,H, and the median times of a step in microseconds, static and run-time, measured in turn.
#include "recur/nn/static_stream.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "recur/base/random.h"

namespace {

using namespace recur;
using Clock = std::chrono::steady_clock;

constexpr int kSteps = 100;  // a run, since a clock is no finer than a step
constexpr int kTurns = 20;   // runs of one before the other's turn

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

template <class Step>
void run(std::vector<double>& times, const Step& step) {
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto start = Clock::now();
    for (int i = 0; i < kSteps; ++i) step();
    times.push_back(std::chrono::duration<double>(Clock::now() - start).count() * 1e6 / kSteps);
  }
}

template <int64_t kInput, int64_t kHidden>
void measure(const std::string& cell, double seconds) {
  Random random(1);
  const Recurrent network({.cell = cell, .input = kInput, .hidden = kHidden}, random);
  Stream stream = network.stream();
  StaticStream<kInput, kHidden> fixed(stream);
  std::array<float, kInput> x;
  std::array<float, kHidden> out;
  random.normal(x);
  std::vector<double> fixed_times, stream_times;
  for (const auto begin = Clock::now(); std::chrono::duration<double>(Clock::now() - begin).count() < seconds;) {
    run(fixed_times, [&] { fixed.step(x, out); });
    run(stream_times, [&] { stream.step(x, out); });
  }
  std::printf("%s,%d,%d,%.4f,%.4f\n", cell.c_str(), static_cast<int>(kInput), static_cast<int>(kHidden),
              median(fixed_times), median(stream_times));
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.2;
  std::puts("cell,F,H,static_us,stream_us");
  for (const char* cell : {"lstm", "gru", "gru_reset_before"}) {
    measure<1, 8>(cell, seconds);
    measure<1, 12>(cell, seconds);
    measure<1, 16>(cell, seconds);
    measure<1, 24>(cell, seconds);
    measure<1, 40>(cell, seconds);
    measure<8, 32>(cell, seconds);
    measure<2, 8>(cell, seconds);
    measure<1, 20>(cell, seconds);
    measure<1, 32>(cell, seconds);
    measure<1, 48>(cell, seconds);
    measure<1, 64>(cell, seconds);
  }
}
