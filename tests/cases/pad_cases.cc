#include "recur/ops/flip.h"
#include "recur/ops/pad.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

const Tensor x = normal({3, 4, 5});

const Register rearrangements({
    of("flip", [](const Tensors& in) { return flip(in[0], 1); }, {x}),
    of("flip_last_axis", [](const Tensors& in) { return flip(in[0], -1); }, {x}),
    of("pad",
       [](const Tensors& in) {
         return pad(in[0], {{1, 0}, {2, 3}});
       },
       {x}),
    of("pad_with_a_value",
       [](const Tensors& in) {
         return pad(in[0], {{0, 2}}, -1.5);
       },
       {x}),
    of("tile", [](const Tensors& in) { return tile(in[0], 1, 3); }, {x}),
    of("repeat", [](const Tensors& in) { return repeat(in[0], 0, 2); }, {x}),
});

}  // namespace
}  // namespace recur::testing
