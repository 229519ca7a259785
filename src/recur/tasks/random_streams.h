// The independent random streams of a run, all of which follow from its seed.
#pragma once

#include <cstdint>

namespace recur {

enum RandomStream : uint64_t {
  kInitialValues = 0,  // of the parameters
  kDropoutStream = 1,
  kOrderStream = 2,    // in which the data are read
  kHoldOutStream = 3,  // what is kept for validation
  kKernelStream = 4,   // random kernels beside a network
};

}  // namespace recur
