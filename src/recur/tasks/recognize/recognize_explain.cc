#include "recur/tasks/recognize/recognize_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

class RecognizeRecord : public Explainable {
 public:
  RecognizeRecord(const RecognizeTrained& model, ReadRecord read, int64_t step)
      : Explainable(std::move(read)), model_(model), step_(step) {}

  Tensor score(const Tensor& x) const override { return class_score(scores(x), target_, probability_); }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    std::vector<RecurrentReading> out;
    const auto& members = model_.network().members();
    for (size_t k = 0; k < members.size(); ++k) {
      out.push_back(members[k].recurrent(x));
      if (members.size() > 1) out.back().name = fmt::format("{}.{}", k, out.back().name);
    }
    return out;
  }

  AttentionMap attention(const Tensor& x) const override {
    AttentionMap map;
    Tensors rows;
    const auto& members = model_.network().members();
    for (size_t k = 0; k < members.size(); ++k) {
      const Tensor weights = members[k].attention(x);
      if (!weights.defined()) return {};
      rows.push_back(weights);
      map.queries.push_back(members.size() > 1 ? fmt::format("member {}", k) : "pooling");
    }
    map.weights = stack(rows);
    return map;
  }

  void choose(const ExplainTarget& target) {
    const std::vector<std::string>& classes = model_.classes().words();
    target_ = find_target(target, classes, "class", [&] {
      const autograd::NoGrad no_grad;
      return best_class(scores(reshape(read_.x, {read_.steps(), 1, read_.features()})));
    });
    probability_ = target.probability;
    read_.scale = scale_of(target);
    read_.target = "class " + classes[static_cast<size_t>(target_)];
    if (step_ >= 0) read_.target = fmt::format("frame {}: {}", step_ + 1, read_.target);
  }

 private:
  // Of all classes before the softmax, [B, C].
  Tensor scores(const Tensor& x) const {
    Tensors answers;
    for (const RecognizeNetwork& member : model_.network().members()) {
      const Tensor y = member({.x = x, .lengths = {}}, Mode::evaluation());
      answers.push_back(log_softmax(step_ >= 0 ? row(y, step_) : y));
    }
    return log_mean_exp(answers);
  }

  const RecognizeTrained& model_;
  int64_t step_, target_ = 0;
  bool probability_ = false;
};

}  // namespace

int64_t RecognizeRecords::steps(int64_t i) const {
  const int64_t most = model_.each_frame() ? 0 : model_.options().data.most_frames;
  return most > 0 ? std::min(data_.steps(i), most) : data_.steps(i);
}

std::unique_ptr<Explainable> RecognizeRecords::record(int64_t i, const ExplainTarget& target) const {
  if (!model_.each_frame()) refuse_step(target, "recognize");
  const ClipEncoder& encoder = model_.encoder();
  const ClipExample clip = make_example(
      data_, i, {.encoder = &encoder, .most_frames = model_.each_frame() ? 0 : model_.options().data.most_frames});
  if (clip.steps == 0) fail_empty_record(data_.clips().set.where(data_.clip(i)), id(i));
  const int64_t step = model_.each_frame() ? step_of(target, clip.steps, clip.steps) - 1 : -1;
  ReadRecord read;
  read.id = id(i);
  read.x = steps_tensor(clip.values, clip.features, model_.module().parameters()[0].dtype());
  read.channels = encoder.names();
  read.channel_of = encoder.name_of_feature();
  if (encoder.series()) {
    const auto channels = static_cast<size_t>(std::ssize(encoder.series()->channels()));
    for (size_t c = 0; c < read.channels.size(); ++c) read.is_static.push_back(c < channels ? 0 : 1);
    std::vector<float> padding(static_cast<size_t>(clip.features), 0);
    for (size_t k = 0; k < encoder.series()->gaps().size(); ++k) padding[channels + k] = 1;  // all missing
    const Tensor empty = Tensor::from(padding, {1, clip.features}).clone(read.x.dtype());
    read.padding = Tensor::zeros(read.x.shape(), read.x.dtype()) + empty;
  }
  auto record = std::make_unique<RecognizeRecord>(model_, std::move(read), step);
  record->choose(target);
  return record;
}

}  // namespace recur
