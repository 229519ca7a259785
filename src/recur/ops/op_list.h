// All ops by name, to run the nodes of a graph.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "recur/autograd/graph.h"

namespace recur {

// The arguments of an op in a graph.
struct OpCall {
  const Tensors& inputs;
  const Attributes& attributes;
  std::function<Tensors(const Tensors&)> body = {};  // of a scan: runs the step's graph

  // Input k; undefined when it is absent.
  const Tensor& operator[](size_t k) const;
};

struct OpResult {
  OpResult(Tensor output) : outputs{std::move(output)} {}
  OpResult(Tensors list) : outputs(std::move(list)) {}

  Tensors outputs;
};

enum class OpKind {
  kPrimitive,
  kComposite,  // made of other ops: a trace can open it
};

struct Op {
  const char* name;
  OpKind kind;
  std::function<OpResult(const OpCall&)> run;
};

// Every op of this folder, a line each, in the order of the headers.
std::span<const Op> op_list();

// Lists in which a name is looked up, in order; the first match counts.
class OpTable {
 public:
  OpTable() : OpTable({op_list()}) {}
  OpTable(std::initializer_list<std::span<const Op>> lists) : lists_(lists) {}

  const Op* find(std::string_view name) const;  // null: unknown
  const Op& at(std::string_view name) const;    // throws with the nearest name
  // For Trace: opens every composite op but those named.
  std::function<bool(std::string_view)> opens_all_but(std::vector<std::string> kept) const;

 private:
  std::vector<std::span<const Op>> lists_;
};

}  // namespace recur
