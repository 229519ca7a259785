#include "recur/tasks/synthesize/handwriting/writer_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/stop.h"
#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

constexpr int64_t kOfAMove = 3;

RecurrentOptions writer_layer(const SynthesizeModelOptions& o, int64_t input) {
  return decoder_layers(o.rnn, {.input = input, .hidden = o.decoder_hidden, .layers = 1, .dropout = 0});
}

// The moves before each one [T, B, 3], zeros at first, and the moves themselves; 1 within a writing [T, B].
struct MoveTensors {
  Tensor before, moves, within;
  std::vector<int64_t> lengths;
};

MoveTensors move_tensors(std::span<const WriterModel::Pair> pairs, DType dtype) {
  MoveTensors out;
  for (const auto& each : pairs) out.lengths.push_back(std::ssize(*each.moves));
  const int64_t steps = *std::ranges::max_element(out.lengths), batch = std::ssize(pairs);
  Tensor before = Tensor::zeros({steps, batch, kOfAMove}), moves = Tensor::zeros({steps, batch, kOfAMove});
  Tensor within = Tensor::zeros({steps, batch});
  auto *was = before.data<float>(), *is = moves.data<float>(), *in = within.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    const PenMoves& own = *pairs[static_cast<size_t>(b)].moves;
    for (int64_t t = 0; t < std::ssize(own); ++t) {
      const PenMove& move = own[static_cast<size_t>(t)];
      const float row[kOfAMove] = {move.x, move.y, move.lifts ? 1.0f : 0.0f};
      std::copy_n(row, kOfAMove, is + (t * batch + b) * kOfAMove);
      if (t + 1 < std::ssize(own)) std::copy_n(row, kOfAMove, was + ((t + 1) * batch + b) * kOfAMove);
      in[t * batch + b] = 1;
    }
  }
  out.before = cast(before, dtype);
  out.moves = cast(moves, dtype);
  out.within = cast(within, dtype);
  return out;
}

}  // namespace

double least_writer_parameters(const SynthesizeOptions& options, const WriterSizes& sizes) {
  const auto real = [](int64_t n) { return static_cast<double>(n); };
  const SynthesizeModelOptions& o = options.model;
  const RecurrentOptions layer = decoder_layers(o.rnn, {.hidden = o.decoder_hidden, .layers = o.decoder_layers});
  return least_parameters(layer) +
         real(o.decoder_hidden) *
             (real(sizes.symbols) + 3 * real(options.handwriting.windows) + 6 * real(options.handwriting.parts));
}

WriterModel::WriterModel(const SynthesizeOptions& options, const WriterSizes& sizes, Random& random)
    : dropout_(options.model.dropout),
      sizes_(sizes),
      first_(writer_layer(options.model, kOfAMove + sizes.symbols), random),
      window_({.in = options.model.decoder_hidden,
               .parts = options.handwriting.windows,
               .pace = 1 / sizes.points_per_symbol},
              random),
      upper_([&] {
        std::vector<Recurrent> made;
        for (int64_t k = 1; k < options.model.decoder_layers; ++k) {
          made.emplace_back(writer_layer(options.model, kOfAMove + sizes.symbols + options.model.decoder_hidden),
                            random);
        }
        return made;
      }()),
      pen_({.in = options.model.decoder_hidden * options.model.decoder_layers, .parts = options.handwriting.parts},
           random) {
  register_module("layer0", first_);
  register_module("window", window_);
  for (size_t k = 0; k < upper_.size(); ++k) register_module(fmt::format("layer{}", k + 1), upper_[k]);
  register_module("pen", pen_);
}

WriterModel::Texts WriterModel::texts_of(std::span<const SpeechSymbols* const> texts) const {
  size_t longest = 0;
  for (const SpeechSymbols* each : texts) longest = std::max(longest, each->size());
  const auto batch = std::ssize(texts), places = static_cast<int64_t>(longest);
  Tensor ids = Tensor::zeros({batch, places}, DType::kI32), within = Tensor::zeros({batch, places});
  for (int64_t b = 0; b < batch; ++b) {
    const SpeechSymbols& own = *texts[static_cast<size_t>(b)];
    std::ranges::copy(own, ids.data<int32_t>() + b * places);
    std::fill_n(within.data<float>() + b * places, own.size(), 1.0f);
  }
  return {.read = one_hot(ids, sizes_.symbols, dtype()), .within = cast(within, dtype())};
}

