#include <hwy/targets.h>

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

#include <cstdlib>
#include <mutex>
#include <string_view>

#include "recur/base/error.h"
#include "recur/kernels/cpu/cpu_table.h"

namespace recur::kernels {
namespace {

// The targets to switch off so that at most the named one remains.
int64_t disabled_by(std::string_view name) {
  constexpr int64_t kAvx512 = HWY_AVX3 | HWY_AVX3_DL;
  if (name == "amx" || name == "avx512") return 0;
  if (name == "avx2") return kAvx512;
  if (name == "baseline") return kAvx512 | HWY_AVX2 | HWY_SSE4 | HWY_SSSE3;
  fail_usage("RECUR_TARGET: expected baseline, avx2, avx512 or amx, got '{}'", name);
}

}  // namespace

void apply_target_from_environment() {
  static std::once_flag once;
  std::call_once(once, [] {
    const char* name = std::getenv("RECUR_TARGET");
    if (name != nullptr && *name != '\0') hwy::DisableTargets(disabled_by(name));
  });
}

bool allows_amx() {
  const char* name = std::getenv("RECUR_TARGET");
  return name == nullptr || *name == '\0' || std::string_view(name) == "amx";
}

// Intel's manual, volume 2A, CPUID leaf 7: bit 11 of ECX, and of subleaf 1 bit 4 of EAX.
bool has_vnni([[maybe_unused]] bool avx512) {
#if HWY_ARCH_X86
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, avx512 ? 0 : 1, &a, &b, &c, &d) == 0) return false;
  return avx512 ? (c >> 11 & 1) != 0 : (a >> 4 & 1) != 0;
#else
  return false;
#endif
}

}  // namespace recur::kernels
