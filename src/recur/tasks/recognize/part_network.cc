#include "recur/tasks/recognize/part_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/ops/concat.h"
#include "recur/ops/slice.h"

namespace recur {
namespace {

// Which groups of the stage before each group of a stage reads, the stages behind the parts.
std::vector<std::vector<std::vector<size_t>>> fused(size_t parts) {
  if (parts != 5) return {};
  return {{{0, 1}, {0, 2}, {0, 3}, {0, 4}}, {{0, 1}, {2, 3}}};
}

}  // namespace

PartNetwork::PartNetwork(const PartOptions& options, Random& random) : options_(options) {
  RecurrentOptions rnn = options.rnn;
  std::vector<Group> first;
  for (size_t p = 0; p < options.parts.size(); ++p) {
    rnn.input = std::ssize(options.parts[p]) * options.joint_features;
    first.push_back({.from = {p}, .rnn = Recurrent(rnn, random)});
  }
  stages_.push_back(std::move(first));
  for (const auto& groups : fused(options.parts.size())) {
    std::vector<Group> stage;
    for (const std::vector<size_t>& from : groups) {
      rnn.input = 0;
      for (const size_t each : from) rnn.input += stages_.back()[each].rnn.output_features();
      stage.push_back({.from = from, .rnn = Recurrent(rnn, random)});
    }
    stages_.push_back(std::move(stage));
  }
  for (size_t s = 0; s < stages_.size(); ++s) {
    for (size_t k = 0; k < stages_[s].size(); ++k) register_module(fmt::format("stage{}_{}", s, k), stages_[s][k].rnn);
  }
}

int64_t PartNetwork::output_features() const {
  int64_t features = 0;
  for (const Group& group : stages_.back()) features += group.rnn.output_features();
  return features;
}

Tensor PartNetwork::part(const Tensor& x, size_t which) const {
  Tensors joints;
  const int64_t width = options_.joint_features;
  for (const int64_t joint : options_.parts[which]) joints.push_back(slice(x, {2, joint * width}, width));
  return concat(joints, 2);
}

Tensor PartNetwork::operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  Tensors before;
  for (size_t s = 0; s < stages_.size(); ++s) {
    Tensors now;
    for (const Group& group : stages_[s]) {
      Tensors read;
      for (const size_t each : group.from) read.push_back(s == 0 ? part(x, each) : before[each]);
      now.push_back(group.rnn(read.size() == 1 ? read[0] : concat(read, 2), {.lengths = lengths, .mode = mode}).y);
    }
    before = std::move(now);
  }
  return before.size() == 1 ? before[0] : concat(before, 2);
}

PartNetwork::Stepper::Stepper(const PartNetwork& network) : network_(&network) {
  for (const auto& stage : network.stages_) {
    std::vector<Group>& to = stages_.emplace_back();
    for (const auto& group : stage) {
      const auto width = static_cast<size_t>(group.rnn.output_features());
      to.push_back({.parts = group.from, .stream = group.rnn.stream(), .y = std::vector<float>(width)});
    }
  }
}

void PartNetwork::Stepper::step(std::span<const float> x, std::vector<float>& out) {
  const auto width = static_cast<size_t>(network_->options_.joint_features);
  for (size_t s = 0; s < stages_.size(); ++s) {
    for (Group& group : stages_[s]) {
      room_.clear();
      for (const size_t each : group.parts) {
        if (s > 0) {
          const std::vector<float>& y = stages_[s - 1][each].y;
          room_.insert(room_.end(), y.begin(), y.end());
          continue;
        }
        for (const int64_t joint : network_->options_.parts[each]) {
          const auto from = x.subspan(static_cast<size_t>(joint) * width, width);
          room_.insert(room_.end(), from.begin(), from.end());
        }
      }
      group.stream.step(room_, group.y);
    }
  }
  out.clear();
  for (const Group& group : stages_.back()) out.insert(out.end(), group.y.begin(), group.y.end());
}

}  // namespace recur