WriterModel::State WriterModel::first_state(int64_t batch) const {
  State state{.layers = {first_.zero_state(batch, dtype())},
              .seen = Tensor::zeros({batch, sizes_.symbols}, dtype()),
              .kappa = Tensor::zeros({batch, window_.parts()}, dtype())};
  for (const Recurrent& layer : upper_) state.layers.push_back(layer.zero_state(batch, dtype()));
  return state;
}

Tensor WriterModel::look(const Tensor& before, const Texts& texts, State& state, Mode mode, Tensor* weights) const {
  const Tensor seen = reshape(state.seen, {1, state.seen.size(0), state.seen.size(1)});
  RecurrentOutput out = first_(concat({before, seen}, 2), {.state = state.layers[0], .mode = mode});
  const GaussianWindow::Output window = window_(row(out.y, 0), state.kappa, texts.read, texts.within);
  state.layers[0] = std::move(out.state);
  state.seen = window.seen;
  state.kappa = window.kappa;
  if (weights != nullptr) *weights = window.weights;
  return out.y;
}

Tensor WriterModel::describe(const Tensor& before, const Tensor& h, const Tensor& seen, State& state,
                             const std::vector<int64_t>& lengths, Mode mode, GradientTrace* trace) const {
  Tensors layers{h};
  for (size_t k = 0; k < upper_.size(); ++k) {
    const Tensor x = concat({before, seen, drop_features(layers.back(), dropout_, false, mode)}, 2);
    RecurrentOutput out = upper_[k](x, {.lengths = lengths,
                                        .state = state.layers[k + 1],
                                        .mode = mode,
                                        .trace = k + 1 == upper_.size() ? trace : nullptr});
    state.layers[k + 1] = std::move(out.state);
    layers.push_back(out.y);
  }
  return pen_(drop_features(concat(layers, 2), dropout_, false, mode));
}

Tensor WriterModel::losses(std::span<const Pair> pairs, Mode mode, GradientTrace* trace) const {
  std::vector<const SpeechSymbols*> symbols;
  for (const Pair& each : pairs) symbols.push_back(each.symbols);
  const Texts texts = texts_of(symbols);
  const MoveTensors moves = move_tensors(pairs, dtype());
  State state = first_state(std::ssize(pairs));
  Tensors looks, seen;
  for (int64_t t = 0; t < moves.before.size(0); ++t) {
    looks.push_back(look(rows(moves.before, t, t + 1), texts, state, mode));
    seen.push_back(state.seen);
  }
  const Tensor described = describe(moves.before, concat(looks, 0), stack(seen, 0), state, moves.lengths, mode, trace);
  return sum(pen_.losses(described, moves.moves) * moves.within, 0);
}

Written WriterModel::write(const SpeechSymbols& symbols, const WriteOptions& options, Random random) const {
  const autograd::NoGrad no_grad;
  const SpeechSymbols* const one = &symbols;
  const Texts texts = texts_of(std::span(&one, 1));
  State state = first_state(1);
  const double usual = sizes_.points_per_symbol * static_cast<double>(symbols.size());
  const auto most = static_cast<int64_t>(options.most_slower * usual) + options.spare;
  const auto linger = static_cast<int64_t>(sizes_.points_per_symbol / 2) + 1;
  Written out;
  int64_t lingered = 0;
  Tensor before = Tensor::zeros({1, 1, kOfAMove});
  while (!out.ended && std::ssize(out.moves) < most) {
    check_stop();
    Tensor weights;
    const Tensor given = cast(before, dtype());
    const Tensor h = look(given, texts, state, Mode::evaluation(), &weights);
    const Tensor seen = reshape(state.seen, {1, 1, sizes_.symbols});
    const Tensor described = cast(describe(given, h, seen, state, {}, Mode::evaluation()), DType::kF32);
    const PenMove move = pen_.draw(described.values<float>(), options.sharpness, random);
    out.moves.push_back(move);
    const Tensor at = cast(weights, DType::kF32);
    const auto row = at.values<float>();
    const bool at_end = std::ranges::max_element(row) == row.end() - 1;
    lingered = at_end ? lingered + 1 : 0;
    out.ended = at_end && (move.lifts || lingered >= linger);
    before = Tensor::from(std::vector<float>{move.x, move.y, move.lifts ? 1.0f : 0.0f}, {1, 1, kOfAMove});
  }
  return out;
}

}  // namespace recur
