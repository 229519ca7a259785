#include "recur/tasks/transcribe/transcribe_head.h"

#include <algorithm>

#include "recur/ops/ctc_loss.h"
#include "recur/tasks/transcribe/attention_head.h"
#include "recur/tasks/transcribe/ctc_head.h"
#include "recur/tasks/transcribe/transducer_head.h"

namespace recur {

std::shared_ptr<const TranscribeHead> make_head(const TranscribeOptions& options, const HeadSizes& sizes,
                                                Random& random) {
  const std::string& kind = options.model.output;
  if (kind == "transducer") return std::make_shared<TransducerHead>(options.model, sizes, random);
  if (kind != "ctc") return std::make_shared<AttentionHead>(options, sizes, random);
  return std::make_shared<CtcHead>(sizes, random);
}

int64_t least_steps(const TranscribeModelOptions& options, std::span<const int32_t> text) {
  const bool by_ctc = options.output == "ctc" || options.output == "ctc_attention";
  return by_ctc ? ctc_least_steps(text) : std::min<int64_t>(std::ssize(text), 1);
}

double least_head_parameters(const TranscribeModelOptions& options, const HeadSizes& sizes) {
  const auto symbols = static_cast<double>(sizes.symbols);
  if (options.output == "ctc") return symbols;
  const RecurrentOptions layers{.hidden = options.decoder_hidden > 0 ? options.decoder_hidden : last_width(options),
                                .layers = static_cast<int>(options.decoder_layers)};
  const auto joint = static_cast<double>(options.output == "transducer" ? options.joint : 0);
  return symbols * static_cast<double>(options.embedding) + symbols * (joint + 1) + least_parameters(layers);
}

}  // namespace recur
