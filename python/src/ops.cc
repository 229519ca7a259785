// Elementwise functions and losses.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>

#include "binding.h"
#include "recur/base/error.h"
#include "recur/nn/init.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/ctc_loss.h"
#include "recur/ops/dropout.h"
#include "recur/ops/losses.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/unary.h"

namespace recur::python {
namespace {

using Released = nb::call_guard<nb::gil_scoped_release>;
using Function = Tensor (*)(const Tensor&);
using Function2 = Tensor (*)(const Tensor&, const Tensor&);

Reduction reduction_of(const std::string& name) {
  for (const Reduction each : {Reduction::kMean, Reduction::kSum, Reduction::kNone}) {
    if (name == name_of(each)) return each;
  }
  fail_usage("reduction: expected mean, sum or none, got '{}'", name);
}

void bind_functions(nb::module_& m) {
  struct Named {
    const char* name;
    Function function;
    const char* says;
  };
  const Named functions[] = {
      {"exp", exp, "e^x."},
      {"log", log, "The natural logarithm."},
      {"sqrt", sqrt, "The square root."},
      {"abs", abs, "|x|, with gradient 0 at 0."},
      {"sign", sign, "-1, 0 or 1, with gradient 0."},
      {"square", square, "x^2."},
      {"reciprocal", reciprocal, "1 / x."},
      {"sin", sin, "The sine."},
      {"cos", cos, "The cosine."},
      {"erf", erf, "The error function."},
      {"tanh", tanh, "The hyperbolic tangent."},
      {"sigmoid", sigmoid, "1 / (1 + e^-x)."},
      {"relu", relu, "x above 0, else 0."},
      {"softplus", softplus, "log(1 + e^x)."},
      {"gelu", gelu, "x times the normal distribution function of x (Hendrycks and Gimpel, 2016)."},
      {"silu", silu, "x sigmoid(x)."},
      {"log_sigmoid", log_sigmoid, "log(sigmoid(x))."},
  };
  for (const auto& [name, function, says] : functions) m.def(name, function, nb::arg("x"), Released(), says);

  struct Named2 {
    const char* name;
    Function2 function;
    const char* says;
  };
  const Named2 of_two[] = {
      {"maximum", maximum, "The larger of each pair; the two are broadcast against each other."},
      {"minimum", minimum, "The smaller of each pair; the two are broadcast against each other."},
      {"equal", equal, "1 where a is b, else 0, in their dtype."},
      {"less", less, "1 where a < b, else 0, in their dtype."},
  };
  for (const auto& [name, function, says] : of_two) m.def(name, function, nb::arg("a"), nb::arg("b"), Released(), says);

  m.def("elu", &elu, nb::arg("x"), nb::arg("alpha") = 1.0, Released(), "x above 0, else alpha (e^x - 1).");
  m.def("leaky_relu", &leaky_relu, nb::arg("x"), nb::arg("slope") = 0.01, Released(), "x above 0, else slope x.");
  m.def("clamp", &clamp, nb::arg("x"), nb::arg("low"), nb::arg("high"), Released(),
        "x, but at least low and at most high.");
  m.def("where", &where, nb::arg("mask"), nb::arg("a"), nb::arg("b"), Released(), "a where mask is not 0, else b.");
  m.def("masked_fill", &masked_fill, nb::arg("x"), nb::arg("mask"), nb::arg("value"), Released(),
        "x with value where mask is not 0.");
  m.def("softmax", &softmax, nb::arg("x"), nb::arg("axis") = -1, Released(), "exp(x) / sum(exp(x)) along an axis.");
  m.def("log_softmax", &log_softmax, nb::arg("x"), nb::arg("axis") = -1, Released(),
        "The logarithm of softmax(x), without overflow.");
  m.def("logsumexp", &logsumexp, nb::arg("x"), nb::arg("axis"), nb::arg("keepdims") = false, Released(),
        "log(sum(exp(x))) along an axis, without overflow.");
  m.def(
      "dropout", [](const Tensor& x, double p) { return dropout(x, p, default_random()); }, nb::arg("x"), nb::arg("p"),
      Released(), "Each element is 0 with probability p, else x / (1 - p). recur.seed() sets the random numbers.");
}

}  // namespace

void bind_ops(nb::module_& m) {
  bind_functions(m);
  m.def(
      "cross_entropy",
      [](const Tensor& logits, const Tensor& targets, int ignored, double smoothing, const std::string& reduction) {
        const nb::gil_scoped_release released;
        return cross_entropy(logits, targets.dtype() == DType::kI64 ? targets.clone(DType::kI32) : targets,
                             {.ignored = ignored, .smoothing = smoothing, .reduction = reduction_of(reduction)});
      },
      nb::arg("logits"), nb::arg("targets"), nb::kw_only(), nb::arg("ignored") = -1, nb::arg("smoothing") = 0.0,
      nb::arg("reduction") = "mean",
      "-log softmax(logits)[target] in nats: logits [..., V], targets whole numbers [...]. Targets that are `ignored`\n"
      "do not count; `smoothing` is label smoothing.");
  m.def(
      "binary_cross_entropy_with_logits",
      [](const Tensor& logits, const Tensor& targets, const std::string& reduction) {
        return binary_cross_entropy_with_logits(logits, targets, reduction_of(reduction));
      },
      nb::arg("logits"), nb::arg("targets"), nb::kw_only(), nb::arg("reduction") = "mean", Released(),
      "-t log(s) - (1 - t) log(1 - s) with s = sigmoid(logits) and targets t in [0, 1].");
  m.def(
      "mse_loss",
      [](const Tensor& prediction, const Tensor& target, const std::string& reduction) {
        return mse(prediction, target, reduction_of(reduction));
      },
      nb::arg("prediction"), nb::arg("target"), nb::kw_only(), nb::arg("reduction") = "mean", Released(),
      "The squared error.");
  m.def(
      "l1_loss",
      [](const Tensor& prediction, const Tensor& target, const std::string& reduction) {
        return mae(prediction, target, reduction_of(reduction));
      },
      nb::arg("prediction"), nb::arg("target"), nb::kw_only(), nb::arg("reduction") = "mean", Released(),
      "The absolute error.");
  m.def(
      "huber_loss",
      [](const Tensor& prediction, const Tensor& target, double delta, const std::string& reduction) {
        return huber(prediction, target, delta, reduction_of(reduction));
      },
      nb::arg("prediction"), nb::arg("target"), nb::kw_only(), nb::arg("delta") = 1.0, nb::arg("reduction") = "mean",
      Released(), "Half the squared error up to delta, linear beyond (Huber, 1964).");
  m.def(
      "ctc_loss",
      [](const Tensor& logits, const Tensor& labels, const std::optional<Tensor>& lengths, int64_t blank) {
        return ctc_loss(logits, labels, lengths.value_or(Tensor()), blank);
      },
      nb::arg("logits"), nb::arg("labels"), nb::arg("lengths") = nb::none(), nb::arg("blank") = 0, Released(),
      "Connectionist temporal classification (Graves et al., 2006), in nats: [B]. logits [T, B, V], labels int32 [S, "
      "B]\n"
      "with -1 behind the last of a sequence, lengths int64 [B].");
}

}  // namespace recur::python
