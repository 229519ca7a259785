// The loops of IndRNN and SRU: the kernel of the instruction set in use against the scalar reference, in any split.
#include "recur/kernels/unit_scan.h"

#include <gtest/gtest.h>

#include <vector>

#include "recur/base/random.h"

namespace recur::kernels {
namespace {

struct UnitRun {
  std::vector<float> h, state, dsums, dstate, dweight;
};

std::vector<float> unit_numbers(int64_t count, Random& random) {
  std::vector<float> values(static_cast<size_t>(count));
  random.normal(values);
  return values;
}

// Ragged: row r stops r steps early.
UnitRun run_units(UnitLoop loop, const UnitScanKernels<float>& kernels, int64_t units, bool reverse, int64_t at_once) {
  constexpr int64_t kSteps = 9, kBatch = 3;
  std::vector<int64_t> rows, offset;
  int64_t count = 0;
  for (int64_t t = 0; t < kSteps; ++t) {
    rows.push_back(std::min(kBatch, kSteps - t));
    offset.push_back(count);
    count += rows.back();
  }
  const PackedSteps packed{.steps = kSteps, .rows = rows.data(), .offset = offset.data(), .reverse = reverse};
  Random random(7);
  const auto sums = unit_numbers(count * gates_of(loop) * units, random), weight = unit_numbers(units, random);
  const auto initial = unit_numbers(kBatch * units, random), dh = unit_numbers(count * units, random);
  UnitRun out{.h = dh, .state = initial, .dsums = sums, .dstate = initial, .dweight = weight};
  UnitScan<float> scan{.packed = packed, .units = units};
  scan.sums = sums.data();
  scan.weight = weight.data();
  scan.state = out.state.data();
  scan.h = out.h.data();
  UnitScanGrad<float> back{.packed = packed, .units = units};
  back.sums = sums.data();
  back.weight = weight.data();
  back.h = out.h.data();
  back.initial = initial.data();
  back.dh = dh.data();
  back.dstate = out.dstate.data();
  back.dsums = out.dsums.data();
  back.dweight = out.dweight.data();
  for (int64_t u = 0; u < units; u += at_once) kernels.forward(scan, u, std::min(u + at_once, units));
  for (int64_t u = 0; u < units; u += at_once) kernels.backward(back, u, std::min(u + at_once, units));
  return out;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, const char* what) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 2e-5 * (1 + std::abs(b[i]))) << what << ' ' << i;
}

TEST(UnitScan, IsTheReference) {
  for (const UnitLoop loop : {UnitLoop::kIndRnn, UnitLoop::kSru})
    for (const int64_t units : {1, 7, 8, 9, 33})
      for (const bool reverse : {false, true}) {
        const UnitRun fast = run_units(loop, unit_scan_kernels<float>(loop), units, reverse, units);
        const UnitRun reference = run_units(loop, reference_unit_scan_kernels<float>(loop), units, reverse, units);
        expect_near(fast.h, reference.h, "h");
        expect_near(fast.state, reference.state, "state");
        expect_near(fast.dsums, reference.dsums, "dsums");
        expect_near(fast.dstate, reference.dstate, "dstate");
        expect_near(fast.dweight, reference.dweight, "dweight");
      }
}

TEST(UnitScan, AnySplitOfTheUnitsGivesTheSameBits) {
  for (const UnitLoop loop : {UnitLoop::kIndRnn, UnitLoop::kSru}) {
    const UnitRun whole = run_units(loop, unit_scan_kernels<float>(loop), 200, false, 200);
    const UnitRun parts = run_units(loop, unit_scan_kernels<float>(loop), 200, false, 64);
    EXPECT_EQ(whole.h, parts.h);
    EXPECT_EQ(whole.dsums, parts.dsums);
    EXPECT_EQ(whole.dweight, parts.dweight);
  }
}

}  // namespace
}  // namespace recur::kernels
