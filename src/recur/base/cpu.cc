#include "recur/base/cpu.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>

namespace recur {
namespace {

// The text after "name<spaces>:" in a file of such lines, or nothing.
std::string field(const char* path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos || !line.starts_with(name)) continue;
    if (line.find_first_not_of(" \t", name.size()) != colon) continue;
    const size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? std::string() : line.substr(begin);
  }
  return {};
}

int64_t status_bytes(std::string_view name) {
  return std::strtoll(field("/proc/self/status", name).c_str(), nullptr, 10) * 1024;
}

#if defined(__x86_64__)
// Intel's manual, volume 2A, CPUID: leaf 7, EDX bit 22 (AMX-BF16) and 24 (AMX-TILE). Leaf 1D, the largest palette, is 0
// in virtual machines that announce tiles without having them.
bool cpu_has_bf16_tiles() {
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kBf16) == 0 || (d & kTile) == 0) return false;
  return __get_cpuid_count(0x1d, 0, &a, &b, &c, &d) != 0 && a >= 1;
}

// Whether the system saves tiles when it switches threads: bits 17 and 18 of XCR0, which is there where CPUID leaf 1
// has bit 27 of ECX.
bool system_saves_tiles() {
  constexpr unsigned kTileState = 3u << 17;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c >> 27 & 1) == 0) return false;
  asm volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (a & kTileState) == kTileState;
}

// Linux makes room for tiles only where a process asks for it, once for all of its threads.
bool system_grants_tiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM of asm/prctl.h, XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

}  // namespace

std::string cpu_name() {
  std::string name = field("/proc/cpuinfo", "model name");
  return name.empty() ? "unknown CPU" : name;
}

bool has_bf16_products() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

bool has_bf16_tiles() {
#if defined(__x86_64__)
  static const bool granted = cpu_has_bf16_tiles() && system_saves_tiles() && system_grants_tiles();
  return granted;
#else
  return false;
#endif
}

int cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
}

int64_t peak_memory_bytes() { return status_bytes("VmHWM"); }

int64_t current_memory_bytes() { return status_bytes("VmRSS"); }

}  // namespace recur
