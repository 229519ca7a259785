#include "recur/exchange/formats.h"

#include <fmt/ranges.h>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/exchange/c/c_writer.h"
#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/plain_tensors.h"

namespace recur {
namespace {

ExportReport export_plain_c(const Trained& model, const ExportOptions& options, const std::filesystem::path& out) {
  if (options.graph.stateful || !options.graph.part.empty() || !options.samples.empty())
    fail_usage("c: --part, --stateful and --samples are for graphs");
  if (out.extension() != ".c") fail_usage("c: --out: expected a file that ends in .c, got {}", out.string());
  c::export_c(model, out);
  ExportReport report;
  report.notes.emplace_back("The header is next to it.");
  return report;
}

constexpr ExportFormat kFormats[] = {
    {"onnx", ".onnx", "the network, opset 17", onnx::export_onnx},
    {"safetensors", ".safetensors", "the tensors alone", export_plain_tensors},
    {"c", ".c", "source and header in C99, of lm and imported networks", export_plain_c},
};

}  // namespace

std::span<const ExportFormat> export_formats() { return kFormats; }

const ExportFormat& find_export_format(std::string_view name, const std::filesystem::path& out) {
  std::vector<std::string_view> names;
  for (const ExportFormat& format : kFormats) {
    if (name.empty() ? out.extension() == format.extension : name == format.name) return format;
    names.emplace_back(format.name);
  }
  if (name.empty()) fail_usage("--to is missing: expected {}", fmt::join(names, " or "));
  fail_usage("--to: expected {}, got '{}'{}", fmt::join(names, " or "), name, did_you_mean(name, names));
}

}  // namespace recur
