// Holding the states of recurrent networks against each other.
#pragma once

#include <gtest/gtest.h>

#include "recur/nn/recurrent.h"
#include "tests/support/op_case.h"

namespace recur::testing {

// Every part of every layer, to 1e-6 of its largest element.
inline void expect_same(const RecurrentState& a, const RecurrentState& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t l = 0; l < a.layers.size(); ++l) {
    ASSERT_EQ(a.layers[l].size(), b.layers[l].size());
    for (size_t k = 0; k < a.layers[l].size(); ++k)
      EXPECT_LT(relative_error(a.layers[l][k], b.layers[l][k]), 1e-6) << "part " << k << " of layer " << l;
  }
}

}  // namespace recur::testing
