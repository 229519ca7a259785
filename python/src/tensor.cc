// The tensor and its gradients.
#include <nanobind/operators.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "array.h"
#include "binding.h"
#include "index.h"
#include "recur/autograd/grad.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur::python {
namespace {

using Released = nb::call_guard<nb::gil_scoped_release>;

nb::tuple shape_of(const Tensor& tensor) {
  nb::list sizes;
  for (const int64_t size : tensor.shape()) sizes.append(size);
  return nb::tuple(sizes);
}

// Whether writing through an array would change what the tape or packed weights rely on.
bool is_guarded(const Tensor& tensor) { return tensor.requires_grad(); }

std::string repr_of(const Tensor& tensor) {
  const nb::object values =
      tensor.dtype() == DType::kBF16 ? numpy_over(tensor.clone(DType::kF32), true) : numpy_over(tensor, true);
  const nb::object numpy = nb::module_::import_("numpy");
  const auto text = nb::cast<std::string>(numpy.attr("array2string")(
      values, nb::arg("separator") = ", ", nb::arg("threshold") = 100, nb::arg("prefix") = "Tensor("));
  return "Tensor(" + text + ", dtype=" + std::string(numpy_name(tensor.dtype())) +
         (tensor.requires_grad() ? ", requires_grad=True)" : ")");
}

// Recording is switched off from enter() to exit() of this thread; scopes end in the order they began.
class NoGradScope {
 public:
  NoGradScope() = default;
  NoGradScope(const NoGradScope&) = delete;
  NoGradScope& operator=(const NoGradScope&) = delete;

  void enter() { scopes_.push_back(std::make_unique<autograd::NoGrad>()); }
  void exit() {
    if (!scopes_.empty()) scopes_.pop_back();
  }

