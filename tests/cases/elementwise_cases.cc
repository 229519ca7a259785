#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/log_gamma.h"
#include "recur/ops/unary.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase one(const char* name, Tensor (*f)(const Tensor&), Tensor x) {
  return {.name = name, .f = [f](const Tensors& in) { return Tensors{f(in[0])}; }, .inputs = {std::move(x)}};
}
OpCase two(const char* name, Tensor (*f)(const Tensor&, const Tensor&), Tensor a, Tensor b) {
  return {.name = name,
          .f = [f](const Tensors& in) { return Tensors{f(in[0], in[1])}; },
          .inputs = {std::move(a), std::move(b)}};
}
OpCase flat(OpCase c) {
  c.differentiable = false;
  return c;
}

const Tensor x = normal({3, 7}), positive = uniform({3, 7}, 0.2, 3), wide = uniform({41}, -12, 12);

const Register unary_cases({
    one("neg", neg, x),
    one("exp", exp, wide),
    one("log", log, positive),
    one("sqrt", sqrt, positive),
    one("abs", abs, x),
    one("reciprocal", reciprocal, positive),
    one("square", square, x),
    one("sigmoid", sigmoid, wide),
    one("tanh", tanh, wide),
    one("tanh_near_zero", tanh, uniform({64}, -1e-3, 1e-3)),
    one("relu", relu, x),
    one("softplus", softplus, wide),
    one("sin", sin, x),
    one("cos", cos, x),
    one("erf", erf, x),
    flat(one("sign", sign, x)),
    flat(one("step", step, x)),
});

const Tensor y = normal({3, 7}, 2), apart = uniform({3, 7}, 0.5, 2, 3);

const Register binary_cases({
    two("add", add, x, y),
    two("sub", sub, x, y),
    two("mul", mul, x, y),
    two("div", div, x, apart),
    two("maximum", maximum, x, y),
    two("minimum", minimum, x, y),
    flat(two("equal", equal, x, x)),
    flat(two("less", less, x, y)),
    two("mul_by_a_row", mul, x, normal({7}, 4)),
    two("mul_by_a_column", mul, x, normal({3, 1}, 5)),
    two("mul_by_a_scalar", mul, normal({}, 6), x),
    two("sub_outer", sub, normal({3, 1}, 7), normal({1, 5}, 8)),
    two("div_middle_axis", div, normal({2, 3, 4}, 9), uniform({3, 1}, 1, 2, 10)),
    two("add_with_different_ranks", add, normal({2, 1, 4}, 11), normal({3, 1}, 12)),
    {.name = "pow", .f = [](const Tensors& in) { return Tensors{pow(in[0], 2.5)}; }, .inputs = {positive}},
    {.name = "scalars_on_both_sides",
     .f = [](const Tensors& in) { return Tensors{2 / (1 - in[0] * 3 + 0.5) - 1}; },
     .inputs = {uniform({5}, -1, 0)}},
    one("log_gamma", log_gamma, positive),
    {.name = "cast",
     .f = [](const Tensors& in) { return Tensors{cast(in[0], DType::kI32)}; },
     .inputs = {wide},
     .differentiable = false},
});

}  // namespace
}  // namespace recur::testing
