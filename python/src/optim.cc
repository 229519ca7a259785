// Optimisers and learning-rate schedules.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding.h"
#include "recur/base/error.h"
#include "recur/optim/clip.h"
#include "recur/optim/make_optimizer.h"
#include "recur/optim/schedule.h"

namespace recur::python {
namespace {

using Released = nb::call_guard<nb::gil_scoped_release>;
using Named = std::vector<std::pair<std::string, Tensor>>;

Named pairs(const NamedTensors& tensors) {
  Named result;
  for (const NamedTensor& each : tensors) result.emplace_back(each.name, each.value.clone());
  return result;
}

NamedTensors tensors_of(const Named& pairs) {
  NamedTensors result;
  for (const auto& [name, value] : pairs) result.push_back({name, value});
  return result;
}

void bind_schedule(nb::module_& m) {
  nb::class_<Schedule>(m, "Schedule", "The learning rate of each step as a fraction of the base rate.")
      .def(
          "factor",
          [](const Schedule& schedule, int64_t step, int64_t epoch, double share) {
            return schedule.factor({.step = step, .epoch = epoch, .share = share});
          },
          nb::arg("step"), nb::arg("epoch") = 0, nb::arg("share") = 0.0,
          "The fraction after so many steps and epochs; `share` of the whole training is used up.")
      .def("observe", &Schedule::observe, nb::arg("metric"), "Takes a validation metric (plateau).");
  m.def(
      "make_schedule",
      [](const std::string& name, int64_t total, int64_t warmup, double decay, double floor, int64_t interval,
         int64_t hold, const std::vector<int64_t>& milestones, int64_t patience, double threshold, int64_t cooldown,
         bool maximize) {
        return make_schedule({.name = name,
                              .warmup = warmup,
                              .decay = decay,
                              .floor = floor,
                              .total = total,
                              .interval = interval,
                              .hold = hold,
                              .milestones = milestones,
                              .patience = patience,
                              .threshold = threshold,
                              .cooldown = cooldown,
                              .maximize = maximize});
      },
      nb::arg("name"), nb::kw_only(), nb::arg("total") = 0, nb::arg("warmup") = 0, nb::arg("decay") = 0.5,
      nb::arg("floor") = 0.0, nb::arg("interval") = 1, nb::arg("hold") = 1,
      nb::arg("milestones") = std::vector<int64_t>{}, nb::arg("patience") = 2, nb::arg("threshold") = 1e-4,
      nb::arg("cooldown") = 0, nb::arg("maximize") = false,
      "constant, step, milestones, exponential, cosine, linear or plateau; recur.optim.Schedule has what they mean.");
}

}  // namespace

void bind_optim(nb::module_& m) {
  nb::class_<Optimizer>(m, "Optimizer", "Updates parameters in place by their gradients.")
      .def("step", &Optimizer::step, Released(), "One update, by the gradients that backward() has stored.")
      .def("clipped_step", &Optimizer::clipped_step, nb::arg("max_norm"), Released(),
           "The update with gradients scaled to a norm of at most max_norm, in one pass. Gives the norm before; where "
           "it\n"
           "is not finite, no update is made.")
      .def("zero_grad", &Optimizer::zero_grad, "Drops the gradients.")
      .def_prop_rw("lr", &Optimizer::rate, &Optimizer::set_rate, "The learning rate.")
      .def_prop_ro("steps", &Optimizer::steps, "Updates so far.")
      .def(
          "state", [](const Optimizer& optimizer) { return pairs(optimizer.state()); },
          "A copy of what the next step depends on besides the parameters.")
      .def(
          "load_state", [](Optimizer& optimizer, const Named& state) { optimizer.load_state(tensors_of(state)); },
          nb::arg("state"), "Goes on from what state() gave.");
  m.def(
      "make_optimizer",
      [](const std::string& name, const Tensors& parameters, const std::vector<double>& rate_factors,
         std::optional<double> lr, double weight_decay, bool decay_vectors, double momentum, bool nesterov,
         std::optional<double> beta1, std::optional<double> beta2, std::optional<double> alpha,
         std::optional<double> epsilon, bool centered, bool amsgrad) {
        if (parameters.empty()) fail_usage("optimizer: there are no parameters");
        if (rate_factors.size() != parameters.size())
          fail_usage("optimizer: expected a rate factor for each of {} parameters, got {}", parameters.size(),
                     rate_factors.size());
        ParameterGroups groups;
        for (size_t i = 0; i < parameters.size(); ++i)
          groups.push_back({.parameters = {parameters[i]}, .rate_factor = rate_factors[i]});
        return make_optimizer({.name = name,
                               .rate = lr,
                               .weight_decay = weight_decay,
                               .decay_vectors = decay_vectors,
                               .momentum = momentum,
                               .nesterov = nesterov,
                               .beta1 = beta1,
                               .beta2 = beta2,
                               .alpha = alpha,
                               .epsilon = epsilon,
                               .centered = centered,
                               .amsgrad = amsgrad},
                              groups);
      },
      nb::arg("name"), nb::arg("parameters"), nb::arg("rate_factors"), nb::kw_only(), nb::arg("lr") = nb::none(),
      nb::arg("weight_decay") = 0.0, nb::arg("decay_vectors") = true, nb::arg("momentum") = 0.0,
      nb::arg("nesterov") = false, nb::arg("beta1") = nb::none(), nb::arg("beta2") = nb::none(),
      nb::arg("alpha") = nb::none(), nb::arg("epsilon") = nb::none(), nb::arg("centered") = false,
      nb::arg("amsgrad") = false, "sgd, asgd, adam, adamw, rmsprop or adagrad; recur.optim has a class for each.");
  m.def("clip_norm", &clip_norm, nb::arg("parameters"), nb::arg("max_norm"), Released(),
        "Scales all gradients so that their norm is at most max_norm (Pascanu et al., 2013); gives the norm before.");
  m.def("clip_value", &clip_value, nb::arg("parameters"), nb::arg("bound"), Released(),
        "Limits each element of the gradients to +-bound.");
  m.def("gradient_norm", &gradient_norm, nb::arg("parameters"), Released(), "The norm of all gradients together.");
  bind_schedule(m);
}

}  // namespace recur::python
