#include "recur/base/cpu.h"

#include <sched.h>

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

int cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
}

int64_t peak_memory_bytes() { return status_bytes("VmHWM"); }

int64_t current_memory_bytes() { return status_bytes("VmRSS"); }

}  // namespace recur
