#include "recur/ops/op_list.h"

#include <algorithm>

#include "recur/base/suggest.h"
#include "recur/ops/activations.h"
#include "recur/ops/attend.h"
#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv.h"
#include "recur/ops/ctc_loss.h"
#include "recur/ops/embedding.h"
#include "recur/ops/flip.h"
#include "recur/ops/gather.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/linear_cross_entropy.h"
#include "recur/ops/log_gamma.h"
#include "recur/ops/losses.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/pool.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/scan.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/transducer_loss.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

using In = const OpCall&;
using enum OpKind;

int axis(In in) { return static_cast<int>(in.attributes.integer("axis")); }
bool keep(In in) { return in.attributes.flag("keep_axis"); }
int64_t integer(In in, const char* name) { return in.attributes.integer(name); }
double real(In in, const char* name) { return in.attributes.real(name); }
bool flag(In in, const char* name) { return in.attributes.flag(name); }
Shape shape(In in) { return in.attributes.shape("shape"); }
DType dtype(In in) { return in.attributes.dtype("dtype"); }

Reduction reduction(In in) {
  const std::string& name = in.attributes.text("reduction");
  for (const Reduction each : {Reduction::kMean, Reduction::kSum, Reduction::kNone})
    if (name == name_of(each)) return each;
  fail("graph: attribute 'reduction': expected mean, sum or none, got '{}'", name);
}

CrossEntropyOptions cross_entropy_options(In in) {
  return {.ignored = static_cast<int>(integer(in, "ignored")),
          .smoothing = real(in, "smoothing"),
          .reduction = reduction(in)};
}

Conv2dOptions conv2d_options(In in) {
  const Attributes& at = in.attributes;
  return {.stride = at.pair("stride"),
          .padding = at.pair("padding"),
          .dilation = at.pair("dilation"),
          .groups = at.integer("groups")};
}
Conv1dOptions conv1d_options(In in) {
  const Attributes& at = in.attributes;
  return {.stride = at.integer("stride"),
          .padding = at.integer("padding"),
          .dilation = at.integer("dilation"),
          .groups = at.integer("groups")};
}

Pool2dOptions pool2d_options(In in) {
  const Attributes& at = in.attributes;
  return {.kernel = at.pair("kernel"),
          .stride = at.pair("stride"),
          .padding = at.pair("padding"),
          .dilation = at.pair("dilation"),
          .count_padding = at.flag("count_padding")};
}
Pool1dOptions pool1d_options(In in) {
  const Attributes& at = in.attributes;
  return {.kernel = at.integer("kernel"),
          .stride = at.integer("stride"),
          .padding = at.integer("padding"),
          .dilation = at.integer("dilation"),
          .count_padding = at.flag("count_padding")};
}

Tensors batch_norm_results(In in) {
  const BatchNormResult r = batch_norm_training(in[0], in[1], in[2], real(in, "eps"));
  return {r.y, r.mean, r.variance};
}

std::vector<Padding> paddings(In in) {
  const std::vector<int64_t> before = in.attributes.integers("before"), after = in.attributes.integers("after");
  std::vector<Padding> axes;
  for (size_t k = 0; k < std::min(before.size(), after.size()); ++k) axes.push_back({before[k], after[k]});
  return axes;
}

std::vector<int> axes(In in) {
  const std::vector<int64_t> list = in.attributes.integers("axes");
  return {list.begin(), list.end()};
}

