// Networks one time step at a time, from NumPy to NumPy.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "binding.h"
#include "buffer.h"
#include "model.h"
#include "recur/base/error.h"
#include "recur/nn/stream.h"

namespace recur::python {
namespace {

// A new array [sizes] of float32 and what is in it.
nb::object new_array(const nb::object& sizes) {
  static PyObject* const empty = nb::object(nb::module_::import_("numpy").attr("empty")).release().ptr();
  static PyObject* const float32 = nb::object(nb::module_::import_("numpy").attr("float32")).release().ptr();
  PyObject* const arguments[] = {sizes.ptr(), float32};
  PyObject* const made = PyObject_Vectorcall(empty, arguments, 2, nullptr);
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

// Calls step(x, out) with the elements of two arrays, and gives the second.
template <class Step>
nb::object stepped(nb::handle x, nb::handle out, const nb::object& sizes, Step&& step) {
  const nb::object result = out.is_none() ? new_array(sizes) : nb::borrow(out);
  const Floats from(x, "x", Floats::Use::kRead);
  const Floats to(result, "out", Floats::Use::kWrite);
  step(from.span(), to.span());
  return result;
}

// The same for a run of steps, x [T, ...] to out [T, ...]: the step is called for one after the other, without the GIL.
template <class Step>
nb::object ran(nb::handle x, nb::handle out, int64_t in_features, int64_t out_features, Step&& step) {
  const Floats from(x, "x", Floats::Use::kRead);
  if (in_features == 0 || std::ssize(from.span()) % in_features != 0)
    fail("stream: x: expected steps of {} numbers, got {} numbers", in_features, from.span().size());
  const int64_t steps = std::ssize(from.span()) / in_features;
  const nb::object result = out.is_none() ? new_array(nb::make_tuple(steps, out_features)) : nb::borrow(out);
  const Floats to(result, "out", Floats::Use::kWrite);
  if (std::ssize(to.span()) != steps * out_features)
    fail("stream: out: expected {} steps of {} numbers, got {} numbers", steps, out_features, to.span().size());
  const nb::gil_scoped_release released;
  for (int64_t t = 0; t < steps; ++t) {
    step(from.span().subspan(static_cast<size_t>(t * in_features), static_cast<size_t>(in_features)),
         to.span().subspan(static_cast<size_t>(t * out_features), static_cast<size_t>(out_features)));
  }
  return result;
}

// Of recurrent layers alone.
class LayerStream {
 public:
  explicit LayerStream(Stream stream) : stream_(std::move(stream)) {
    sizes_ = stream_.streams() == 1 ? nb::make_tuple(stream_.output_features())
                                    : nb::make_tuple(stream_.streams(), stream_.output_features());
  }

  nb::object step(nb::handle x, nb::handle out) {
    return stepped(x, out, sizes_, [&](std::span<const float> from, std::span<float> to) { stream_.step(from, to); });
  }
  nb::object run(nb::handle x, nb::handle out) {
    return ran(x, out, stream_.streams() * stream_.input_features(), stream_.streams() * stream_.output_features(),
               [&](std::span<const float> from, std::span<float> to) { stream_.step(from, to); });
  }
  Stream& get() { return stream_; }
  const Stream& get() const { return stream_; }

 private:
  Stream stream_;
  nb::object sizes_;
};

// Of a model.
class ModelStream {
 public:
  explicit ModelStream(const Model& model) : trained_(model.trained()), stream_(model.network_stream()) {
    sizes_ = nb::make_tuple(stream_.output_features());
  }

  nb::object step(nb::handle x, nb::handle out) {
    return stepped(x, out, sizes_, [&](std::span<const float> from, std::span<float> to) {
      if (std::ssize(from) != stream_.input_features())
        fail("stream: x: expected {} features, got {}", stream_.input_features(), from.size());
      if (std::ssize(to) != stream_.output_features())
        fail("stream: out: expected {} features, got {}", stream_.output_features(), to.size());
      std::ranges::copy(stream_.step(from), to.begin());
    });
  }
  nb::object run(nb::handle x, nb::handle out) {
    return ran(
        x, out, stream_.input_features(), stream_.output_features(),
        [&](std::span<const float> from, std::span<float> to) { std::ranges::copy(stream_.step(from), to.begin()); });
  }
  NetworkStream& get() { return stream_; }

 private:
  std::shared_ptr<const Trained> trained_;
  NetworkStream stream_;
  nb::object sizes_;
};

constexpr const char* kStep =
    "One time step: x, an array of float32, in; the output into `out`, or into a new array. Gives the output.\n"
    "One thread at a time may use a stream; copies are independent.";
constexpr const char* kStepSignature =
    "def step(self, x: numpy.ndarray, out: numpy.ndarray | None = None) -> numpy.ndarray";

constexpr const char* kRun =
    "Several time steps, one after the other: x [T, ...] of float32 in, the outputs [T, ...] into `out` or a new "
    "array.";
constexpr const char* kRunSignature =
    "def run(self, x: numpy.ndarray, out: numpy.ndarray | None = None) -> numpy.ndarray";

}  // namespace

void bind_streams(nb::module_& m) {
  nb::class_<LayerStream>(
      m, "Stream",
      "Recurrent layers one time step at a time; made by the method stream() of a layer. The weights\n"
      "are those of that moment.")
      .def("step", &LayerStream::step, nb::arg("x"), nb::arg("out") = nb::none(), nb::sig(kStepSignature), kStep)
      .def("run", &LayerStream::run, nb::arg("x"), nb::arg("out") = nb::none(), nb::sig(kRunSignature), kRun)
      .def(
          "reset", [](LayerStream& s) { s.get().reset(); }, "Back to zero states, as in the beginning.")
      .def_prop_rw(
          "state", [](const LayerStream& s) { return s.get().state().layers; },
          [](LayerStream& s, const std::vector<Tensors>& state) { s.get().set_state({state}); },
          "The states after the last step, of each layer its tensors [B, ...]. Setting them goes on from there.")
      .def(
          "copy", [](const LayerStream& s) { return LayerStream(s.get()); },
          "Another stream that goes on from here; the two share the weights.")
      .def("__copy__", [](const LayerStream& s) { return LayerStream(s.get()); })
      .def_prop_ro(
          "input_features", [](const LayerStream& s) { return s.get().input_features(); }, "F.")
      .def_prop_ro(
          "output_features", [](const LayerStream& s) { return s.get().output_features(); }, "H.")
      .def_prop_ro(
          "streams", [](const LayerStream& s) { return s.get().streams(); }, "B, streams side by side.");
  nb::class_<ModelStream>(m, "ModelStream", "A model one time step at a time; made by Model.stream().")
      .def("step", &ModelStream::step, nb::arg("x"), nb::arg("out") = nb::none(), nb::sig(kStepSignature), kStep)
      .def("run", &ModelStream::run, nb::arg("x"), nb::arg("out") = nb::none(), nb::sig(kRunSignature), kRun)
      .def(
          "reset", [](ModelStream& s) { s.get().reset(); }, "Back to the beginning.")
      .def(
          "copy", [](const ModelStream& s) { return ModelStream(s); }, "Another stream that goes on from here.")
      .def("__copy__", [](const ModelStream& s) { return ModelStream(s); })
      .def_prop_ro(
          "input_features", [](ModelStream& s) { return s.get().input_features(); }, "F.")
      .def_prop_ro(
          "output_features", [](ModelStream& s) { return s.get().output_features(); }, "O.");
  m.def(
      "stream_of_layers",
      [](const Recurrent& layers, int64_t streams) { return LayerStream(layers.stream({.streams = streams})); },
      nb::arg("layers"), nb::arg("streams") = 1, "A stream of recurrent layers, with the weights as they are now.");
  m.def(
      "stream_of_model", [](const Model& model) { return ModelStream(model); }, nb::arg("model"),
      "A stream of a model that gives an output for each step and looks at nothing behind it.");
}

}  // namespace recur::python
