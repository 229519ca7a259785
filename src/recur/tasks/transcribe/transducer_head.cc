#include "recur/tasks/transcribe/transducer_head.h"

#include <algorithm>
#include <utility>

#include "recur/autograd/checkpoint.h"
#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/base/threads.h"
#include "recur/decode/flat_state.h"
#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/transducer_loss.h"
#include "recur/ops/unary.h"
#include "recur/tasks/transcribe/ctc_head.h"

namespace recur {
namespace {

RecurrentOptions prediction_layers(const TranscribeModelOptions& o) {
  return decoder_layers(
      o.rnn, {.input = o.embedding, .hidden = o.decoder_hidden, .layers = o.decoder_layers, .dropout = o.dropout});
}

// Sounds begin .. end - 1 of a batch, of B in all: which rows of [T B] and of [(U + 1) B] each point joins.
struct JointRows {
  Tensor sound, said;  // i32 [N]
  Tensor steps;        // i64 [end - begin]
};

JointRows joint_rows(const std::vector<int64_t>& steps, const std::vector<int64_t>& labels, int64_t begin,
                     int64_t end) {
  const auto batch = static_cast<int32_t>(std::ssize(steps));
  std::vector<int32_t> sound, said;
  for (auto b = static_cast<int32_t>(begin); b < end; ++b) {
    for (int32_t t = 0; t < steps[static_cast<size_t>(b)]; ++t) {
      for (int32_t u = 0; u <= labels[static_cast<size_t>(b)]; ++u) {
        sound.push_back(t * batch + b);
        said.push_back(u * batch + b);
      }
    }
  }
  const std::vector<int64_t> own(steps.begin() + begin, steps.begin() + end);
  return {.sound = Tensor::from(sound, {std::ssize(sound)}),
          .said = Tensor::from(said, {std::ssize(said)}),
          .steps = Tensor::from(own, {end - begin})};
}

// Where each group of sounds ends, so that of none there are more than `most` points, one sound alone excepted.
std::vector<int64_t> group_ends(const std::vector<int64_t>& steps, const std::vector<int64_t>& labels, int64_t most) {
  std::vector<int64_t> ends;
  int64_t points = 0;
  for (size_t b = 0; b < steps.size(); ++b) {
    const int64_t own = steps[b] * (labels[b] + 1);
    if (points > 0 && points + own > most) {
      ends.push_back(static_cast<int64_t>(b));
      points = 0;
    }
    points += own;
  }
  ends.push_back(std::ssize(steps));
  return ends;
}

}  // namespace

// The head as the search sees it.
class TransducerHead::Network : public TransducerNetwork {
 public:
  Network(const TransducerHead& head, std::optional<int32_t> unknown)
      : head_(head), unknown_(unknown), zeros_(head.rnn_.zero_state(1, head.output_.weight->dtype())) {}

  int64_t symbols() const override { return head_.output_.weight->size(0); }
  int32_t blank() const override { return head_.blank(); }
  Predicted start() const override {
    return after(Tensor::from(std::vector<int32_t>{blank()}, {1}), flat_state(zeros_));
  }
  Predicted after(const Tensor& symbols, const Tensors& state) const override {
    const int64_t count = symbols.size(0);
    const auto out = head_.rnn_(head_.embedding_(reshape(symbols, {1, count})),
                                {.state = layered_state(state, zeros_), .mode = Mode::evaluation()});
    return {.output = head_.said_(row(out.y, 0)), .state = flat_state(out.state)};
  }
  Tensor log_probabilities(const Tensor& step, const Tensor& output) const override {
    Tensor out = log_softmax(cast(head_.output_(tanh(output + step)), DType::kF32), 1);
    if (!unknown_) return out;
    constexpr float kNever = -1e30f;
    for (int64_t k = 0; k < out.size(0); ++k) out.data<float>()[k * out.size(1) + *unknown_] = kNever;
    return out;
  }

 private:
  const TransducerHead& head_;
  std::optional<int32_t> unknown_;
  RecurrentState zeros_;
};

class TransducerHead::Stream : public HeadStream {
 public:
  Stream(const TransducerHead& head, const HeadSearch& how)
      : head_(head),
        network_(head, how.unknown),
        search_(network_, {.width = how.width,
                           .n_best = how.n_best,
                           .symbols_per_step = how.symbols_per_step,
                           .scorer = how.scorer}) {}

  std::vector<SaidSymbol> take(const Tensor& y) override {
    advance(y, y.size(0));
    return placed(search_.settled());
  }
  std::vector<SaidSymbol> finish() override { return placed(search_.best().front().symbols); }

  void advance(const Tensor& y, int64_t steps) {
    const Tensor heard = head_.sound_(y);  // [T, 1, J]
    for (int64_t t = 0; t < steps; ++t) search_.take(row(heard, t));
  }
  std::vector<TransducerHypothesis> best() const { return search_.best(); }

