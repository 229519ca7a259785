// A loop over time as one op: what a step computes is recorded once, as a graph.
#pragma once

#include <functional>

#include "recur/ops/op_list.h"
#include "recur/tensor/tensor.h"

namespace recur {

// One step: takes step t of each sequence [B, ...] and the states [B, ...]; returns the states after it, then its
// outputs. It may use other tensors, which are the same at every step.
using ScanStep = std::function<Tensors(const Tensors& x, const Tensors& states)>;

struct ScanOptions {
  Tensor lengths = {};   // i64 [B], 0 .. T: from its length on, a row keeps its states and outputs zeros; undefined: T
  bool reverse = false;  // from last to first; each row begins at its own last step
};

struct ScanResult {
  Tensors states;   // after the last step
  Tensors outputs;  // [T, B, ...]
};

// Runs `step` over the leading axis of the sequences [T, B, ...], of which there is at least one, with T >= 1.
ScanResult scan(const Tensors& sequences, const Tensors& states, const ScanStep& step, const ScanOptions& options = {});

// Runs the scan of a node. Its inputs are the lengths, the sequences, the states and the other inputs of the step's
// graph.
Tensors run_scan(const OpCall& call);

}  // namespace recur
