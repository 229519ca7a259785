#include "recur/ops/broadcast.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

const Tensor x = normal({3, 4, 5});

const Register views({
    of("reshape",
       [](const Tensors& in) {
         return reshape(in[0], {6, -1});
       },
       {x}),
    of("rows", [](const Tensors& in) { return rows(in[0], 1, 3); }, {x}),
    of("row", [](const Tensors& in) { return row(in[0], 2); }, {x}),
    of("slice", [](const Tensors& in) { return slice(in[0], {.axis = -1, .begin = 1}, 3); }, {x}),
    of("pad_slice",
       [](const Tensors& in) {
         return pad_slice(in[0], {3, 9, 5}, {.axis = 1, .begin = 4});
       },
       {x}),
    of("concat", [](const Tensors& in) { return concat(in, 1); }, {x, normal({3, 2, 5}, 2), normal({3, 1, 5}, 3)}),
    of("stack", [](const Tensors& in) { return stack(in, 1); }, {x, normal({3, 4, 5}, 2)}),
    of("broadcast_to",
       [](const Tensors& in) {
         return broadcast_to(in[0], {2, 3, 4});
       },
       {normal({3, 1})}),
    of("sum_to",
       [](const Tensors& in) {
         return sum_to(in[0], {4, 1});
       },
       {x}),
    {.name = "split",
     .f =
         [](const Tensors& in) {
           return split(in[0], 2, {2, 3});
         },
     .inputs = {x}},
});

const Register sums({
    of("sum", [](const Tensors& in) { return sum(in[0]); }, {x}),
    of("sum_of_the_first_axis", [](const Tensors& in) { return sum(in[0], 0); }, {x}),
    of("sum_of_the_last_axis", [](const Tensors& in) { return sum(in[0], -1, true); }, {normal({3, 70})}),
    of("mean", [](const Tensors& in) { return mean(in[0], 1); }, {x}),
});

Tensor product(const Tensors& in, bool a, bool b) { return matmul(in[0], in[1], {.trans_a = a, .trans_b = b}); }

const Register products({
    of("matmul", [](const Tensors& in) { return product(in, false, false); }, {normal({3, 4}), normal({4, 5}, 2)}),
    of("matmul_trans_a", [](const Tensors& in) { return product(in, true, false); },
       {normal({4, 3}), normal({4, 5}, 2)}),
    of("matmul_trans_b", [](const Tensors& in) { return product(in, false, true); },
       {normal({3, 4}), normal({5, 4}, 2)}),
    of("matmul_trans_both", [](const Tensors& in) { return product(in, true, true); },
       {normal({4, 3}), normal({5, 4}, 2)}),
    of("matmul_batched", [](const Tensors& in) { return product(in, false, true); },
       {normal({2, 3, 4}), normal({2, 5, 4}, 2)}),
    of("matmul_one_for_all", [](const Tensors& in) { return product(in, false, false); },
       {normal({2, 3, 4}), normal({4, 5}, 2)}),
    of("linear", [](const Tensors& in) { return linear(in[0], in[1], in[2]); },
       {normal({2, 3, 4}), normal({5, 4}, 2), normal({5}, 3)}),
});

}  // namespace
}  // namespace recur::testing
