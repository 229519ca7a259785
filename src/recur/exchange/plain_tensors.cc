#include "recur/exchange/plain_tensors.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/io/tensor_views.h"

namespace recur {

ExportReport export_plain_tensors(const Trained& model, const ExportOptions& options,
                                  const std::filesystem::path& out) {
  if (options.graph.stateful || !options.graph.part.empty())
    fail_usage("safetensors: tensors have neither parts nor states: --part and --stateful are for graphs");
  if (!options.samples.empty()) fail_usage("safetensors: --samples is for graphs");
  const NamedTensors state = model.module().state();
  // The key that libraries of PyTorch look for.
  write_safetensors(out, views_of(state), {{"format", "pt"}, {"task", model.info().name}});
  ExportReport report;
  for (const NamedTensor& each : state)
    report.values.push_back(
        {"tensor", each.name, fmt::format("{} {}", name_of(each.value.dtype()), each.value.shape().str()), ""});
  return report;
}

}  // namespace recur
