#include "recur/exchange/formats.h"

#include <fmt/ranges.h>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/plain_tensors.h"

namespace recur {
namespace {

constexpr ExportFormat kFormats[] = {
    {"onnx", ".onnx", "the network, opset 17", onnx::export_onnx},
    {"safetensors", ".safetensors", "the tensors alone", export_plain_tensors},
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
