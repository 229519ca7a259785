#include "recur/autograd/grad.h"

#include <algorithm>
#include <optional>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "recur/autograd/accumulate.h"
#include "recur/autograd/trace.h"

namespace recur {
namespace autograd {
namespace {

struct Later {  // orders nodes so that the newest is worked off first
  bool operator()(const Node* a, const Node* b) const { return a->sequence() < b->sequence(); }
};

// One pass from outputs back to inputs or leaves.
class Pass {
 public:
  // `inputs` empty: every leaf is a target, and its grad is added to.
  Pass(const Tensors& outputs, const Tensors* inputs, const GradOptions& options) : options_(options) {
    if (inputs != nullptr) {
      wanted_.emplace();
      for (const Tensor& input : *inputs) want(input);
      mark_nodes_that_lead_to_a_target(outputs);
    }
  }

  void seed(const Tensor& output, Tensor grad) {
    const auto edges = edges_to({output});
    send(edges[0], std::move(grad));
  }

  void run() {
    const bool keep = options_.retain_graph || options_.create_graph;
    const RecordScope scope(options_.create_graph);
    const TraceScope unrecorded(nullptr);  // a trace is of what runs forward
    while (!queue_.empty()) {
      const std::shared_ptr<Node> node = queue_.top()->shared_from_this();
      queue_.pop();
      const auto found = pending_.find(node.get());
      const Tensors grads = std::move(found->second.grads);
      pending_.erase(found);
      keep_targets(*node, grads);
      if (!leads_to_target(*node)) continue;
      step(*node, grads);
      if (!keep) node->release();
    }
  }

  // The gradient that arrived at `input`; undefined if none did.
  Tensor result(const Tensor& input) const {
    const auto key = key_of(input);
    const auto found = results_.find(key);
    return found == results_.end() ? Tensor() : found->second;
  }

 private:
  using Key = std::pair<const void*, int>;
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<const void*>()(key.first) * 31 + static_cast<size_t>(key.second);
    }
  };
  struct Pending {
    std::shared_ptr<Node> node;
    Tensors grads;
  };

  static Key key_of(const Tensor& t) {
    const auto& node = Link::node(t);
    if (node != nullptr) return {node.get(), Link::output_index(t)};
    return {t.id(), -1};
  }

  void want(const Tensor& input) {
    if (!input.requires_grad()) fail("grad: an input does not require a gradient");
    wanted_->emplace(key_of(input), true);
    if (Link::node(input) != nullptr) target_nodes_.insert(Link::node(input).get());
  }

  bool is_wanted(const Key& key) const { return !wanted_.has_value() || wanted_->contains(key); }

