// Scan, as it is since opset 9, as a scan.
#include <fmt/format.h>

#include "recur/exchange/onnx/program.h"
#include "recur/ops/scan.h"

namespace recur::onnx {
namespace {

// 1 where all directions are backwards.
bool is_reverse(const Call& call) {
  const std::vector<int64_t> in = call.integers("scan_input_directions"), out = call.integers("scan_output_directions");
  bool any = false, all = true;
  for (const std::vector<int64_t>* list : {&in, &out})
    for (const int64_t direction : *list) {
      any = any || direction != 0;
      all = all && direction != 0;
    }
  if (any && (!all || in.empty() || out.empty()))
    call.fail_node("sequences and outputs of different directions are not supported");
  return any;
}

}  // namespace

Values run_scan_operator(const Call& call) {
  if (call.opset() < 9) call.fail_node("the Scan of opset 8 is not supported");
  const auto* graph = std::get_if<std::shared_ptr<const GraphProto>>(&call.attribute("body").value);
  if (graph == nullptr) call.fail_node("attribute 'body': expected a graph");
  for (const char* name : {"scan_input_axes", "scan_output_axes"})
    for (const int64_t axis : call.integers(name))
      if (axis != 0) call.fail_node(fmt::format("{}: expected 0, others are not supported", name));
  const GraphProto& body = **graph;
  const int64_t sequences = call.needed_integer("num_scan_inputs");
  const auto count = static_cast<int64_t>(call.size());
  if (sequences < 1 || sequences > count || std::ssize(body.inputs) != count)
    call.fail_node(
        fmt::format("num_scan_inputs: {} of {} inputs, and a body with {}", sequences, count, body.inputs.size()));
  const auto states = static_cast<size_t>(count - sequences);
  if (body.outputs.size() < states) call.fail_node("the body gives fewer values than there are states");
  Tensors before, read;
  for (size_t k = 0; k < call.size(); ++k) (k < states ? before : read).push_back(call.tensor(k));
  const ScanStep step = [&](const Tensors& x, const Tensors& state) {
    Environment scope(&call.around());
    for (size_t k = 0; k < body.inputs.size(); ++k)
      scope.set(body.inputs[k].name, Value(k < states ? state[k] : x[k - states]));
    Tensors made;
    for (const Value& value : call.program().run_graph(body, scope)) {
      if (!value.tensor.defined()) call.fail_node("a size as an output of the body is not supported");
      made.push_back(value.tensor);
    }
    return made;
  };
  ScanResult result = scan(read, before, step, {.reverse = is_reverse(call)});
  Values outputs;
  for (const Tensors* part : {&result.states, &result.outputs})
    for (const Tensor& tensor : *part) outputs.emplace_back(tensor);
  return outputs;
}

}  // namespace recur::onnx
