// The products of tiles for every instruction set and precision.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/tile_products.cc"
#include <hwy/foreach_target.h>
// clang-format on

#define RECUR_COMPILES_TILE_PRODUCTS
#include "recur/kernels/tile_products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

#define RECUR_COMPILE(P) template class TileProducts<P>;
RECUR_FOR_EACH_OPERANDS(RECUR_COMPILE)
#undef RECUR_COMPILE

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
