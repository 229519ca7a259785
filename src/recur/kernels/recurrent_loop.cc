// The fused time loop for every instruction set and precision.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/recurrent_loop.cc"
#include <hwy/foreach_target.h>
// clang-format on

#define RECUR_COMPILES_RECURRENT_LOOP
#include "recur/kernels/recurrent_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

#define RECUR_COMPILE(P) template class RecurrentLoop<P>;
RECUR_FOR_EACH_OPERANDS(RECUR_COMPILE)
#undef RECUR_COMPILE

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
