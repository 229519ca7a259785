// The extension recur._core: what its parts share. Each part adds its own to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace recur::python {

namespace nb = nanobind;

void bind_errors(nb::module_& m);
void bind_tensor(nb::module_& m);
void bind_ops(nb::module_& m);
void bind_array_ops(nb::module_& m);
void bind_layers(nb::module_& m);
void bind_streams(nb::module_& m);
void bind_optim(nb::module_& m);
void bind_files(nb::module_& m);
void bind_model(nb::module_& m);
void bind_train(nb::module_& m);

}  // namespace recur::python
