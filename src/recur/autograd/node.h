// The tape: what an op leaves behind so that its gradient can be computed.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur::autograd {

class Node;

// Access to the graph side of a tensor, for this folder only.
struct Link {
  static const std::shared_ptr<Node>& node(const Tensor& t) { return t.get().node; }
  static int output_index(const Tensor& t) { return t.get().output_index; }
  static bool is_leaf(const Tensor& t) { return t.get().is_leaf_requiring_grad; }
  static void attach(Tensor& t, std::shared_ptr<Node> node, int output_index);
};

// Where the gradient of one input goes: to an output of another node, or to a leaf, or (both empty) nowhere.
struct Edge {
  std::shared_ptr<Node> node;
  int output_index = 0;
  Tensor leaf;

  bool wanted() const { return node != nullptr || leaf.defined(); }
};

// What a vector-Jacobian product is given.
class VjpArgs {
 public:
  VjpArgs(const Node& node, const Tensors& grads, const std::vector<bool>& needed)
      : node_(node), grads_(grads), needed_(needed) {}

  // The gradient with respect to output i; zeros where nothing came back to it.
  Tensor grad(int i = 0) const;
  bool has_grad(int i) const { return grads_[i].defined(); }
  // Output i itself, linked into the graph; only where the op was recorded with Save::kOutputs.
  Tensor output(int i = 0) const;
  // Whether anybody wants the gradient of input i: a vjp may return an undefined tensor where not.
  bool needs(int i) const { return needed_[i]; }

 private:
  const Node& node_;
  const Tensors& grads_;
  const std::vector<bool>& needed_;
};

// Gradients of the inputs, in order; an undefined tensor stands for zero. Written in differentiable ops, so that
// running it while recording yields the graph of the gradient.
using Vjp = std::function<Tensors(const VjpArgs&)>;

enum class Save { kNothing, kOutputs };

class Node : public std::enable_shared_from_this<Node> {
 public:
  Node(const char* op, std::vector<Edge> inputs, Vjp vjp);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const char* op() const { return op_; }
  // Grows with creation: every node's inputs have smaller numbers, so descending order is a topological one.
  uint64_t sequence() const { return sequence_; }
  const std::vector<Edge>& inputs() const { return inputs_; }
  int outputs() const { return static_cast<int>(outputs_.size()); }
  Tensors run(const Tensors& grads, const std::vector<bool>& needed) const;
  // Drops what the vjp holds; running it afterwards is an error.
  void release();

 private:
  friend class VjpArgs;
  friend Tensors record_node(const char* op, std::vector<Edge> inputs, Tensors outputs, Vjp vjp, Save save);

  struct Output {
    Shape shape;
    DType dtype;
    Tensor saved;  // a detached handle, so that the node does not own itself
  };

  const char* op_;
  uint64_t sequence_;
  std::vector<Edge> inputs_;
  std::vector<Output> outputs_;
  Vjp vjp_;
};

// Whether ops are recorded on this thread.
bool recording();

// Switches recording off (or on) for a scope.
class RecordScope {
 public:
  explicit RecordScope(bool on);
  ~RecordScope();
  RecordScope(const RecordScope&) = delete;
  RecordScope& operator=(const RecordScope&) = delete;

 private:
  bool before_;
};
class NoGrad : public RecordScope {
 public:
  NoGrad() : RecordScope(false) {}
};

bool any_requires_grad(const Tensors& inputs);
std::vector<Edge> edges_to(const Tensors& inputs);
Tensors record_node(const char* op, std::vector<Edge> inputs, Tensors outputs, Vjp vjp, Save save);

// Called by every op with its inputs (undefined ones are allowed), the outputs it has computed and its
// vector-Jacobian product; returns the outputs, linked to the tape when any input requires a gradient.
template <class F>
Tensors record(const char* op, const Tensors& inputs, Tensors outputs, F&& vjp, Save save = Save::kNothing) {
  if (!recording() || !any_requires_grad(inputs)) return outputs;
  return record_node(op, edges_to(inputs), std::move(outputs), std::forward<F>(vjp), save);
}
template <class F>
Tensor record(const char* op, const Tensors& inputs, Tensor output, F&& vjp, Save save = Save::kNothing) {
  if (!recording() || !any_requires_grad(inputs)) return output;
  return record_node(op, edges_to(inputs), {std::move(output)}, std::forward<F>(vjp), save)[0];
}

}  // namespace recur::autograd