// clang-format off: a line an op
const Op kOps[] = {
    // unary.h
    {"neg", kPrimitive, [](In in) { return neg(in[0]); }},
    {"exp", kPrimitive, [](In in) { return exp(in[0]); }},
    {"log", kPrimitive, [](In in) { return log(in[0]); }},
    {"sqrt", kPrimitive, [](In in) { return sqrt(in[0]); }},
    {"abs", kPrimitive, [](In in) { return abs(in[0]); }},
    {"sign", kPrimitive, [](In in) { return sign(in[0]); }},
    {"reciprocal", kPrimitive, [](In in) { return reciprocal(in[0]); }},
    {"square", kPrimitive, [](In in) { return square(in[0]); }},
    {"sigmoid", kPrimitive, [](In in) { return sigmoid(in[0]); }},
    {"tanh", kPrimitive, [](In in) { return tanh(in[0]); }},
    {"relu", kPrimitive, [](In in) { return relu(in[0]); }},
    {"step", kComposite, [](In in) { return step(in[0]); }},
    {"softplus", kPrimitive, [](In in) { return softplus(in[0]); }},
    {"sin", kPrimitive, [](In in) { return sin(in[0]); }},
    {"cos", kPrimitive, [](In in) { return cos(in[0]); }},
    {"erf", kPrimitive, [](In in) { return erf(in[0]); }},
    // binary.h
    {"add", kPrimitive, [](In in) { return add(in[0], in[1]); }},
    {"sub", kPrimitive, [](In in) { return sub(in[0], in[1]); }},
    {"mul", kPrimitive, [](In in) { return mul(in[0], in[1]); }},
    {"div", kPrimitive, [](In in) { return div(in[0], in[1]); }},
    {"maximum", kPrimitive, [](In in) { return maximum(in[0], in[1]); }},
    {"minimum", kPrimitive, [](In in) { return minimum(in[0], in[1]); }},
    {"pow", kPrimitive, [](In in) { return pow(in[0], real(in, "exponent")); }},
    {"equal", kPrimitive, [](In in) { return equal(in[0], in[1]); }},
    {"less", kPrimitive, [](In in) { return less(in[0], in[1]); }},
    // activations.h
    {"gelu", kComposite, [](In in) { return gelu(in[0]); }},
    {"gelu_tanh", kComposite, [](In in) { return gelu_tanh(in[0]); }},
    {"silu", kComposite, [](In in) { return silu(in[0]); }},
    {"elu", kComposite, [](In in) { return elu(in[0], real(in, "alpha")); }},
    {"leaky_relu", kComposite, [](In in) { return leaky_relu(in[0], real(in, "slope")); }},
    {"hard_sigmoid", kComposite, [](In in) { return hard_sigmoid(in[0]); }},
    {"log_sigmoid", kComposite, [](In in) { return log_sigmoid(in[0]); }},
    // attend.h
    {"attend", kComposite,
     [](In in) {
       return attend(in[0], {in[1], in[2], in[3]}, in[4]);
     }},
    // batch_norm.h, layer_norm.h
    {"batch_norm_training", kPrimitive, batch_norm_results},
    {"batch_norm_inference", kComposite,
     [](In in) {
       return batch_norm_inference(in[0], {in[1], in[2]}, in[3], in[4], real(in, "eps"));
     }},
    {"layer_norm", kPrimitive, [](In in) { return layer_norm(in[0], in[1], in[2], real(in, "eps")); }},
    // broadcast.h, cast.h
    {"broadcast_to", kPrimitive, [](In in) { return broadcast_to(in[0], shape(in)); }},
    {"sum_to", kComposite, [](In in) { return sum_to(in[0], shape(in)); }},
    {"cast", kPrimitive, [](In in) { return cast(in[0], dtype(in)); }},
    // concat.h
    {"concat", kPrimitive, [](In in) { return concat(in.inputs, axis(in)); }},
    {"split", kPrimitive, [](In in) { return split(in[0], axis(in), in.attributes.integers("sizes")); }},
    // conv.h, pool.h
    {"conv2d", kPrimitive, [](In in) { return conv2d(in[0], in[1], in[2], conv2d_options(in)); }},
    {"conv1d", kComposite, [](In in) { return conv1d(in[0], in[1], in[2], conv1d_options(in)); }},
    {"max_pool2d", kPrimitive, [](In in) { return max_pool2d(in[0], pool2d_options(in)); }},
    {"avg_pool2d", kPrimitive, [](In in) { return avg_pool2d(in[0], pool2d_options(in)); }},
    {"max_pool1d", kComposite, [](In in) { return max_pool1d(in[0], pool1d_options(in)); }},
    {"avg_pool1d", kComposite, [](In in) { return avg_pool1d(in[0], pool1d_options(in)); }},
    // cross_entropy.h, ctc_loss.h, transducer_loss.h, linear_cross_entropy.h, losses.h
    {"cross_entropy", kPrimitive, [](In in) { return cross_entropy(in[0], in[1], cross_entropy_options(in)); }},
    {"ctc_loss", kPrimitive, [](In in) { return ctc_loss(in[0], in[1], in[2], integer(in, "blank")); }},
    {"transducer_loss", kPrimitive, [](In in) { return transducer_loss(in[0], in[1], in[2], integer(in, "blank")); }},
    {"linear_cross_entropy", kComposite,
     [](In in) { return linear_cross_entropy(in[0], in[1], in[2], in[3], cross_entropy_options(in)); }},
    {"binary_cross_entropy_with_logits", kComposite,
     [](In in) { return binary_cross_entropy_with_logits(in[0], in[1], reduction(in)); }},
    {"mse", kComposite, [](In in) { return mse(in[0], in[1], reduction(in)); }},
    {"mae", kComposite, [](In in) { return mae(in[0], in[1], reduction(in)); }},
    {"huber", kComposite, [](In in) { return huber(in[0], in[1], real(in, "delta"), reduction(in)); }},
    // embedding.h, gather.h
    {"embedding", kPrimitive, [](In in) { return embedding(in[0], in[1]); }},
    {"scatter_rows", kPrimitive, [](In in) { return scatter_rows(in[0], in[1], integer(in, "vocabulary")); }},
    {"gather", kPrimitive, [](In in) { return gather(in[0], axis(in), in[1]); }},
    {"scatter_add", kPrimitive, [](In in) { return scatter_add(in[0], axis(in), in[1], integer(in, "size")); }},
    // flip.h, pad.h
    {"flip", kPrimitive, [](In in) { return flip(in[0], axis(in)); }},
    {"pad", kPrimitive, [](In in) { return pad(in[0], paddings(in), real(in, "value")); }},
    {"tile", kComposite, [](In in) { return tile(in[0], axis(in), integer(in, "count")); }},
    {"repeat", kComposite, [](In in) { return repeat(in[0], axis(in), integer(in, "count")); }},
    // log_gamma.h, matmul.h
    {"log_gamma", kComposite, [](In in) { return log_gamma(in[0]); }},
    {"matmul", kPrimitive,
     [](In in) {
       return matmul(in[0], in[1], {flag(in, "trans_a"), flag(in, "trans_b")});
     }},
    {"linear", kComposite, [](In in) { return linear(in[0], in[1], in[2]); }},
    // one_hot.h
    {"arange", kPrimitive, [](In in) { return arange(integer(in, "n"), dtype(in)); }},
    {"filled", kPrimitive, [](In in) { return filled(shape(in), real(in, "value"), dtype(in)); }},
    {"one_hot", kPrimitive, [](In in) { return one_hot(in[0], integer(in, "vocabulary"), dtype(in)); }},
    // reduce.h, sum.h
    {"max", kPrimitive, [](In in) { return max(in[0], axis(in), keep(in)); }},
    {"min", kPrimitive, [](In in) { return min(in[0], axis(in), keep(in)); }},
    {"argmax", kPrimitive, [](In in) { return argmax(in[0], axis(in), keep(in)); }},
    {"argmin", kPrimitive, [](In in) { return argmin(in[0], axis(in), keep(in)); }},
    {"variance", kPrimitive, [](In in) { return variance(in[0], axis(in), flag(in, "unbiased"), keep(in)); }},
    {"cumsum", kPrimitive, [](In in) { return cumsum(in[0], axis(in), flag(in, "reversed")); }},
    {"norm", kComposite, [](In in) { return norm(in[0], axis(in), keep(in)); }},
    {"sum", kPrimitive, [](In in) { return sum(in[0], axis(in), keep(in)); }},
    {"mean", kPrimitive, [](In in) { return mean(in[0], axis(in), keep(in)); }},
    // reshape.h, slice.h, transpose.h
    {"reshape", kPrimitive, [](In in) { return reshape(in[0], shape(in)); }},
    {"rows", kPrimitive, [](In in) { return rows(in[0], integer(in, "begin"), integer(in, "end")); }},
    {"slice", kPrimitive,
     [](In in) {
       return slice(in[0], {axis(in), integer(in, "begin")}, integer(in, "size"));
     }},
    {"pad_slice", kPrimitive, [](In in) { return pad_slice(in[0], shape(in), {axis(in), integer(in, "begin")}); }},
    {"permute", kPrimitive, [](In in) { return permute(in[0], axes(in)); }},
    // scan.h
    {"scan", kPrimitive, run_scan},
    // select.h
    {"where", kPrimitive, [](In in) { return where(in[0], in[1], in[2]); }},
    {"masked_fill", kComposite, [](In in) { return masked_fill(in[0], in[1], real(in, "value")); }},
    {"clamp", kComposite, [](In in) { return clamp(in[0], real(in, "low"), real(in, "high")); }},
    // softmax.h
    {"softmax", kPrimitive, [](In in) { return softmax(in[0], axis(in)); }},
    {"log_softmax", kPrimitive, [](In in) { return log_softmax(in[0], axis(in)); }},
    {"logsumexp", kPrimitive, [](In in) { return logsumexp(in[0], axis(in), keep(in)); }},
};
// clang-format on

}  // namespace

const Tensor& OpCall::operator[](size_t k) const {
  static const Tensor none;
  return k < inputs.size() ? inputs[k] : none;
}

std::span<const Op> op_list() { return kOps; }

const Op* OpTable::find(std::string_view name) const {
  for (const auto& list : lists_)
    for (const Op& op : list)
      if (name == op.name) return &op;
  return nullptr;
}

const Op& OpTable::at(std::string_view name) const {
  if (const Op* op = find(name)) return *op;
  std::vector<std::string_view> names;
  for (const auto& list : lists_)
    for (const Op& op : list) names.emplace_back(op.name);
  fail("graph: unknown op '{}'{}", name, did_you_mean(name, names));
}

std::function<bool(std::string_view)> OpTable::opens_all_but(std::vector<std::string> kept) const {
  return [table = *this, kept = std::move(kept)](std::string_view name) {
    const Op* op = table.find(name);
    return op != nullptr && op->kind == OpKind::kComposite && std::ranges::find(kept, name) == kept.end();
  };
}

}  // namespace recur
