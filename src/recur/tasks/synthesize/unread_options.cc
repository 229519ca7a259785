#include "recur/tasks/synthesize/unread_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/tasks/given_options.h"

namespace recur {
namespace {

bool is_of_handwriting(const ConfigField& field) {
  return field.section == "Handwriting" || field.section == "Evaluation of handwriting";
}

// What a writer reads beside its own: the batch, and the layers, which are as those of a decoder. Of how texts are read
// its training says more.
bool is_of_both(const ConfigField& field) {
  static const std::vector<std::string_view> keys{
      "batch",        "tokens",         "pronounce",     "cell", "cells",        "layer_norm",       "block",
      "layer_blocks", "block_conv",     "memory_heads",  "init", "chrono_steps", "attention_window", "forget_bias",
      "dropout",      "decoder_hidden", "decoder_layers"};
  return std::ranges::count(keys, field.key) > 0;
}

}  // namespace

void refuse_speech_options(const SynthesizeOptions& options, const SynthesizeOptions& usual) {
  const auto keys = given_options(
      options, usual, [](const ConfigField& field) { return !is_of_handwriting(field) && !is_of_both(field); });
  if (keys.empty()) return;
  fail_usage(
      "{}: {} of speech, and the data are strokes of a pen; the network of handwriting has decoder_hidden, "
      "decoder_layers, cell and dropout",
      fmt::join(keys, ", "), keys.size() == 1 ? "an option" : "options");
}

void refuse_handwriting_options(const SynthesizeOptions& options, const SynthesizeOptions& usual) {
  const auto keys = given_options(options, usual, is_of_handwriting);
  if (keys.empty()) return;
  fail_usage("{}: {} of handwriting, and the data are sounds", fmt::join(keys, ", "),
             keys.size() == 1 ? "an option" : "options");
}

}  // namespace recur
