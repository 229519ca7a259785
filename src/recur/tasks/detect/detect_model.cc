#include "recur/tasks/detect/detect_model.h"

#include <algorithm>

#include "recur/nn/dropout.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

constexpr int64_t kHiddenPerCode = 8;

RecurrentOptions layers(const DetectModelOptions& options, int64_t input) {
  RecurrentOptions rnn = options.rnn;
  rnn.input = input;
  rnn.dropout = options.dropout;
  return rnn;
}

bool reconstructs(const DetectModelOptions& options) { return options.method == "reconstruct"; }

int64_t code_size(const DetectModelOptions& options) {
  if (!reconstructs(options)) return 0;
  return options.code > 0 ? options.code : std::max<int64_t>(1, options.rnn.hidden / kHiddenPerCode);
}

std::optional<Recurrent> make_decoder(const DetectModelOptions& options, Random& random) {
  if (!reconstructs(options)) return std::nullopt;
  return Recurrent(layers(options, code_size(options)), random);
}

std::optional<Linear> make_code(const DetectModelOptions& options, int64_t in, Random& random) {
  if (!reconstructs(options)) return std::nullopt;
  return Linear({.in = in, .out = code_size(options)}, random);
}

}  // namespace

void check_size(const DetectModelOptions& options, const DetectSizes& sizes, int64_t elements) {
  const double stacks = reconstructs(options) ? 2 : 1;
  check_least_parameters(stacks * least_parameters(options.rnn) + static_cast<double>(sizes.outputs) +
                             static_cast<double>(code_size(options)),
                         elements);
}

DetectModel::DetectModel(const DetectModelOptions& options, const DetectSizes& sizes, Random& random)
    : options_(options),
      rnn_(layers(options, sizes.features), random),
      code_(make_code(options, rnn_.output_features(), random)),
      decoder_(make_decoder(options, random)),
      head_({.in = rnn_.output_features(), .out = sizes.outputs}, random) {
  register_module("rnn", rnn_);
  if (code_) register_module("code", *code_);
  if (decoder_) register_module("decoder", *decoder_);
  register_module("head", head_);
}

// x [T, B, F] -> y [T, B, D H] of the decoder, which reads at each step the code that the encoder's last step gives.
Tensor DetectModel::reconstruct(const Tensor& x, const RunOptions& run) const {
  const Tensor code = (*code_)(rnn_.last(x, run));
  const Shape once{1, code.size(0), code.size(1)};
  RunOptions again = run;
  again.trace = nullptr;
  return (*decoder_)(broadcast_to(reshape(code, once), once.with(0, x.size(0))), again).y;
}

RecurrentOutput DetectModel::operator()(const WindowBatch& batch, const RunOptions& run) const {
  RunOptions options = run;
  options.lengths = batch.lengths;
  const Tensor x = cast(batch.x, head_.weight->dtype());
  RecurrentOutput out = decoder_ ? RecurrentOutput{.y = reconstruct(x, options), .state = {}} : rnn_(x, options);
  out.y = head_(drop_features(out.y, options_.dropout, false, run.mode));
  return out;
}

}  // namespace recur