 private:
  std::vector<std::unique_ptr<autograd::NoGrad>> scopes_;
};

void bind_memory(nb::class_<Tensor>& tensor) {
  tensor
      .def(
          "numpy", [](const Tensor& t) { return numpy_over(t, is_guarded(t)); },
          nb::sig("def numpy(self) -> numpy.ndarray"),
          "The same elements as a NumPy array, without a copy. Of a tensor that requires a gradient it is read-only:\n"
          "copy_() changes the values of a parameter.")
      .def(
          "__array__",
          [](const Tensor& t, const nb::object& dtype, const nb::object& copy) {
            nb::object array = numpy_over(t, is_guarded(t));
            const bool converts = !dtype.is_none() && !array.attr("dtype").equal(dtype);
            if (converts) {
              if (!copy.is_none() && !nb::cast<bool>(copy))
                throw nb::value_error("__array__: another dtype needs a copy");
              return array.attr("astype")(dtype);
            }
            return !copy.is_none() && nb::cast<bool>(copy) ? nb::object(array.attr("copy")()) : array;
          },
          nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none(),
          nb::sig("def __array__(self, dtype: typing.Any = None, copy: bool | None = None) -> numpy.ndarray"),
          "What numpy.asarray(tensor) gives: no copy, unless another dtype is asked for.")
      .def(
          "__dlpack__", [](const Tensor& t, const nb::kwargs& how) { return array_over(t).attr("__dlpack__")(**how); },
          nb::sig("def __dlpack__(self, **how: typing.Any) -> typing.Any"),
          "The same elements for another library, without a copy: torch.from_dlpack(tensor).")
      .def(
          "__dlpack_device__", [](const Tensor&) { return nb::make_tuple(nb::device::cpu::value, 0); },
          nb::sig("def __dlpack_device__(self) -> tuple[int, int]"), "The processor, as DLPack says it.")
      .def(
          "item", [](const Tensor& t) { return t.item(); }, "The value of a tensor with one element.")
      .def("__float__", [](const Tensor& t) { return t.item(); })
      .def(
          "tolist", [](const Tensor& t) { return numpy_over(t, true).attr("tolist")(); },
          nb::sig("def tolist(self) -> typing.Any"), "The elements in nested lists.")
      .def(
          "copy_",
          [](Tensor& t, const Tensor& from) {
            t.copy_from(from.dtype() == t.dtype() ? from : from.clone(t.dtype()));
            return t;
          },
          nb::arg("source"), "Overwrites the elements by those of a tensor of the same shape; gives the tensor itself.")
      .def(
          "clone", [](const Tensor& t) { return t.clone(); }, "A copy of the elements, outside any graph.")
      .def("detach", &Tensor::detach, "Another handle on the same elements, outside any graph.");
}

void bind_gradients(nb::class_<Tensor>& tensor) {
  tensor
      .def_prop_rw(
          "requires_grad", [](const Tensor& t) { return t.requires_grad(); },
          [](Tensor& t, bool value) { t.set_requires_grad(value); },
          "Whether operations on this tensor are recorded. To be set of what is no result of an operation.")
      .def_prop_rw(
          "grad", [](const Tensor& t) { return t.grad().defined() ? std::optional(t.grad()) : std::nullopt; },
          [](Tensor& t, std::optional<Tensor> grad) { t.set_grad(grad ? *std::move(grad) : Tensor()); },
          nb::for_setter(nb::arg("grad").none()), "The gradient that backward() has added up; None before.")
      .def(
          "backward", [](const Tensor& t) { t.backward(); }, Released(),
          "Adds the gradient of this one value to the grad of every tensor it depends on that requires one, and frees\n"
          "the graph.")
      .def(
          "requires_grad_",
          [](Tensor& t, bool value) {
            t.set_requires_grad(value);
            return t;
          },
          nb::arg("value") = true, "Sets requires_grad and gives the tensor itself.");
}

void bind_arithmetic(nb::class_<Tensor>& tensor) {
  tensor.def(nb::self + nb::self, Released())
      .def(nb::self - nb::self, Released())
      .def(nb::self * nb::self, Released())
      .def(nb::self / nb::self, Released())
      .def(nb::self + double(), Released())
      .def(nb::self - double(), Released())
      .def(nb::self * double(), Released())
      .def(nb::self / double(), Released())
      .def(double() + nb::self, Released())
      .def(double() - nb::self, Released())
      .def(double() * nb::self, Released())
      .def(double() / nb::self, Released())
      .def(-nb::self, Released())
      .def(
          "__matmul__", [](const Tensor& a, const Tensor& b) { return matmul(a, b); }, nb::is_operator(), Released())
      .def(
          "__pow__", [](const Tensor& x, double exponent) { return pow(x, exponent); }, nb::is_operator(), Released());
}

void bind_shapes(nb::class_<Tensor>& tensor) {
  tensor
      .def(
          "reshape", [](const Tensor& t, const nb::args& sizes) { return reshape(t, shape_for(t, sizes_of(sizes))); },
          nb::sig("def reshape(self, *sizes: int) -> Tensor"),
          "The same elements under another shape, without a copy. One size may be -1: it follows from the others.")
      .def(
          "transpose", [](const Tensor& t, int a, int b) { return transpose(t, a, b); }, nb::arg("a") = -2,
          nb::arg("b") = -1, Released(), "A copy with two axes exchanged, the last two unless others are named.")
      .def(
          "permute",
          [](const Tensor& t, const nb::args& axes) {
            const std::vector<int64_t> wide = sizes_of(axes);
            const std::vector<int> order(wide.begin(), wide.end());
            return permute(t, std::span(order));
          },
          nb::sig("def permute(self, *axes: int) -> Tensor"), "A copy whose axis k is axis axes[k] of this.")
      .def(
          "to", [](const Tensor& t, const std::string& dtype) { return cast(t, dtype_of_name(dtype)); },
          nb::arg("dtype"), "The elements in another dtype: \"float32\", \"float64\", \"bfloat16\", \"int32\", ...")
      .def(
          "sum",
          [](const Tensor& t, std::optional<int> axis, bool keep) { return axis ? sum(t, *axis, keep) : sum(t); },
          nb::arg("axis") = nb::none(), nb::arg("keepdims") = false, Released(), "The sum of all, or along an axis.")
      .def(
          "mean",
          [](const Tensor& t, std::optional<int> axis, bool keep) { return axis ? mean(t, *axis, keep) : mean(t); },
          nb::arg("axis") = nb::none(), nb::arg("keepdims") = false, Released(), "The mean of all, or along an axis.")
      .def(
          "__getitem__", [](const Tensor& t, const nb::object& index) { return indexed(t, index); }, nb::arg("index"),
          nb::sig("def __getitem__(self, index: int | slice | tuple[int | slice, ...]) -> Tensor"),
          "Whole numbers and slices of step 1, one for each of the first axes. Of the first axis they are views.")
      .def("__len__", [](const Tensor& t) {
        if (t.rank() == 0) throw nb::type_error("len() of a tensor without axes");
        return t.size(0);
      });
}

}  // namespace

