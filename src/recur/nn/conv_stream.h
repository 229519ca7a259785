// Convolution along time (nn/time_conv.h) of a sequence that is still arriving.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/time_conv.h"

namespace recur {

// Gives the steps of a ConvStack as soon as all is there that they see. They are those of the whole sequence, however
// it is cut. In evaluation. Refers to the stack.
class ConvStream {
 public:
  // REQUIRES: a stack without squeeze-and-excite.
  explicit ConvStream(const ConvStack& stack);

  // The next steps [T, 1, C] -> those that are known now [T', 1, O]; undefined: none.
  Tensor take(const Tensor& x) { return run(x, /*ends=*/false); }
  // Behind the last step, and only once: the rest.
  Tensor finish() { return run({}, /*ends=*/true); }

 private:
  // Of one layer.
  struct Place {
    Tensor kept;        // steps of its input that are still needed, zeros before the first ones included
    int64_t first = 0;  // which step the first of them is
    int64_t taken = 0;  // steps of its input so far
    int64_t given = 0;  // of its output
  };
  Tensor run(Tensor x, bool ends);
  Tensor run_layer(int64_t layer, const Tensor& x, bool ends);

  const ConvStack& stack_;
  std::vector<Place> places_;
};

// How many steps behind its own an output of the stack sees, in steps of its input.
int64_t look_ahead(const ConvStack& stack);

}  // namespace recur
