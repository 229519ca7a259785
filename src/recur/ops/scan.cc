#include "recur/ops/scan.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"

namespace recur {
namespace {

void check(const Tensors& sequences, const ScanOptions& options) {
  if (sequences.empty()) fail("scan: expected at least one sequence");
  for (const Tensor& x : sequences)
    if (x.rank() < 2 || x.size(0) != sequences[0].size(0) || x.size(1) != sequences[0].size(1))
      fail("scan: expected sequences [T, B, ...], got {} and {}", sequences[0].shape().str(), x.shape().str());
  if (sequences[0].size(0) == 0) fail("scan: expected at least one step");
  if (options.lengths.defined() && options.lengths.shape() != Shape{sequences[0].size(1)})
    fail("scan: lengths: expected [{}], got {}", sequences[0].size(1), options.lengths.shape().str());
}

Tensors step_of(const Tensors& sequences, int64_t t) {
  Tensors x;
  for (const Tensor& sequence : sequences) x.push_back(row(sequence, t));
  return x;
}

// 1 for the rows that are running at step t, shaped to go with [B, ...]; undefined when all are.
Tensor running(const Tensor& lengths, int64_t t, int rank) {
  if (!lengths.defined()) return {};
  Shape shape{lengths.size(0)};
  while (shape.rank() < rank) shape = shape.inserted(shape.rank(), 1);
  Tensor mask = Tensor::empty(shape, DType::kU8);
  uint8_t* to = mask.data<uint8_t>();
  bool all = true;
  for (const int64_t length : lengths.values<int64_t>()) {
    *to++ = t < length ? 1 : 0;
    all = all && t < length;
  }
  return all ? Tensor() : mask;
}

// `after` in the rows that are running, else `before`, or zeros.
Tensor choose(const Tensor& lengths, int64_t t, const Tensor& after, const Tensor& before) {
  const Tensor mask = running(lengths, t, after.rank());
  if (!mask.defined()) return after;
  return where(mask, after, before.defined() ? before : Tensor::zeros({}, after.dtype()));
}

ScanResult run(const Tensors& sequences, const Tensors& states, const ScanStep& step, const ScanOptions& options) {
  const int64_t T = sequences[0].size(0);
  ScanResult result{.states = states, .outputs = {}};
  std::vector<Tensors> steps;  // of each output, in the order of time
  for (int64_t s = 0; s < T; ++s) {
    const int64_t t = options.reverse ? T - 1 - s : s;
    const Tensors made = step(step_of(sequences, t), result.states);
    if (made.size() < states.size()) fail("scan: the step returned {} of {} states", made.size(), states.size());
    steps.resize(made.size() - states.size(), Tensors(static_cast<size_t>(T)));
    for (size_t k = 0; k < made.size(); ++k) {
      if (k < states.size())
        result.states[k] = choose(options.lengths, t, made[k], result.states[k]);
      else
        steps[k - states.size()][t] = choose(options.lengths, t, made[k], {});
    }
  }
  for (const Tensors& output : steps) result.outputs.push_back(stack(output));
  return result;
}

Tensors joined(ScanResult result) {
  Tensors all = std::move(result.states);
  all.insert(all.end(), result.outputs.begin(), result.outputs.end());
  return all;
}

ScanResult parted(const Tensors& all, size_t states) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(states);
  return {.states = Tensors(all.begin(), middle), .outputs = Tensors(middle, all.end())};
}

// One step, recorded by itself.
void trace_step(Trace& trace, const Tensors& sequences, const Tensors& states, const ScanStep& step) {
  const autograd::NoGrad no_grad;
  Tensors x, before;
  {
    const TraceScope pause(nullptr);
    x = step_of(sequences, 0);
    for (const Tensor& state : states) before.push_back(state.detach());
  }
  for (size_t k = 0; k < x.size(); ++k) trace.input({.name = fmt::format("x{}", k)}, x[k]);
  for (size_t k = 0; k < before.size(); ++k) trace.input({.name = fmt::format("state{}", k)}, before[k]);
  const Tensors made = [&] {
    const TraceScope scope(trace);
    return step(x, before);
  }();
  for (size_t k = 0; k < made.size(); ++k)
    trace.output(k < states.size() ? fmt::format("state{}", k) : fmt::format("y{}", k - states.size()), made[k]);
}

ScanResult record(Trace& trace, const Tensors& sequences, const Tensors& states, const ScanStep& step,
                  const ScanOptions& options) {
  Trace inner(trace);
  trace_step(inner, sequences, states, step);
  Tensors inputs{options.lengths};
  for (const Tensors* part : {&sequences, &states, &inner.captured()})
    inputs.insert(inputs.end(), part->begin(), part->end());
  const Attributes attributes{{"reverse", options.reverse},
                              {"sequences", static_cast<int64_t>(sequences.size())},
                              {"states", static_cast<int64_t>(states.size())}};
  const Tensors all = trace.op(
      "scan", inputs, attributes, [&] { return joined(run(sequences, states, step, options)); },
      std::make_shared<Graph>(inner.graph()));
  return parted(all, states.size());
}

}  // namespace

ScanResult scan(const Tensors& sequences, const Tensors& states, const ScanStep& step, const ScanOptions& options) {
  check(sequences, options);
  if (Trace* trace = tracing()) return record(*trace, sequences, states, step, options);
  return run(sequences, states, step, options);
}

Tensors run_scan(const OpCall& call) {
  const auto sequences = static_cast<size_t>(call.attributes.integer("sequences"));
  const auto states = static_cast<size_t>(call.attributes.integer("states"));
  if (!call.body || call.inputs.size() < 1 + sequences + states) fail("scan: the node lacks its step or inputs");
  const auto at = [&](size_t k) { return call.inputs.begin() + static_cast<std::ptrdiff_t>(k); };
  const Tensors others(at(1 + sequences + states), call.inputs.end());
  const ScanStep step = [&](const Tensors& x, const Tensors& before) {
    Tensors inputs = x;
    inputs.insert(inputs.end(), before.begin(), before.end());
    inputs.insert(inputs.end(), others.begin(), others.end());
    return call.body(inputs);
  };
  return joined(scan(Tensors(at(1), at(1 + sequences)), Tensors(at(1 + sequences), at(1 + sequences + states)), step,
                     {.lengths = call[0], .reverse = call.attributes.flag("reverse")}));
}

}  // namespace recur
