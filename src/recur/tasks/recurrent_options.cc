#include "recur/tasks/recurrent_options.h"

#include "recur/base/error.h"

namespace recur {

RecurrentOptions decoder_layers(const RecurrentOptions& encoder, const DecoderLayers& own) {
  const int64_t hidden = encoder.widths.empty() ? encoder.hidden : encoder.widths.back();
  const int layers = encoder.widths.empty() ? encoder.layers : static_cast<int>(encoder.widths.size());
  const std::string& block = encoder.blocks.empty() ? encoder.block : encoder.blocks.back();
  return {.cell = encoder.cells.empty() ? encoder.cell : encoder.cells.back(),
          .input = own.input,
          .hidden = own.hidden > 0 ? own.hidden : hidden,
          .layers = own.layers > 0 ? static_cast<int>(own.layers) : layers,
          .layer_norm = encoder.layer_norm,
          .block = block,
          .block_conv = block == "none" ? 0 : encoder.block_conv,
          .memory_heads = encoder.memory_heads,
          .attention_window = encoder.attention_window,
          .dropout = own.dropout,
          .init = encoder.init,
          .chrono_steps = encoder.chrono_steps,
          .forget_bias = encoder.forget_bias};
}

double least_parameters(const RecurrentOptions& rnn) {
  std::vector<int64_t> widths = rnn.widths;
  if (widths.empty()) widths.assign(static_cast<size_t>(rnn.layers), rnn.hidden);
  double count = 0, input = 1;
  for (size_t l = 0; l < widths.size(); ++l) {
    const auto width = static_cast<double>(widths[l]);
    const double recurrent = rnn.projection > 0 ? static_cast<double>(rnn.projection) : width;
    const std::string& name = l < rnn.cells.size() ? rnn.cells[l] : rnn.cell;
    count += width * (find_layer_kind(name).is_square ? recurrent + 1 : input);
    input = width;
  }
  return count;
}

void check_least_parameters(double least, int64_t elements) {
  if (least > static_cast<double>(elements)) {
    fail("the options need a model of at least {:.0f} parameters, but the file has {}", least, elements);
  }
}

}  // namespace recur
