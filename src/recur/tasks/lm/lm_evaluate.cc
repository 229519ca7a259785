#include "recur/tasks/lm/lm_evaluate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/data/text/lm_batcher.h"
#include "recur/tasks/unknown_symbols.h"

namespace recur {
namespace {

constexpr int64_t kShortestStream = 1000;

std::span<int32_t> elements(Tensor& tensor) { return {tensor.data<int32_t>(), static_cast<size_t>(tensor.numel())}; }

Evaluation measured(double nats, const Corpus& corpus) {
  const int64_t symbols = corpus.size() - 1;
  const double loss = nats / static_cast<double>(symbols);
  const double symbols_per_character =
      static_cast<double>(corpus.size()) / static_cast<double>(corpus.text_characters());
  return {.examples = symbols,
          .metrics = {{"loss", loss},
                      {"perplexity", std::exp(loss)},
                      {"bits_per_character", loss / std::numbers::ln2 * symbols_per_character}}};
}

}  // namespace

Evaluation evaluate_lm(const LmModel& model, const Corpus& corpus, const LmUseOptions& options, bool warns) {
  const autograd::NoGrad no_grad;
  const int64_t batch = std::clamp<int64_t>((corpus.size() - 1) / kShortestStream, 1, options.batch);
  LmSweep sweep(corpus, batch, options.steps);
  Tensor inputs = Tensor::empty({options.steps, sweep.batch()}, DType::kI32), targets = inputs.clone();
  const int32_t unknown_id = corpus.tokenizer().unknown().value_or(kNoTarget - 1);
  RecurrentState state;
  double nats = 0;
  int64_t unknown = 0, done = 0;
  while (const int64_t steps = sweep.next(elements(inputs), elements(targets)).steps) {
    const Shape shape{steps, sweep.batch()};
    const Tensor expected = targets.alias(0, shape);
    auto out = model(inputs.alias(0, shape), {.state = state, .mode = Mode::evaluation()});
    const double of_window =
        model.loss(out.features, expected, {.ignored = kNoTarget, .reduction = Reduction::kSum}).item();
    check_finite(of_window, [&] {
      return fmt::format("symbols {} to {} of each of {} parts of the text", done + 1, done + steps, sweep.batch());
    });
    nats += of_window;
    done += steps;
    check_stop();
    unknown += std::ranges::count(expected.values<int32_t>(), unknown_id);
    state = std::move(out.state);
  }
  if (warns) warn_of_unknown(corpus.tokenizer(), unknown, sweep.symbols(), "the text to evaluate on");
  return measured(nats, corpus);
}

}  // namespace recur