  static std::vector<SaidSymbol> placed(const std::vector<TransducerSymbol>& symbols) {
    std::vector<SaidSymbol> out;
    for (const TransducerSymbol& each : symbols) {
      out.push_back(
          {.symbol = each.symbol, .begin = each.step, .end = each.step + 1, .log_probability = each.log_probability});
    }
    return out;
  }

 private:
  const TransducerHead& head_;
  Network network_;
  TransducerSearch search_;
};

TransducerHead::TransducerHead(const TranscribeModelOptions& options, const HeadSizes& sizes, Random& random)
    : embedding_({.vocabulary = sizes.symbols, .features = options.embedding}, random),
      rnn_(prediction_layers(options), random),
      sound_({.in = sizes.features, .out = options.joint > 0 ? options.joint : last_width(options)}, random),
      said_({.in = rnn_.output_features(), .out = sound_.weight->size(0), .bias = false}, random),
      output_({.in = sound_.weight->size(0), .out = sizes.symbols}, random),
      dropout_(options.dropout) {
  register_module("embedding", embedding_);
  register_module("rnn", rnn_);
  register_module("sound", sound_);
  register_module("said", said_);
  register_module("output", output_);
}

Tensor TransducerHead::read(const Tensor& symbols, Mode mode, const std::vector<int64_t>& lengths) const {
  const Tensor x = drop_features(embedding_(symbols), dropout_, false, mode);
  return said_(drop_features(rnn_(x, {.lengths = lengths, .mode = mode}).y, dropout_, false, mode));
}

Tensor TransducerHead::losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode mode) const {
  const int64_t batch = sounds.y.size(1);
  std::vector<int64_t> labels, read_lengths;
  for (const TextSymbols* text : texts) {
    labels.push_back(std::ssize(*text));
    read_lengths.push_back(labels.back() + 1);
  }
  // What has been said before each symbol and before the end: the blank, then the text.
  const int64_t longest = labels.empty() ? 1 : *std::ranges::max_element(read_lengths);
  Tensor inputs = Tensor::full({longest, batch}, static_cast<double>(blank()), DType::kI32);
  for (int64_t b = 0; b < batch; ++b) {
    const TextSymbols& text = *texts[static_cast<size_t>(b)];
    for (size_t u = 0; u < text.size(); ++u) {
      inputs.data<int32_t>()[(static_cast<int64_t>(u) + 1) * batch + b] = text[u];
    }
  }
  const Tensor heard = sound_(sounds.y), said = read(inputs, mode, read_lengths);
  const int64_t joint = heard.size(2), symbols = output_.weight->size(0), widest = std::max(joint, symbols);
  for (size_t b = 0; b < texts.size(); ++b) {
    const double numbers =
        static_cast<double>(sounds.lengths[b]) * static_cast<double>(read_lengths[b]) * static_cast<double>(widest);
    if (numbers > static_cast<double>(kFarTooMany)) {
      fail(
          "transducer: a sound of {} steps with a text of {} symbols makes {:.1f} GB; a larger subsample, longer "
          "tokens or "
          "a smaller most_seconds take less",
          sounds.lengths[b], labels[b], 4 * numbers / 1e9);
    }
  }
  const Tensors all{reshape(heard, {heard.size(0) * batch, joint}), reshape(said, {longest * batch, joint}),
                    output_.weight, output_.bias};
  const std::vector<int64_t> ends = group_ends(sounds.lengths, labels, std::max<int64_t>(kMostNumbers / widest, 1));
  Tensors losses;
  int64_t begin = 0;
  for (const int64_t end : ends) {
    const JointRows which = joint_rows(sounds.lengths, labels, begin, end);
    const Tensor columns = label_columns(texts.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
    const auto of_group = [which, columns, blank = blank()](const Tensors& in) {
      const Tensor joined = tanh(index_select(in[0], which.sound) + index_select(in[1], which.said));
      return Tensors{transducer_loss(linear(joined, in[2], in[3]), columns, which.steps, blank)};
    };
    losses.push_back(ends.size() > 1 ? checkpoint(of_group, all)[0] : of_group(all)[0]);
    begin = end;
  }
  return losses.size() == 1 ? losses[0] : concat(losses, 0);
}

std::vector<std::vector<SaidText>> TransducerHead::search(const EncodedSounds& sounds, const HeadSearch& how) const {
  std::vector<std::vector<SaidText>> out(sounds.lengths.size());
  parallel_for(std::ssize(out), 1, [&](int64_t begin, int64_t end) {
    const autograd::NoGrad no_grad;  // of this thread
    for (int64_t b = begin; b < end; ++b) {
      check_stop();
      Stream stream(*this, how);
      stream.advance(slice(sounds.y, {1, b}, 1), sounds.lengths[static_cast<size_t>(b)]);
      for (const TransducerHypothesis& each : stream.best()) {
        out[static_cast<size_t>(b)].push_back({.symbols = Stream::placed(each.symbols), .score = each.score});
      }
    }
  });
  return out;
}

std::unique_ptr<HeadStream> TransducerHead::stream(const HeadSearch& how) const {
  const autograd::NoGrad no_grad;
  return std::make_unique<Stream>(*this, how);
}

}  // namespace recur
