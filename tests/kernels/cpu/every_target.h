// Runs a test once for each instruction set that was compiled and that this CPU has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "recur/kernels/kernels.h"

namespace recur::testing {

template <class F>
void on_every_target(F&& test) {
  kernels::description();  // the library's own choice is made before
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    test();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace recur::testing
