// Records which ops run: see docs/decisions/0003-trace.md.
//
//   Trace trace;
//   trace.input({.name = "x"}, x);
//   trace.parameters(model.named_parameters());
//   const Tensor y = [&] { const TraceScope scope(trace); return model(x); }();
//   trace.output("y", y);
//   run_graph(trace.graph(), {other_x});
//
// An op begins with one line, which names its inputs and attributes and calls the op again; while no trace runs, the
// line costs the test of one thread-local pointer:
//
//   if (Trace* trace = tracing()) return trace->op("softmax", {x}, {{"axis", axis}}, [&] { return softmax(x, axis); });
//
// Ops that run inside another op are not recorded. A composite op can be opened: then the ops it is made of are
// recorded in its place.
#pragma once

#include <functional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "recur/autograd/graph.h"
#include "recur/tensor/named_tensors.h"

namespace recur {

class Trace;

namespace internal {
inline constinit thread_local Trace* active_trace = nullptr;
}  // namespace internal

// Records the ops of this thread into `trace` for a scope; null: records nothing.
class TraceScope {
 public:
  explicit TraceScope(Trace& trace) : TraceScope(&trace) {}
  explicit TraceScope(std::nullptr_t) : TraceScope(static_cast<Trace*>(nullptr)) {}
  ~TraceScope() { internal::active_trace = before_; }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  explicit TraceScope(Trace* trace) : before_(std::exchange(internal::active_trace, trace)) {}

  Trace* before_;
};

class Trace {
 public:
  // Which ops are to be opened; empty: none.
  using Opens = std::function<bool(std::string_view op)>;

  explicit Trace(Opens opens = {}) : opens_(std::move(opens)) {}
  // A trace of a part of the computation that `outer` records. A value of `outer` that is used here becomes an input,
  // in the order of first use, after the declared inputs.
  explicit Trace(Trace& outer) : opens_(outer.opens_), outer_(&outer) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Tensors that get a name. All others that are not the result of an op are constants.
  void input(GraphInput input, const Tensor& tensor);  // its dtype and shape are the tensor's
  void parameter(const std::string& name, const Tensor& tensor);
  void parameters(const NamedTensors& tensors);
  void output(const std::string& name, const Tensor& tensor);

  // The tensor that lengths, given to an op as plain integers, came from: the one with the same values among the inputs
  // and results that are lengths. Undefined when all are `steps`; throws when there is none.
  Tensor lengths(const std::vector<int64_t>& lengths, int64_t steps) const;
  void remember_lengths(const Tensor& tensor) { lengths_.push_back(tensor); }

  const Graph& graph() const { return graph_; }
  const Tensors& captured() const { return captured_; }  // of the outer trace
  bool opens(std::string_view op) const { return opens_ && opens_(op); }

  // Records an op: `run` is the op itself, which returns a Tensor or Tensors. Missing optional inputs are undefined. If
  // the op is opened, its parts are recorded as it runs.
  template <class F>
  auto op(const char* name, const Tensors& inputs, Attributes attributes, F&& run,
          std::shared_ptr<const Graph> body = nullptr) {
    if (opens(name)) {
      inside_ = true;
      return run();
    }
    auto result = run_unrecorded(run);
    record(name, inputs, std::move(attributes), result, std::move(body));
    return result;
  }
  // The same for an op that is not made of ops, such as a fused kernel: if it is opened, its composed twin runs
  // instead.
  template <class F, class Twin>
  auto op_with_twin(const char* name, const Tensors& inputs, Attributes attributes, F&& run, Twin&& twin) {
    if (opens(name)) return twin();
    auto result = run_unrecorded(run);
    record(name, inputs, std::move(attributes), result, nullptr);
    return result;
  }

 private:
  friend Trace* tracing();

  template <class F>
  static auto run_unrecorded(F&& run) {
    const TraceScope pause(nullptr);
    return run();
  }
  void record(const char* name, const Tensors& inputs, Attributes attributes, const Tensor& output,
              std::shared_ptr<const Graph> body);
  void record(const char* name, const Tensors& inputs, Attributes attributes, const Tensors& outputs,
              std::shared_ptr<const Graph> body);
  int find(const char* op, size_t position, const Tensor& tensor);
  int known(const Tensor& tensor) const;
  bool knows(const Tensor& tensor) const;
  void check_unchanged(const char* op, size_t position, int value) const;
  int add(GraphValue value, const Tensor& tensor);

  Opens opens_;
  Trace* outer_ = nullptr;
  Graph graph_;
  bool inside_ = false;             // the op that is about to begin has been opened
  Tensors kept_;                    // the tensor of each value: while it lives, its address means this value
  std::vector<uint64_t> versions_;  // of each value's elements when it was recorded
  Tensors captured_, lengths_;
  std::unordered_map<const void*, int> by_id_;
  std::unordered_multimap<const void*, int> by_address_;  // of the elements: finds detached handles
};

// The trace that an op is to be recorded in; null when there is none, or when another op is running the op.
inline Trace* tracing() {
  Trace* trace = internal::active_trace;
  if (trace == nullptr || std::exchange(trace->inside_, false)) return nullptr;
  return trace;
}

}  // namespace recur
