// The tiles of Intel's AMX, where the CPU has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "recur/kernels/tiles.h"

namespace recur::kernels {

// Whether products of bf16 go through AMX: the CPU has it, the system grants it, RECUR_TARGET allows it, and a first
// product has come out right.
bool use_amx();

#if defined(__x86_64__)
// Not by intrinsics, which would need all callers to be compiled for AMX. Compilers leave these registers alone, so
// there is nothing to tell them but that memory is read and written.
struct AmxUnit {
  static void configure(const TileSizes& sizes) { asm volatile("ldtilecfg %0" : : "m"(sizes)); }

  template <int kTile>
  static void load(const std::byte* from, int64_t stride) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(kTile) : "memory");
  }
  template <int kTile>
  static void store(std::byte* to, int64_t stride) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(stride), "i"(kTile) : "memory");
  }
  template <int kSum, int kLeft, int kRight>
  static void multiply_add() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kLeft), "i"(kRight));
  }
  static void release() { asm volatile("tilerelease"); }
};
#endif

}  // namespace recur::kernels
