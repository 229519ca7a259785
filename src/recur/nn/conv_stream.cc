#include "recur/nn/conv_stream.h"

#include <algorithm>

#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

int64_t steps_before(const TimeConv& layer) { return (layer.options().kernel - 1) / 2; }

// Either may be undefined.
Tensor behind(const Tensor& a, const Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? concat({a, b}, 0) : a;
}

}  // namespace

int64_t look_ahead(const ConvStack& stack) {
  int64_t ahead = 0, step = 1;
  for (int64_t i = 0; i < stack.layers(); ++i) {
    const TimeConv& layer = stack.convolution(i);
    ahead += step * (layer.options().kernel - 1 - steps_before(layer));
    step *= layer.options().stride;
  }
  return ahead;
}

ConvStream::ConvStream(const ConvStack& stack) : stack_(stack), places_(static_cast<size_t>(stack.layers())) {}

Tensor ConvStream::run(Tensor x, bool ends) {
  for (int64_t i = 0; i < stack_.layers(); ++i) x = run_layer(i, x, ends);
  return x;
}

Tensor ConvStream::run_layer(int64_t layer, const Tensor& x, bool ends) {
  const TimeConv& convolution = stack_.convolution(layer);
  const auto& [in, out, kernel, stride] = convolution.options();
  const int64_t before = steps_before(convolution);
  Place& place = places_[static_cast<size_t>(layer)];
  const auto zeros = [&, in = in](int64_t steps) { return Tensor::zeros({steps, 1, in}, convolution.weight->dtype()); };
  if (x.defined()) {
    if (place.taken == 0 && before > 0) {
      place.kept = zeros(before);
      place.first = -before;
    }
    place.kept = behind(place.kept, x);
    place.taken += x.size(0);
  }
  // Output t sees the steps from t stride - before on, `kernel` of them.
  int64_t known = std::max<int64_t>((place.taken + before - kernel) / stride + 1, 0);
  if (place.taken + before < kernel) known = 0;
  if (ends) {
    known = strided(place.taken, stride);
    const int64_t missing = (known - 1) * stride - before + kernel - place.taken;
    if (known > 0 && missing > 0) place.kept = behind(place.kept, zeros(missing));
  }
  if (known <= place.given) return {};
  const int64_t from = place.given * stride - before - place.first;
  const int64_t count = known - place.given;
  const Tensor seen = rows(place.kept, from, from + (count - 1) * stride + kernel);
  place.given = known;
  // Where taps lie further apart than there are of them, steps may not have come yet that nobody will need.
  const int64_t kept = place.kept.size(0), drop = std::min(known * stride - before - place.first, kept);
  place.first += drop;
  place.kept = drop < kept ? rows(place.kept, drop, kept).clone() : Tensor();
  return stack_.after_convolution(layer, convolution.inside(seen, count));
}

}  // namespace recur
