#include "recur/explain/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "recur/base/error.h"
#include "recur/explain/baseline.h"
#include "recur/explain/gradients.h"
#include "recur/explain/occlusion.h"
#include "recur/explain/shapley.h"

namespace recur {
namespace {

Attribution shapley(const Explainable& record, const Tensor& baseline, const Parts& parts,
                    const ShapleySampling& sampling) {
  return parts.size() <= kMostEnumerated ? shapley_exact(record, baseline, parts)
                                         : shapley_by_orders(record, baseline, parts, sampling);
}

}  // namespace

const std::vector<std::string>& attribution_methods() {
  static const std::vector<std::string> methods{"integrated-gradients", "gradient-input", "occlusion", "shapley",
                                                "shapley-exact",        "kernel-shap"};
  return methods;
}

Attribution attribute(const Explainable& record, const ExplainOptions& options) {
  const std::string& method = options.method;
  const bool slides = method == "occlusion";
  const PartsOptions cut{.by = options.by, .window = slides ? 1 : options.window};
  if (method == "gradient-input") {
    const Tensor zeros = Tensor::zeros(record.read().x.shape(), record.read().x.dtype());
    return gradient_times_input(record, Parts(record.read(), zeros, cut));
  }
  const Tensor baseline = baseline_of(record.read(), options.baseline);
  const Parts parts(record.read(), baseline, cut);
  const ShapleySampling sampling{.samples = options.samples, .level = options.level, .seed = options.seed};
  if (method == "integrated-gradients")
    return integrated_gradients(record, baseline, parts, {.points = options.points});
  if (slides) return occlusion(record, baseline, parts, options.window);
  if (method == "shapley") return shapley(record, baseline, parts, sampling);
  if (method == "shapley-exact") return shapley_exact(record, baseline, parts);
  if (method == "kernel-shap") return shapley_by_kernel(record, baseline, parts, sampling);
  fail_usage("method: expected one of {}, got '{}'", fmt::join(attribution_methods(), ", "), method);
}

}  // namespace recur
