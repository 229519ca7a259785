// The machine and what this process takes of it, for reports.
#pragma once

#include <cstdint>
#include <string>

namespace recur {

std::string cpu_name();          // "AMD EPYC 9654", or "unknown CPU"
bool has_bf16_products();        // whether the CPU multiplies bf16 itself (AVX512-BF16)
bool has_bf16_tiles();           // whether it does so by tiles (AMX), and the system lets this process use them
int cores();                     // cores this process may run on, at least 1
int64_t peak_memory_bytes();     // most resident memory so far, 0 where the system does not say
int64_t current_memory_bytes();  // resident memory now, 0 where the system does not say

}  // namespace recur
