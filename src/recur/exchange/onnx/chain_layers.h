// Layers from the weights of nodes. For the files of this folder whose names begin with chain.
#pragma once

#include <optional>

#include "recur/exchange/onnx/chain_values.h"
#include "recur/exchange/onnx/recurrent_kind.h"

namespace recur::onnx::chain {

// W [D, G H, F], R [D, G H, H], B [D, 2 G H] or undefined, P [D, 3 H] or undefined.
struct NodeWeights {
  Tensor w, r, b, p;
};
// Direction d of them. Throws Error by the node's name for other shapes.
FoundLayer recurrent_of(const ChainNode& node, const RecurrentKind& kind, const NodeWeights& weights, int64_t d);

// The layers as one that goes both ways; nothing where their sizes differ.
std::optional<FoundLayer> both_ways(const FoundLayer& forward, const FoundLayer& reverse);

// Of one step after another, `factor` [F] or undefined and `offset` [F] or undefined, behind layer `parent`: as a bias
// of a layer that has none, within the scale that is there, or as a new one. [1]: of all features, which fit_scales()
// counts once they are known.
int add_scale(Chain& chain, const ChainNode& node, int parent, const Tensor& factor, const Tensor& offset);

// Of Conv along time, with so many zeros at both ends beside the node's own. W [O, C, K]; that of groups with zeros
// between the channels of different ones.
FoundLayer convolution_of(Chain& chain, const ChainNode& node, int64_t before, int64_t after);

Tensor turned(const Tensor& matrix);  // [A, B] -> [B, A]

// x, which is about to be read by a layer: all of it, without padding.
const Computed& whole(const ChainNode& node, size_t k);
// x with a layer behind it.
Computed behind(Chain& chain, const Computed& x, FoundLayer found, TensorLayout layout);
// With axis `axis` known to be time or batch, or of size 1.
TensorLayout taken_or_one(const TensorLayout& layout, int axis, Role role);

// Inputs that say how long sequences are, or how they begin, and are no part of the chain.
void take_lengths(Chain& chain, const ChainNode& node, size_t k, int64_t steps);
bool take_state(Chain& chain, const ChainNode& node, size_t k);  // whether the caller gives it

ChainValues product_of_sizes(const ChainNode& node);         // Mul of lists of sizes
ChainValues embedding(Chain& chain, const ChainNode& node);  // Gather of a constant table

// The inputs of the graph that the value is made of.
std::set<std::string> inputs_of(const ChainValue& value);
Refusal::Depends depends_of(const ChainValue& value);
bool is_zero(const ChainValue& value);

}  // namespace recur::onnx::chain
