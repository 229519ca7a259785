// Gradients and second derivatives of the loop of sLSTM: of y, on which alone no stabiliser has an effect.
#include "recur/nn/slstm_loop.h"
#include "recur/ops/binary.h"
#include "recur/ops/unary.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase slstm_case(const std::string& name, bool reverse) {
  const Packing packing(4, 3, {2, 4, 0});
  constexpr int64_t kHidden = 4, kHead = 2;
  return {.name = "slstm_loop_" + name,
          .f =
              [=](const Tensors& in) {
                const Tensor level = Tensor::zeros({3, kHidden}, in[0].dtype());
                // A normaliser is positive.
                return Tensors{slstm_loop(in[0], in[1], {in[2], in[3], exp(in[4]), level}, packing, reverse)[0]};
              },
          .inputs = {normal({packing.packed_rows(), 4 * kHidden}, 1), normal({4 * kHidden, kHead}, 2),
                     normal({3, kHidden}, 3), normal({3, kHidden}, 4), normal({3, kHidden}, 5)},
          .traced = false};
}

const Register slstm_loops({slstm_case("forward", false), slstm_case("reverse", true)});

}  // namespace
}  // namespace recur::testing
