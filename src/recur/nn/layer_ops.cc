#include "recur/nn/layer_ops.h"

#include "recur/autograd/trace_graph.h"
#include "recur/nn/crf.h"
#include "recur/nn/padded_layer.h"
#include "recur/nn/pooling.h"
#include "recur/nn/time_conv.h"

namespace recur {
namespace {

using In = const OpCall&;
using enum OpKind;

std::vector<int64_t> lengths(In in) { return to_lengths(in[1]); }

// Unlike what the function gives where no sequence is padded, always a tensor.
Tensor mask(In in) {
  const int64_t steps = in.attributes.integer("steps"), batch = in[0].size(0);
  const DType dtype = in.attributes.dtype("dtype");
  const Tensor padding = padding_mask(steps, batch, to_lengths(in[0]), dtype);
  return padding.defined() ? padding : Tensor::zeros({steps, batch, 1}, dtype);
}

// Its parameters are inputs `first` to `first` + 2.
Crf crf(In in, size_t first) {
  Crf result(in[first].size(0));
  result.transitions = in[first];
  result.start = in[first + 1];
  result.end = in[first + 2];
  return result;
}

// clang-format off: a line an op
const Op kLayers[] = {
    {"recurrent_layer", kComposite, run_recurrent_layer_node},
    {"pool_last", kComposite, [](In in) { return pool_last(in[0], lengths(in), in.attributes.flag("bidirectional")); }},
    {"pool_mean", kComposite, [](In in) { return pool_mean(in[0], lengths(in)); }},
    {"pool_max", kComposite, [](In in) { return pool_max(in[0], lengths(in)); }},
    {"padding_mask", kComposite, mask},
    {"time_conv", kComposite, [](In in) { return time_conv(in[0], in[1], in[2], in.attributes.integer("stride")); }},
    {"strided_lengths", kPrimitive, [](In in) { return strided_lengths(in[0], in.attributes.integer("stride")); }},
    {"crf_log_partition", kComposite, [](In in) { return crf(in, 2).log_partition(in[0], lengths(in)); }},
    {"crf_loss", kPrimitive, [](In in) { return crf(in, 3).loss(in[0], in[2], lengths(in)); }},
    {"crf_marginals", kPrimitive, [](In in) { return crf(in, 2).marginals(in[0], lengths(in)); }},
};
// clang-format on

}  // namespace

std::span<const Op> layer_op_list() { return kLayers; }

OpTable all_ops() { return {op_list(), layer_op_list()}; }

}  // namespace recur
