// The SIMD and library kernels for f32, built for several instruction sets and chosen at run time.
#pragma once

#include "recur/kernels/kernels.h"

namespace recur::kernels {

// The table for the best instruction set that is allowed.
Table<float> cpu_table();

// Limits Highway's choice to what RECUR_TARGET allows; called before anything is dispatched.
void apply_target_from_environment();

// Whether RECUR_TARGET allows AMX, which Highway does not know of.
bool allows_amx();

// Whether the CPU multiplies vectors of 8-bit integers at once: with AVX-512's registers, or AVX2's.
bool has_vnni(bool avx512);

void gemm_f32(const Gemm<float>& product);
void gemm_bf16(const Gemm<float>& product);

}  // namespace recur::kernels
