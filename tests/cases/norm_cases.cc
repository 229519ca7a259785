#include "recur/ops/batch_norm.h"
#include "recur/ops/layer_norm.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase layer(const char* name, Tensors inputs) {
  return of(
      name, [](const Tensors& in) { return layer_norm(in[0], in[1], in[2]); }, std::move(inputs));
}

const Register layer_norms({
    layer("layer_norm", {normal({3, 2, 7}), normal({7}, 2), normal({7}, 3)}),
    layer("layer_norm_wide", {normal({2, 70}), normal({70}, 2), normal({70}, 3)}),
    layer("layer_norm_in_chunks", {normal({130, 3}), normal({3}, 2), normal({3}, 3)}),
    layer("layer_norm_plain", {normal({3, 16}), Tensor(), Tensor()}),
    layer("layer_norm_without_bias", {normal({3, 16}), normal({16}, 2), Tensor()}),
});

const Register batch_norms({
    of("batch_norm", [](const Tensors& in) { return batch_norm_training(in[0], in[1], in[2]).y; },
       {normal({6, 3}), normal({3}, 2), normal({3}, 3)}),
    of("batch_norm_of_images", [](const Tensors& in) { return batch_norm_training(in[0], in[1], in[2]).y; },
       {normal({2, 3, 2, 4}), normal({3}, 2), normal({3}, 3)}),
    of("batch_norm_of_long_runs", [](const Tensors& in) { return batch_norm_training(in[0], in[1], in[2]).y; },
       {normal({2, 3, 5, 7}), normal({3}, 2), normal({3}, 3)}),
    of("batch_norm_plain_of_long_runs", [](const Tensors& in) { return batch_norm_training(in[0]).y; },
       {normal({3, 2, 17})}),
    of("batch_norm_plain", [](const Tensors& in) { return batch_norm_training(in[0]).y; }, {normal({3, 2, 5})}),
    of("batch_norm_inference",
       [](const Tensors& in) { return batch_norm_inference(in[0], {.mean = in[1], .variance = in[2]}, in[3], in[4]); },
       {normal({2, 3, 4}), normal({3}, 2), uniform({3}, 0.5, 2, 3), normal({3}, 4), normal({3}, 5)}),
});

}  // namespace
}  // namespace recur::testing
