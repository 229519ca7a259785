// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/probe.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include <algorithm>
#include <chrono>

#include "recur/kernels/cpu/cpu_table.h"
#include "recur/kernels/probe.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::CoreProbe;
using kernels::Scratch;

// Runs of about 0.1 ms: short enough that some are not disturbed.
template <class Run>
double least_seconds(double seconds, const Run& run) {
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::duration<double>;
  double least = 1e9;
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    run();
    least = std::min(least, Duration(Clock::now() - start).count());
  } while (Duration(Clock::now() - begin).count() < seconds);
  return least;
}

// As many sums as a tile has, and nothing to read: what the arithmetic units do.
template <class P>
double product_flops(double seconds) {
  constexpr int64_t kSteps = 10000;
  alignas(64) typename P::Element operands[P::kPanelSize];
  std::fill_n(operands, P::kPanelSize, typename P::Element(0.5f));
  float total[kLanes];
  volatile float sink = 0;
  const double time = least_seconds(seconds, [&] {
    const typename P::Panel left = P::broadcast(operands), right = P::panel(operands);
    typename P::Vector sums[P::kSums];
#pragma GCC unroll 32
    for (int i = 0; i < P::kSums; ++i)
      sums[i] = typename P::Vector(static_cast<float>(i));  // equal sums would be added up once
    for (int64_t step = 0; step < kSteps; ++step) {
#pragma GCC unroll 32
      for (int i = 0; i < P::kSums; ++i) sums[i] = P::multiply_add(left, right, sums[i]);
    }
    for (int i = 1; i < P::kSums; ++i) sums[0] = sums[0] + sums[i];
    sums[0].store(total, kLanes);
    sink = sink + total[0];
  });
  return 2.0 * P::kDepth * kLanes * P::kSums * kSteps / time;
}

// What a matrix unit does with operands that stay in the L1 cache.
template <class P>
double unit_flops(double seconds) {
  constexpr int64_t kRows = kernels::kTileRows, kDepth = 4 * kernels::kTileDepth, kTimes = 100;
  constexpr int kVectors = 4;
  const Scratch<bf16> left(kRows * kDepth), packed(kVectors * kLanes * kDepth);
  std::fill_n(left.data(), kRows * kDepth, bf16(0.5f));
  std::fill_n(packed.data(), kVectors * kLanes * kDepth, bf16(0.5f));
  Lanes sums[kRows][kVectors] = {};
  typename P::Tiles tiles;
  const TileOperands<P> operands{.left = {left.data(), kDepth},
                                 .packed = packed.data(),
                                 .width = kVectors * P::kPanelSize,
                                 .steps = steps_over<P>(kDepth)};
  Ahead ahead;
  const double time = least_seconds(seconds, [&] {
    for (int64_t i = 0; i < kTimes; ++i) multiply_tile<P>(operands, tiles, kRows, ahead, sums);
  });
  return 2.0 * kDepth * kLanes * kVectors * kRows * kTimes / time;
}

double bytes_from_l2(double seconds) {
  constexpr int64_t kBytes = 192 << 10;  // more than an L1 cache holds, less than an L2 cache
  constexpr int64_t kCount = kBytes / sizeof(float), kAtOnce = 8, kPasses = 50;
  const Scratch<float> buffer(kCount);
  std::fill_n(buffer.data(), kCount, 1.0f);
  float total[kLanes];
  volatile float sink = 0;
  const double time = least_seconds(seconds, [&] {
    Lanes sums[kAtOnce] = {};
    for (int64_t pass = 0; pass < kPasses; ++pass)
      for (const float* at = buffer.data(); at != buffer.data() + kCount; at += kAtOnce * kLanes) {
#pragma GCC unroll 8
        for (int64_t i = 0; i < kAtOnce; ++i) sums[i] = sums[i] + Lanes::load(at + i * kLanes);
      }
    for (int64_t i = 1; i < kAtOnce; ++i) sums[0] = sums[0] + sums[i];
    sums[0].store(total, kLanes);
    sink = sink + total[0];
  });
  return kBytes * kPasses / time;
}

double bf16_flops(double seconds) {
  return with_fastest_half([&]<class P>() {
    if constexpr (P::kInMatrixUnit)
      return unit_flops<P>(seconds);
    else
      return product_flops<P>(seconds);
  });
}

CoreProbe probe(double seconds) {
  return {.f32_flops = product_flops<Plain<Lanes>>(seconds / 3),
          .bf16_flops = bf16_flops(seconds / 3),
          .l2_bytes = bytes_from_l2(seconds / 3)};
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(probe);

namespace kernels {

CoreProbe probe_core(double seconds) {
  apply_target_from_environment();
  return HWY_DYNAMIC_DISPATCH(probe)(seconds);
}

}  // namespace kernels
}  // namespace recur
#endif
