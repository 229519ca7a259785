#include "recur/ops/precision.h"

#include <utility>

namespace recur {
namespace {
thread_local Precision current = Precision::kFull;
}  // namespace

Precision product_precision() { return current; }

ProductPrecision::ProductPrecision(Precision precision) : before_(std::exchange(current, precision)) {}
ProductPrecision::~ProductPrecision() { current = before_; }

}  // namespace recur
