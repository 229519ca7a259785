#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "binding.h"
#include "recur/base/suggest.h"
#include "recur/base/threads.h"
#include "recur/base/version.h"
#include "recur/kernels/kernels.h"
#include "recur/nn/init.h"

NB_MODULE(_core, m) {
  namespace nb = recur::python::nb;
  m.doc() = "The library of Recur, which the package recur makes convenient.";
  recur::python::bind_errors(m);
  recur::python::bind_tensor(m);
  recur::python::bind_ops(m);
  recur::python::bind_array_ops(m);
  recur::python::bind_layers(m);
  recur::python::bind_streams(m);
  recur::python::bind_optim(m);
  recur::python::bind_files(m);
  recur::python::bind_model(m);
  recur::python::bind_train(m);

  m.def(
      "version", [] { return std::string(recur::version()); }, "The version of the library.");
  m.def(
      "kernels", [] { return std::string(recur::kernels::description()); },
      "Which instruction set the kernels use on this processor.");
  m.def(
      "did_you_mean",
      [](const std::string& word, const std::vector<std::string>& known) {
        return recur::did_you_mean(word, std::vector<std::string_view>(known.begin(), known.end()));
      },
      nb::arg("word"), nb::arg("known"), "\"; did you mean 'hidden'?\" of the nearest known word, or nothing.");
  m.def("threads", &recur::threads, "How many threads an op may use: RECUR_THREADS of the environment, or 1.");
  m.def(
      "set_threads",
      [](int n) {
        if (n < 1 || n > 1024) throw nb::value_error("set_threads: expected 1 to 1024");
        const nb::gil_scoped_release released;
        recur::set_threads(n);
      },
      nb::arg("n"), "Sets how many threads an op may use, 1 to 1024, for the whole process.");
  m.def("seed", &recur::seed_default_random, nb::arg("seed"),
        "Sets the seed of the random numbers of this thread: initial values of layers, dropout.");
}
