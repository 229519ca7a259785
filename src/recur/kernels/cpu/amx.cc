#include "recur/kernels/amx.h"

#include "recur/base/cpu.h"
#include "recur/kernels/cpu/cpu_table.h"
#include "recur/kernels/tiles_check.h"

namespace recur::kernels {

bool use_amx() {
#if defined(__x86_64__)
  // The path was written without a machine to try it on: it has to show that it is right on each that it meets. What
  // goes into tiles is rounded by AVX512-BF16.
  static const bool use = allows_amx() && has_bf16_products() && has_bf16_tiles() && multiplies_right<AmxUnit>();
  return use;
#else
  return false;
#endif
}

}  // namespace recur::kernels
