#include "recur/ops/reduce.h"
#include "recur/ops/select.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase flat(OpCase c) {
  c.differentiable = false;
  return c;
}

const Tensor x = normal({3, 4, 5});

const Register reductions({
    of("max", [](const Tensors& in) { return max(in[0], 1); }, {x}),
    of("max_last_axis", [](const Tensors& in) { return max(in[0], -1, true); }, {x}),
    of("min", [](const Tensors& in) { return min(in[0], 0); }, {x}),
    flat(of("argmax", [](const Tensors& in) { return argmax(in[0], 1); }, {x})),
    flat(of("argmin", [](const Tensors& in) { return argmin(in[0], -1, true); }, {x})),
    of("variance", [](const Tensors& in) { return variance(in[0], 1); }, {x}),
    of("variance_biased", [](const Tensors& in) { return variance(in[0], -1, false, true); }, {x}),
    of("cumsum", [](const Tensors& in) { return cumsum(in[0], 1); }, {x}),
    of("cumsum_reversed", [](const Tensors& in) { return cumsum(in[0], -1, true); }, {x}),
    of("norm", [](const Tensors& in) { return norm(in[0]); }, {x}),
    of("norm_of_an_axis", [](const Tensors& in) { return norm(in[0], 1); }, {x}),
});

const Tensor mask = Tensor::from(std::vector<uint8_t>{1, 0, 0, 1, 1}, {5});

const Register selections({
    of("where", [](const Tensors& in) { return where(in[0], in[1], in[2]); }, {mask, x, normal({3, 4, 5}, 2)}),
    of("where_of_scalars", [](const Tensors& in) { return where(in[0], in[1], in[2]); },
       {mask, normal({}), normal({3, 1}, 2)}),
    of("masked_fill", [](const Tensors& in) { return masked_fill(in[0], in[1], -7); }, {x, mask}),
    of("clamp", [](const Tensors& in) { return clamp(in[0], -0.5, 0.75); }, {x}),
});

}  // namespace
}  // namespace recur::testing
