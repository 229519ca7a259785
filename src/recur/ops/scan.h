// A loop over time as one op: what a step computes is recorded once, as a graph.
#pragma once

#include <functional>

#include "recur/ops/op_list.h"
#include "recur/tensor/tensor.h"

namespace recur {

// From the step t of each sequence [B, ...] and the states [B, ...]: the states after it, then what it puts out. It may
// use other tensors, the same at every step.
using ScanStep = std::function<Tensors(const Tensors& x, const Tensors& states)>;

struct ScanOptions {
  Tensor lengths = {};   // i64 [B], 0 .. T: a row keeps its states and puts out zeros at t >= its length; undefined: T
  bool reverse = false;  // from the last step to the first: a row then begins at its own last step
};

struct ScanResult {
  Tensors states;   // after the last step
  Tensors outputs;  // [T, B, ...]
};

// Runs `step` over the leading axis of the sequences [T, B, ...], of which there is at least one, with T >= 1.
ScanResult scan(const Tensors& sequences, const Tensors& states, const ScanStep& step, const ScanOptions& options = {});

// A node's scan. Its inputs are the lengths, the sequences, the states, and what else the step's graph takes.
Tensors run_scan(const OpCall& call);

}  // namespace recur
