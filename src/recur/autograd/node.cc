#include "recur/autograd/node.h"

#include <atomic>
#include <cassert>

namespace recur {

bool Tensor::requires_grad() const {
  return impl_ != nullptr && (impl_->is_leaf_requiring_grad || impl_->node != nullptr);
}

Tensor& Tensor::set_requires_grad(bool value) {
  Impl& impl = get();
  if (impl.node != nullptr) fail("set_requires_grad: expected a leaf, got the result of an op; detach() it first");
  if (!is_floating(impl.dtype)) fail("set_requires_grad: expected a floating dtype, got {}", name_of(impl.dtype));
  impl.is_leaf_requiring_grad = value;
  return *this;
}

void Tensor::set_grad(Tensor grad) {
  if (grad.defined() && grad.shape() != shape())
    fail("set_grad: expected shape {}, got {}", shape().str(), grad.shape().str());
  get().grad = std::move(grad);
}

namespace autograd {
namespace {

thread_local bool is_recording = true;
std::atomic<uint64_t> next_sequence{1};

// Destroying a long chain of nodes must not recurse once a node, or T = 10,000 steps would overflow the stack:
// the outermost destructor works off a list that the inner ones add to.
void destroy_iteratively(std::vector<Edge> edges) {
  thread_local std::vector<std::shared_ptr<Node>>* pending = nullptr;
  const bool outermost = pending == nullptr;
  std::vector<std::shared_ptr<Node>> list;
  if (outermost) pending = &list;
  for (Edge& edge : edges)
    if (edge.node != nullptr) pending->push_back(std::move(edge.node));
  if (!outermost) return;
  while (!list.empty()) {
    const std::shared_ptr<Node> node = std::move(list.back());
    list.pop_back();
  }
  pending = nullptr;
}

}  // namespace

void Link::attach(Tensor& t, std::shared_ptr<Node> node, int output_index) {
  t.get().node = std::move(node);
  t.get().output_index = output_index;
}

Tensor VjpArgs::grad(int i) const {
  if (grads_[i].defined()) return grads_[i];
  return Tensor::zeros(node_.outputs_[i].shape, node_.outputs_[i].dtype);
}

Tensor VjpArgs::output(int i) const {
  assert(node_.outputs_[i].saved.defined());
  Tensor result = node_.outputs_[i].saved.detach();
  Link::attach(result, const_cast<Node&>(node_).shared_from_this(), i);
  return result;
}

Node::Node(const char* op, std::vector<Edge> inputs, Vjp vjp)
    : op_(op),
      sequence_(next_sequence.fetch_add(1, std::memory_order_relaxed)),
      inputs_(std::move(inputs)),
      vjp_(std::move(vjp)) {}

Node::~Node() {
  // The closure's captured tensors may own nodes too: drop it inside the same guarded walk.
  release();
  destroy_iteratively(std::move(inputs_));
}

Tensors Node::run(const Tensors& grads, const std::vector<bool>& needed) const {
  if (!vjp_) fail("backward: the graph of '{}' has been freed; set retain_graph to run backward twice", op_);
  Tensors result = vjp_(VjpArgs(*this, grads, needed));
  assert(result.size() == inputs_.size());
  return result;
}

void Node::release() {
  vjp_ = nullptr;
  for (Output& output : outputs_) output.saved = Tensor();
}

bool recording() { return is_recording; }
RecordScope::RecordScope(bool on) : before_(is_recording) { is_recording = on; }
RecordScope::~RecordScope() { is_recording = before_; }

bool any_requires_grad(const Tensors& inputs) {
  for (const Tensor& input : inputs)
    if (input.requires_grad()) return true;
  return false;
}

std::vector<Edge> edges_to(const Tensors& inputs) {
  std::vector<Edge> edges(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) continue;
    edges[i].node = Link::node(inputs[i]);
    edges[i].output_index = Link::output_index(inputs[i]);
    if (edges[i].node == nullptr) edges[i].leaf = inputs[i];
  }
  return edges;
}

Tensors record_node(const char* op, std::vector<Edge> inputs, Tensors outputs, Vjp vjp, Save save) {
  auto node = std::make_shared<Node>(op, std::move(inputs), std::move(vjp));
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor& output = outputs[i];
    node->outputs_.push_back({output.shape(), output.dtype(), save == Save::kOutputs ? output.detach() : Tensor()});
    if (is_floating(output.dtype())) Link::attach(output, node, static_cast<int>(i));
  }
  return outputs;
}

}  // namespace autograd
}  // namespace recur
