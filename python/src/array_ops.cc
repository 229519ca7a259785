// Products, reductions, and what moves elements.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "array.h"
#include "binding.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/flip.h"
#include "recur/ops/gather.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/reduce.h"
#include "recur/ops/sum.h"

namespace recur::python {
namespace {

using Released = nb::call_guard<nb::gil_scoped_release>;
using Along = Tensor (*)(const Tensor&, int, bool);

// Indices may be int64, as NumPy makes them.
Tensor as_i32(const Tensor& index) { return index.dtype() == DType::kI64 ? index.clone(DType::kI32) : index; }

void bind_reductions(nb::module_& m) {
  struct Named {
    const char* name;
    Along function;
    const char* says;
  };
  const Named reductions[] = {
      {"max", max, "The largest along an axis; the gradient goes to the first of equals."},
      {"min", min, "The smallest along an axis; the gradient goes to the first of equals."},
      {"argmax", argmax, "The position of the largest along an axis, int32."},
      {"argmin", argmin, "The position of the smallest along an axis, int32."},
  };
  for (const auto& [name, function, says] : reductions)
    m.def(name, function, nb::arg("x"), nb::arg("axis"), nb::arg("keepdims") = false, Released(), says);
  m.def("variance", &variance, nb::arg("x"), nb::arg("axis"), nb::arg("unbiased") = true, nb::arg("keepdims") = false,
        Released(), "The mean squared distance from the mean along an axis, over n - 1 if unbiased.");
  m.def("cumsum", &cumsum, nb::arg("x"), nb::arg("axis"), nb::arg("reversed") = false, Released(),
        "Running sums along an axis.");
  m.def(
      "norm", [](const Tensor& x, std::optional<int> axis, bool keep) { return axis ? norm(x, *axis, keep) : norm(x); },
      nb::arg("x"), nb::arg("axis") = nb::none(), nb::arg("keepdims") = false, Released(),
      "The Euclidean length of all elements, or along an axis.");
}

}  // namespace

void bind_array_ops(nb::module_& m) {
  bind_reductions(m);
  m.def(
      "matmul",
      [](const Tensor& a, const Tensor& b, bool trans_a, bool trans_b) {
        return matmul(a, b, {.trans_a = trans_a, .trans_b = trans_b});
      },
      nb::arg("a"), nb::arg("b"), nb::kw_only(), nb::arg("trans_a") = false, nb::arg("trans_b") = false, Released(),
      "a [..., M, K] times b [..., K, N]; trans_a and trans_b exchange the last two axes before.");
  m.def(
      "linear",
      [](const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias) {
        return linear(x, weight, bias.value_or(Tensor()));
      },
      nb::arg("x"), nb::arg("weight"), nb::arg("bias") = nb::none(), Released(),
      "x [..., F] times weight [H, F] transposed, plus bias [H].");
  m.def(
      "layer_norm",
      [](const Tensor& x, const std::optional<Tensor>& weight, const std::optional<Tensor>& bias, double epsilon) {
        return layer_norm(x, weight.value_or(Tensor()), bias.value_or(Tensor()), epsilon);
      },
      nb::arg("x"), nb::arg("weight") = nb::none(), nb::arg("bias") = nb::none(), nb::arg("epsilon") = 1e-5, Released(),
      "Each row of the last axis to mean 0 and variance 1, times weight plus bias (Ba, Kiros and Hinton, 2016).");
  m.def(
      "embedding", [](const Tensor& weight, const Tensor& ids) { return embedding(weight, as_i32(ids)); },
      nb::arg("weight"), nb::arg("ids"), Released(), "The rows of weight [V, F...] that ids name.");
  m.def(
      "gather", [](const Tensor& x, int axis, const Tensor& index) { return gather(x, axis, as_i32(index)); },
      nb::arg("x"), nb::arg("axis"), nb::arg("index"), Released(), "The elements of x along an axis that index names.");
  m.def(
      "one_hot",
      [](const Tensor& ids, int64_t classes, const std::string& dtype) {
        return one_hot(as_i32(ids), classes, dtype_of_name(dtype));
      },
      nb::arg("ids"), nb::arg("classes"), nb::arg("dtype") = "float32", "A 1 at the position of each id.");
  m.def(
      "arange", [](int64_t n, const std::string& dtype) { return arange(n, dtype_of_name(dtype)); }, nb::arg("n"),
      nb::arg("dtype") = "int32", "0, 1, ... n - 1.");
  m.def("concat", &concat, nb::arg("parts"), nb::arg("axis") = 0, Released(), "Tensors joined along an axis.");
  m.def("stack", &stack, nb::arg("parts"), nb::arg("axis") = 0, Released(), "Tensors of one shape along a new axis.");
  m.def("split", &split, nb::arg("x"), nb::arg("axis"), nb::arg("sizes"), Released(),
        "Parts of these sizes along an axis.");
  m.def("flip", &flip, nb::arg("x"), nb::arg("axis"), Released(), "The order along an axis reversed.");
  m.def("tile", &tile, nb::arg("x"), nb::arg("axis"), nb::arg("count"), Released(), "a b -> a b a b.");
  m.def("repeat", &repeat, nb::arg("x"), nb::arg("axis"), nb::arg("count"), Released(), "a b -> a a b b.");
  m.def(
      "broadcast_to", [](const Tensor& x, const std::vector<int64_t>& shape) { return broadcast_to(x, Shape(shape)); },
      nb::arg("x"), nb::arg("shape"), Released(), "x repeated to a shape.");
}

}  // namespace recur::python
