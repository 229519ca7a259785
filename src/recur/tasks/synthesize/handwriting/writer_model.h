// The network that writes: after Graves, "Generating sequences with recurrent neural networks" (2013), section 5.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/strokes/writings.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/synthesize/handwriting/gaussian_window.h"
#include "recur/tasks/synthesize/handwriting/pen_mixture.h"
#include "recur/tasks/synthesize/speech_text.h"
#include "recur/tasks/synthesize/synthesize_options.h"

namespace recur {

struct WriterSizes {
  int64_t symbols = 0;           // V
  double points_per_symbol = 1;  // of the training writings
};

// A lower bound on its parameters, found without making any.
double least_writer_parameters(const SynthesizeOptions& options, const WriterSizes& sizes);

struct WriteOptions {
  double sharpness = 0;    // 0: as the writings of the training were; more: cleaner, and more alike
  double most_slower = 3;  // a text may take so many times the points of the training writings, and `spare` more
  int64_t spare = 100;
};

// What was written. The moves are scaled.
struct Written {
  PenMoves moves;
  bool ended = false;  // by itself, else it was stopped
};

// Layers 0 .. L - 1, of H units each. Layer 0 reads the move before and what the window saw at the step before; the
// window is moved by layer 0; the others read the move before, what the window sees and the layer below. The density of
// the next move is made of all layers.
// Parameters: layer0.*, window.*, layer1.*, ..., pen.*.
class WriterModel : public Module {
 public:
  WriterModel(const SynthesizeOptions& options, const WriterSizes& sizes, Random& random);

  struct Pair {
    const SpeechSymbols* symbols;
    const PenMoves* moves;  // scaled
  };
  // -ln of the density of each writing's moves, with the right moves before: [B], sums over its points.
  Tensor losses(std::span<const Pair> pairs, Mode mode, GradientTrace* trace = nullptr) const;

  // Draws a writing. It ends when the window is at the end of the text and the pen is lifted, or has been there for
  // half as long as a symbol takes.
  Written write(const SpeechSymbols& symbols, const WriteOptions& options, Random random) const;

 private:
  // The texts, as the window reads them.
  struct Texts {
    Tensor read;    // [B, S, V], a 1 for each symbol
    Tensor within;  // [B, S]
  };
  struct State {
    std::vector<RecurrentState> layers;
    Tensor seen, kappa;  // [B, V], [B, K]
  };
  Texts texts_of(std::span<const SpeechSymbols* const> texts) const;
  State first_state(int64_t batch) const;
  // Layer 0 and the window; before [1, B, 3]. Gives h [1, B, H].
  Tensor look(const Tensor& before, const Texts& texts, State& state, Mode mode, Tensor* weights = nullptr) const;
  // The layers above, h [T, B, H] of layer 0 and seen [T, B, V]: what describes the densities [T, B, 6 M + 1].
  Tensor describe(const Tensor& before, const Tensor& h, const Tensor& seen, State& state,
                  const std::vector<int64_t>& lengths, Mode mode, GradientTrace* trace = nullptr) const;
  DType dtype() const { return pen_.dtype(); }

  float dropout_;
  WriterSizes sizes_;
  Recurrent first_;
  GaussianWindow window_;
  std::vector<Recurrent> upper_;
  PenMixture pen_;
};

}  // namespace recur
