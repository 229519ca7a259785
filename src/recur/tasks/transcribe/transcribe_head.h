// What writes the text of an encoded sound: CTC, a transducer, or a decoder with attention.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "recur/decode/ctc_search.h"
#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/tasks/transcribe/transcribe_options.h"

namespace recur {

// What recurrent layers give of a batch of sounds.
struct EncodedSounds {
  Tensor y;                      // [T, B, E], zeros in the padding
  std::vector<int64_t> lengths;  // 0 .. T
};

using TextSymbols = std::vector<int32_t>;

// A symbol of a text, at steps begin .. end - 1.
struct SaidSymbol {
  int32_t symbol = 0;
  int64_t begin = 0, end = 0;
  double log_probability = 0;
};

struct SaidText {
  std::vector<SaidSymbol> symbols;
  double score = 0;  // of the search
};

struct HeadSearch {
  int64_t width = 1, n_best = 1;
  int64_t symbols_per_step = 8;          // of a transducer
  double ctc_weight = 0.3;               // of ctc_attention
  const PrefixScorer* scorer = nullptr;  // or none
  bool may_rise = false;                 // the scorer gives a bonus
  std::optional<int32_t> unknown = {};   // a symbol that is never written
};

// The search while a sound is arriving. Refers to its head.
class HeadStream {
 public:
  virtual ~HeadStream() = default;

  // More steps [T, 1, E]. Returns the symbols behind those returned before that nothing can change any more.
  virtual std::vector<SaidSymbol> take(const Tensor& y) = 0;
  // The rest.
  virtual std::vector<SaidSymbol> finish() = 0;
};

// E features of a step, V symbols, of which the last is the blank of CTC and of a transducer, and the end of a text for
// a decoder, which also begins one.
struct HeadSizes {
  int64_t features = 0, symbols = 0;
};

class TranscribeHead : public Module {
 public:
  // -ln P(text | sound) of each of B sounds, in nats: [B]. In training what is learnt from, which may be smoothed.
  // Throws Error for a sound with fewer steps than least_steps() of its text.
  virtual Tensor losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode mode) const = 0;

  // The best texts of each sound, best first. In evaluation, without a graph.
  virtual std::vector<std::vector<SaidText>> search(const EncodedSounds& sounds, const HeadSearch& how) const = 0;
  // null: it needs all of a sound.
  virtual std::unique_ptr<HeadStream> stream(const HeadSearch&) const { return nullptr; }
};

// By the option `output`.
std::shared_ptr<const TranscribeHead> make_head(const TranscribeOptions& options, const HeadSizes& sizes,
                                                Random& random);

// The fewest steps that can say a text, by the same option.
int64_t least_steps(const TranscribeModelOptions& options, std::span<const int32_t> text);

// A lower bound on the number of its parameters.
double least_head_parameters(const TranscribeModelOptions& options, const HeadSizes& sizes);

// The hidden units of the last recurrent layer.
inline int64_t last_width(const TranscribeModelOptions& options) {
  return options.rnn.widths.empty() ? options.rnn.hidden : options.rnn.widths.back();
}

}  // namespace recur
