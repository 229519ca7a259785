#include "recur/tasks/diagnose/diagnose_explain.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/tasks/diagnose/time_steps.h"

namespace recur {
namespace {

class DiagnoseRecord : public Explainable {
 public:
  DiagnoseRecord(const DiagnoseTrained& model, ReadRecord read) : Explainable(std::move(read)), model_(model) {}

  Tensor score(const Tensor& x) const override {
    const Tensor logits = row(model_.network()(batch_of(x), Mode::evaluation()), step_);
    return label_score(reshape(slice(logits, {1, label_}, 1), {x.size(1)}), probability_);
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    return {model_.network().reading(batch_of(x))};
  }

  void choose(const ExplainTarget& target) {
    const auto predicted = static_cast<size_t>(model_.labels().predicted());
    const std::vector<std::string>& all = model_.labels().names();
    const std::vector<std::string> names(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(predicted));
    step_ = step_of(target, read_.steps(), read_.steps() - 1);
    label_ = find_target(target, names, "label", [&]() -> int64_t {
      const autograd::NoGrad no_grad;
      const Tensor x = reshape(read_.x, {read_.steps(), 1, read_.features()});
      const Tensor logits = row(model_.network()(batch_of(x), Mode::evaluation()), step_);
      return best_class(slice(logits, {1, 0}, std::ssize(names)));
    });
    probability_ = target.probability;
    read_.scale = scale_of(target);
    read_.target = fmt::format("{} at step {}", names[static_cast<size_t>(label_)], step_ + 1);
  }

 private:
  // x [T, B, 3 C + S]
  RecordBatch batch_of(const Tensor& x) const {
    const int64_t channels = model_.encoder().channels(), statics = model_.encoder().statics();
    RecordBatch batch;
    batch.values = slice(x, {2, 0}, channels);
    batch.masks = slice(x, {2, channels}, channels);
    batch.elapsed = slice(x, {2, 2 * channels}, channels);
    batch.statics = statics > 0 ? slice(x, {2, 3 * channels}, statics) : Tensor::zeros({x.size(1), 0}, x.dtype());
    batch.lengths.assign(static_cast<size_t>(x.size(1)), x.size(0));
    return batch;
  }

  const DiagnoseTrained& model_;
  int64_t step_ = 0, label_ = 0;
  bool probability_ = false;
};

// [T, 3 C + S] of a record alone, and of one without measurements.
Tensor numbers_of(const RecordBatch& batch, DType dtype) {
  const int64_t steps = batch.values.size(0), statics = batch.statics.size(1);
  Tensors parts{batch.values, batch.masks, batch.elapsed};
  if (statics > 0) parts.push_back(Tensor::zeros({steps, 1, statics}) + batch.statics);
  const Tensor all = concat(parts, 2);
  return reshape(all, {steps, all.size(2)}).clone(dtype);
}

// The step that each number of values [T, C] comes from: that of the last measurement, and before the first the first
// of all.
std::vector<int64_t> measured_at(std::span<const float> values, int64_t channels) {
  std::vector<int64_t> last(static_cast<size_t>(channels), 0), out;
  for (size_t at = 0; at < values.size(); ++at) {
    int64_t& own = last[at % last.size()];
    if (!std::isnan(values[at])) own = static_cast<int64_t>(at) / channels;
    out.push_back(own);
  }
  return out;
}

std::vector<int64_t> with_statics(const std::vector<int64_t>& at, int64_t channels, int64_t statics) {
  std::vector<int64_t> out;
  for (size_t i = 0; i < at.size(); ++i) {
    out.push_back(at[i]);
    if ((static_cast<int64_t>(i) + 1) % channels == 0) out.insert(out.end(), static_cast<size_t>(statics), 0);
  }
  return out;
}

}  // namespace

int64_t DiagnoseRecords::steps(int64_t i) const {
  return model_.encoder().encode(set_, set_.sequences[static_cast<size_t>(i)]).steps;
}

std::unique_ptr<Explainable> DiagnoseRecords::record(int64_t i, const ExplainTarget& target) const {
  const autograd::NoGrad no_grad;
  const Sequence& sequence = set_.sequences[static_cast<size_t>(i)];
  const RecordEncoder& encoder = model_.encoder();
  const int64_t channels = encoder.channels(), statics = encoder.statics();
  const GapOptions& gaps = model_.options().data.gaps;
  const DType dtype = model_.module().parameters()[0].dtype();
  if (set_.length(sequence) == 0) fail_empty_record(set_.where(sequence), sequence.id);
  EncodedRecord encoded = encoder.encode(set_, sequence);
  EncodedRecord nothing = encoded;
  nothing.values.assign(encoded.values.size(), std::numeric_limits<float>::quiet_NaN());
  nothing.statics.assign(encoded.statics.size(), 0);
  ReadRecord read;
  read.id = sequence.id;
  const auto numbers = [&](const EncodedRecord& record) {
    const Loaded<EncodedRecord> loaded(record);
    return numbers_of(make_batch(std::span(&loaded, 1), encoder, gaps), dtype);
  };
  read.x = numbers(encoded);
  read.padding = numbers(nothing);
  read.usual_baseline = "padding";
  read.channels = encoder.names();
  read.channels.insert(read.channels.end(), encoder.static_names().begin(), encoder.static_names().end());
  for (int part = 0; part < 3; ++part) {
    for (int64_t c = 0; c < channels; ++c) read.channel_of.push_back(c);
  }
  for (int64_t s = 0; s < statics; ++s) read.channel_of.push_back(channels + s);
  read.is_static.assign(static_cast<size_t>(channels), 0);
  read.is_static.insert(read.is_static.end(), static_cast<size_t>(statics), 1);
  read.measured_at = with_statics(measured_at(encoded.values, channels), channels, statics);
  const std::vector<float> raw = in_steps(set_, sequence, model_.options().data.grid);
  for (size_t at = 0; at < raw.size(); ++at) {
    const auto c = static_cast<size_t>(static_cast<int64_t>(at) % channels);
    read.shown.push_back(raw[at] + static_cast<float>(set_.channels[c].offset));
    if (static_cast<int64_t>(c) + 1 == channels) {
      read.shown.insert(read.shown.end(), static_cast<size_t>(statics), std::nanf(""));
    }
  }
  auto record = std::make_unique<DiagnoseRecord>(model_, std::move(read));
  record->choose(target);
  return record;
}

}  // namespace recur