  // Depth first, without recursion: a node leads to a target if one of its edges is a target or leads to one.
  void mark_nodes_that_lead_to_a_target(const Tensors& outputs) {
    std::vector<std::pair<const Node*, bool>> stack;  // the node, and whether its inputs have been looked at
    for (const Tensor& output : outputs)
      if (Link::node(output) != nullptr) stack.emplace_back(Link::node(output).get(), false);
    std::unordered_set<const Node*> seen;
    while (!stack.empty()) {
      const auto [node, expanded] = stack.back();
      if (!expanded) {
        if (!seen.insert(node).second) {
          stack.pop_back();
          continue;
        }
        stack.back().second = true;
        for (const Edge& edge : node->inputs())
          if (edge.node != nullptr) stack.emplace_back(edge.node.get(), false);
        continue;
      }
      stack.pop_back();
      const auto& edges = node->inputs();
      if (std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) { return is_useful(edge); }))
        leading_.insert(node);
    }
  }

  bool leads_to_target(const Node& node) const { return !wanted_.has_value() || leading_.contains(&node); }

  bool is_useful(const Edge& edge) const {
    if (!edge.wanted()) return false;
    if (edge.node == nullptr) return is_wanted({edge.leaf.id(), -1});
    return is_wanted({edge.node.get(), edge.output_index}) || leads_to_target(*edge.node);
  }

  void step(const Node& node, const Tensors& grads) {
    const auto& edges = node.inputs();
    std::vector<bool> needed(edges.size());
    for (size_t i = 0; i < edges.size(); ++i) needed[i] = is_useful(edges[i]);
    Tensors input_grads = node.run(grads, needed);
    for (size_t i = 0; i < edges.size(); ++i)
      if (needed[i] && input_grads[i].defined()) send(edges[i], std::move(input_grads[i]));
  }

  void send(const Edge& edge, Tensor grad) {
    if (edge.node == nullptr) {
      if (edge.leaf.defined()) arrive_at_leaf(edge.leaf, std::move(grad));
      return;
    }
    Pending& pending = pending_[edge.node.get()];
    if (pending.node == nullptr) {
      pending.node = edge.node;
      pending.grads.resize(edge.node->outputs());
      queue_.push(edge.node.get());
    }
    accumulate(pending.grads[edge.output_index], std::move(grad));
  }

  void arrive_at_leaf(const Tensor& leaf, Tensor grad) {
    if (wanted_.has_value()) {
      if (is_wanted({leaf.id(), -1})) accumulate(results_[{leaf.id(), -1}], std::move(grad));
      return;
    }
    Tensor handle = leaf;
    Tensor sum = handle.grad();
    accumulate(sum, std::move(grad));
    handle.set_grad(std::move(sum));
  }

  void keep_targets(const Node& node, const Tensors& grads) {
    if (!target_nodes_.contains(&node)) return;
    for (size_t i = 0; i < grads.size(); ++i)
      if (grads[i].defined() && is_wanted({&node, static_cast<int>(i)}))
        results_[{&node, static_cast<int>(i)}] = grads[i];
  }

  const GradOptions& options_;
  std::optional<std::unordered_map<Key, bool, KeyHash>> wanted_;  // none: every leaf
  std::unordered_set<const Node*> target_nodes_;
  std::unordered_set<const Node*> leading_;
  std::priority_queue<Node*, std::vector<Node*>, Later> queue_;
  std::unordered_map<const Node*, Pending> pending_;
  std::unordered_map<Key, Tensor, KeyHash> results_;
};

void seed_all(Pass& pass, const Tensors& outputs, const GradOptions& options) {
  if (!options.grad_outputs.empty() && options.grad_outputs.size() != outputs.size())
    fail("grad: expected {} grad_outputs, got {}", outputs.size(), options.grad_outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    const Tensor given = options.grad_outputs.empty() ? Tensor() : options.grad_outputs[i];
    if (!given.defined() && output.numel() != 1)
      fail("backward: expected an output with one element, got shape {}; pass its gradient", output.shape().str());
    if (given.defined() && (given.shape() != output.shape() || given.dtype() != output.dtype()))
      fail("grad: grad_output: expected {} {}, got {} {}", name_of(output.dtype()), output.shape().str(),
           name_of(given.dtype()), given.shape().str());
    if (output.requires_grad())
      pass.seed(output, given.defined() ? given : Tensor::ones(output.shape(), output.dtype()));
  }
}

}  // namespace
}  // namespace autograd

Tensors grad(const Tensors& outputs, const Tensors& inputs, const GradOptions& options) {
  autograd::Pass pass(outputs, &inputs, options);
  autograd::seed_all(pass, outputs, options);
  pass.run();
  Tensors result;
  for (const Tensor& input : inputs) {
    Tensor g = pass.result(input);
    result.push_back(g.defined() ? g : Tensor::zeros(input.shape(), input.dtype()));
  }
  return result;
}

void backward(const Tensors& outputs, const GradOptions& options) {
  autograd::Pass pass(outputs, nullptr, options);
  autograd::seed_all(pass, outputs, options);
  pass.run();
}

void Tensor::backward() const {
  if (!requires_grad()) fail("backward: the tensor does not depend on anything that requires a gradient");
  recur::backward({*this});
}

}  // namespace recur
