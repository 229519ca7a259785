#include "recur/ops/binary.h"
#include "recur/ops/embedding.h"
#include "recur/ops/gather.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/transpose.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

Tensor ints(std::vector<int32_t> values, const Shape& shape) { return Tensor::from(values, shape); }

const Register transposes({
    of("permute",
       [](const Tensors& in) {
         return permute(in[0], {2, 0, 1});
       },
       {normal({3, 4, 5})}),
    of("permute_keeping_rows",
       [](const Tensors& in) {
         return permute(in[0], {1, 0, -1});
       },
       {normal({3, 4, 5})}),
    of("permute_of_four_axes",
       [](const Tensors& in) {
         return permute(in[0], {3, 1, 0, 2});
       },
       {normal({2, 3, 4, 5})}),
    of("transpose", [](const Tensors& in) { return transpose(in[0], 0, 1); }, {normal({19, 35})}),
});

const Tensor ids = ints({1, 4, 1, 0, 1, 6}, {2, 3});

const Register rows_by_id({
    of("embedding", [](const Tensors& in) { return embedding(in[0], in[1]); }, {normal({7, 3}), ids}),
    of("embedding_of_one_id", [](const Tensors& in) { return embedding(in[0], in[1]); },
       {normal({7, 3}), ints({5}, {})}),
    of("scatter_rows", [](const Tensors& in) { return scatter_rows(in[0], in[1], 7); }, {normal({2, 3, 4}), ids}),
    of("index_select", [](const Tensors& in) { return index_select(in[0], in[1]); },
       {normal({4, 2, 3}), ints({3, 3, 0}, {3})}),
});

const Register from_numbers({
    of("arange", [](const Tensors& in) { return in[0] * arange(5, in[0].dtype()); }, {normal({5})}),
    of("filled",
       [](const Tensors& in) {
         return in[0] * filled({2, 5}, 1.5, in[0].dtype());
       },
       {normal({5})}),
    of("one_hot", [](const Tensors& in) { return in[0] * one_hot(in[1], 7, in[0].dtype()); }, {normal({7}), ids}),
});

const Register along_an_axis({
    of("gather_last_axis", [](const Tensors& in) { return gather(in[0], -1, in[1]); }, {normal({2, 7}), ids}),
    of("gather_first_axis", [](const Tensors& in) { return gather(in[0], 0, in[1]); }, {normal({7, 3}), ids}),
    of("gather_middle_axis", [](const Tensors& in) { return gather(in[0], 1, in[1]); },
       {normal({2, 5, 3}), ints({0, 1, 2, 4, 4, 4}, {2, 1, 3})}),
    of("scatter_add_last_axis", [](const Tensors& in) { return scatter_add(in[0], 1, in[1], 7); },
       {normal({2, 3}), ids}),
    of("scatter_add_first_axis", [](const Tensors& in) { return scatter_add(in[0], 0, in[1], 8); },
       {normal({2, 3}), ids}),
});

}  // namespace
}  // namespace recur::testing
