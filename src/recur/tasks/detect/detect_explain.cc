#include "recur/tasks/detect/detect_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"

namespace recur {
namespace {

// What of a series is read, and what is asked of it.
struct DetectQuestion {
  int64_t begin = 0, steps = 0;  // of the series
  int64_t at = 0;                // the step whose score is explained, from `begin`
  bool probability = false;
  Tensor before;       // [1, F] the step before the first, which a forecast reads
  Tensor scale;        // [1, C] 1 / the usual size of each channel's error, 0 where its value is missing
  double present = 0;  // channels with a value
};

class DetectRecord : public Explainable {
 public:
  DetectRecord(const DetectTrained& model, ReadRecord read, DetectQuestion question)
      : Explainable(std::move(read)), model_(model), question_(std::move(question)) {}

  Tensor score(const Tensor& x) const override {
    const int64_t batch = x.size(1);
    const std::vector<int64_t> lengths(static_cast<size_t>(batch), x.size(0));
    const WindowBatch windows{.x = late(x), .lengths = lengths};
    const Tensor y = model_.network()(windows, {.mode = Mode::evaluation()}).y;
    const Tensor said = row(y, question_.at);
    if (classifies(model_.options())) return label_score(reshape(said, {batch}), question_.probability);
    const Tensor target = slice(row(x, question_.at), {1, 0}, said.size(1));
    return norm((said - target) * question_.scale, 1) / std::sqrt(std::max(question_.present, 1.0));
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    return {{.name = "rnn", .network = model_.network().rnn(), .x = late(x)}};
  }

 private:
  // What was known before each step, of a forecast; else x.
  Tensor late(const Tensor& x) const {
    if (model_.options().model.method != "forecast") return x;
    const Tensor first = Tensor::zeros({1, x.size(1), x.size(2)}, x.dtype()) + question_.before;
    return x.size(0) == 1 ? first : concat({first, rows(x, 0, x.size(0) - 1)}, 0);
  }

  const DetectTrained& model_;
  DetectQuestion question_;
};

}  // namespace

DetectRecords::DetectRecords(const DetectTrained& model, SequenceSet set)
    : model_(model),
      set_(std::make_shared<const SequenceSet>(std::move(set))),
      data_(encode_detect(set_, model.encoder(), {}, false)) {}

int64_t DetectRecords::highest_step(int64_t i) const {
  DetectData one;
  one.features = data_.features;
  one.channels = data_.channels;
  const int64_t steps = data_.sequences[static_cast<size_t>(i)].steps;
  const DetectPart whole = data_.part(i, 0, steps);
  one.sequences.push_back({.input = {whole.input.begin(), whole.input.end()},
                           .target = {whole.target.begin(), whole.target.end()},
                           .truth = {whole.truth.begin(), whole.truth.end()},
                           .steps = steps,
                           .name = data_.sequences[static_cast<size_t>(i)].name});
  DetectOptions options = model_.options();
  options.threshold.level = "steps";
  const DetectOutputs outputs = run_model(model_.network(), one, options, LostState::kBeginAnew);
  double most = -1;
  int64_t highest = 0;
  score(outputs.reader(), one, options, model_.calibration())([&](const DetectScores& part) {
    for (int64_t t = 0; t < std::ssize(part.scores); ++t) {
      if (!(part.scores[static_cast<size_t>(t)] > most)) continue;
      most = part.scores[static_cast<size_t>(t)];
      highest = part.first + t;
    }
  });
  return highest;
}

std::unique_ptr<Explainable> DetectRecords::record(int64_t i, const ExplainTarget& target) const {
  const DetectSequence& sequence = data_.sequences[static_cast<size_t>(i)];
  if (sequence.steps == 0) fail_empty_record(set_->where(set_->sequences[static_cast<size_t>(i)]), id(i));
  if (!target.name.empty()) fail_usage("target: a detector has one score per step, not '{}'", target.name);
  const DType dtype = model_.module().parameters()[0].dtype();
  const int64_t step = step_of(target, sequence.steps, target.step ? 0 : highest_step(i));
  const int64_t window = *model_.options().data.window, features = data_.features, channels = data_.channels;
  const bool causal = model_.network().is_causal();
  DetectQuestion question;
  question.begin = causal ? std::max<int64_t>(step + 1 - window, 0) : step / window * window;
  question.steps = causal ? step + 1 - question.begin : std::min(window, sequence.steps - question.begin);
  question.at = step - question.begin;
  question.probability = target.probability;
  const auto part = [&](int64_t begin, int64_t steps) {
    const DetectPart read = data_.part(i, begin, begin + steps);
    return std::vector<float>(read.input.begin(), read.input.end());
  };
  const std::vector<float> nothing(static_cast<size_t>(features), 0);
  question.before = steps_tensor(question.begin > 0 ? part(question.begin - 1, 1) : nothing, features, dtype);
  if (!classifies(model_.options())) {
    const DetectPart here = data_.part(i, step, step + 1);
    std::vector<float> scale;
    for (int64_t c = 0; c < channels; ++c) {
      const bool known = !std::isnan(here.target[static_cast<size_t>(c)]);
      const float usual = model_.calibration().scale.empty() ? 1 : model_.calibration().scale[static_cast<size_t>(c)];
      scale.push_back(known ? 1 / usual : 0);
      question.present += known ? 1 : 0;
    }
    question.scale = steps_tensor(scale, channels, dtype);
  }
  ReadRecord read;
  read.id = id(i);
  read.target = fmt::format("score of step {}", step + 1);
  read.scale = classifies(model_.options()) ? scale_of(target) : "score";
  read.x = steps_tensor(part(question.begin, question.steps), features, dtype);
  read.channels = model_.encoder().channels();
  for (int64_t c = 0; c < channels; ++c) read.channel_of.push_back(c);
  for (const int64_t gap : model_.encoder().gaps()) read.channel_of.push_back(gap);
  const int64_t statics = std::ssize(model_.encoder().statics());
  read.is_static.assign(static_cast<size_t>(channels), 0);
  for (int64_t s = 0; s < statics; ++s) {
    read.channel_of.push_back(channels + s);
    read.channels.push_back(model_.encoder().statics()[static_cast<size_t>(s)]);
    read.is_static.push_back(1);
  }
  const Sequence shown =
      set_->load(set_->sequences[static_cast<size_t>(i)], question.begin, question.begin + question.steps);
  for (int64_t t = question.begin; t < question.begin + question.steps; ++t) {
    const auto values = set_->step(shown, t - question.begin);
    for (int64_t c = 0; c < channels; ++c) {
      read.shown.push_back(values[static_cast<size_t>(c)] + static_cast<float>(set_->channels[c].offset));
    }
    read.shown.insert(read.shown.end(), static_cast<size_t>(statics), std::nanf(""));
    read.places.push_back(t);
  }
  if (causal && question.begin > 0) {
    read.note = fmt::format("read from step {} on, with the state before it kept fixed", question.begin + 1);
  }
  return std::make_unique<DetectRecord>(model_, std::move(read), std::move(question));
}

}  // namespace recur