void bind_tensor(nb::module_& m) {
  nb::class_<Tensor> tensor(
      m, "Tensor",
      "Numbers of one dtype in a row-major array of up to six axes, which operations never change.\n"
      "recur.tensor() makes one from a copy, recur.from_numpy() and recur.from_dlpack() without.");
  tensor.attr("__array_priority__") = 1000;
  tensor.attr("__array_ufunc__") = nb::none();  // array * tensor is the tensor's business
  tensor.def_prop_ro("shape", &shape_of, nb::sig("def shape(self) -> tuple[int, ...]"), "The sizes of the axes.")
      .def_prop_ro(
          "dtype", [](const Tensor& t) { return std::string(numpy_name(t.dtype())); },
          "\"float32\", \"float64\", \"bfloat16\", \"int32\", \"int64\" or \"uint8\".")
      .def_prop_ro("ndim", &Tensor::rank, "The number of axes.")
      .def_prop_ro("size", &Tensor::numel, "The number of elements.")
      .def("__repr__", &repr_of);
  bind_memory(tensor);
  bind_gradients(tensor);
  bind_arithmetic(tensor);
  bind_shapes(tensor);

  m.def("from_dlpack", &tensor_over, nb::arg("array").noconvert(),
        nb::sig("def from_dlpack(array: typing.Any) -> Tensor"),
        "A tensor over the memory of an array that speaks DLPack or the buffer protocol (NumPy, PyTorch), without a\n"
        "copy: row-major, writable, in memory of the processor.");
  m.def(
      "zeros",
      [](const std::vector<int64_t>& shape, const std::string& dtype) {
        return Tensor::zeros(Shape(shape), dtype_of_name(dtype));
      },
      nb::arg("shape"), nb::arg("dtype") = "float32", "A tensor of zeros.");
  m.def(
      "full",
      [](const std::vector<int64_t>& shape, double value, const std::string& dtype) {
        return Tensor::full(Shape(shape), value, dtype_of_name(dtype));
      },
      nb::arg("shape"), nb::arg("value"), nb::arg("dtype") = "float32", "A tensor of one value everywhere.");
  m.def(
      "grad",
      [](const Tensors& outputs, const Tensors& inputs, const Tensors& grad_outputs, bool create_graph,
         bool retain_graph) {
        return grad(outputs, inputs,
                    {.grad_outputs = grad_outputs, .create_graph = create_graph, .retain_graph = retain_graph});
      },
      nb::arg("outputs"), nb::arg("inputs"), nb::arg("grad_outputs") = Tensors{}, nb::arg("create_graph") = false,
      nb::arg("retain_graph") = false, Released(),
      "The gradients of the sum of outputs, each weighted by its grad_output (ones), with respect to inputs. With\n"
      "create_graph they can be differentiated again, to any order.");
  m.def("is_recording", &autograd::recording, "Whether this thread records operations for backward().");
  nb::class_<NoGradScope>(m, "NoGradScope", "Switches recording off; recur.no_grad() makes it convenient.")
      .def(nb::init<>())
      .def("enter", &NoGradScope::enter, "From here on nothing is recorded on this thread.")
      .def("exit", &NoGradScope::exit, "Back to what was before enter().");
}

}  // namespace recur::python
