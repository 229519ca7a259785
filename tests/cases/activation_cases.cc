#include "recur/ops/activations.h"
#include "recur/ops/dropout.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase one(const char* name, Tensor (*f)(const Tensor&), Tensor x) {
  return of(name, [f](const Tensors& in) { return f(in[0]); }, {std::move(x)});
}

const Tensor wide = uniform({41}, -8, 8);

const Register activations({
    one("gelu", gelu, wide),
    one("gelu_tanh", gelu_tanh, wide),
    one("silu", silu, wide),
    of("elu", [](const Tensors& in) { return elu(in[0], 1.5); }, {wide}),
    of("leaky_relu", [](const Tensors& in) { return leaky_relu(in[0]); }, {wide}),
    one("hard_sigmoid", hard_sigmoid, wide),
    one("log_sigmoid", log_sigmoid, wide),
});

const Register dropouts({
    of("dropout",
       [](const Tensors& in) {
         Random random(5);
         return dropout(in[0], 0.4, random);
       },
       {normal({3, 4, 5})}),
});

}  // namespace
}  // namespace recur::testing
