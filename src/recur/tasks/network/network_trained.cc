#include "recur/tasks/network/network_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/data/tables/date_time.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/network/network_explain.h"
#include "recur/tasks/network/network_stream.h"

namespace recur {
namespace {

constexpr int64_t kChunk = 4096;         // steps in one go, where the state is carried on
constexpr int64_t kMostSteps = 1 << 20;  // of a batch

// The outputs of one sequence, [T', O] row by row.
struct NetworkOutputs {
  int64_t sequence = 0;
  std::vector<float> y, targets;
};
using TakeOutputs = std::function<void(const NetworkOutputs&)>;

// Runs the network over sequences of one length, side by side.
class BatchRun {
 public:
  BatchRun(const NetworkModel& model, std::vector<NetworkSteps> sequences)
      : model_(model), sequences_(std::move(sequences)), outputs_(sequences_.size()) {
    steps_ = std::ssize(sequences_.front().inputs) / model.input_features();
  }

  void run() {
    const int64_t chunk = model_.is_causal() ? kChunk : steps_;
    for (int64_t begin = 0; begin < steps_; begin += chunk) {
      check_stop();
      take(model_(piece(begin, std::min(begin + chunk, steps_)), state_));
    }
  }
  std::vector<float>& outputs(size_t b) { return outputs_[b]; }
  std::vector<float>& targets(size_t b) { return sequences_[b].targets; }

 private:
  Tensor piece(int64_t begin, int64_t end) const {
    const int64_t batch = std::ssize(sequences_), features = model_.input_features();
    Tensor x = Tensor::empty({end - begin, batch, features});
    float* to = x.data<float>();
    for (int64_t t = begin; t < end; ++t) {
      for (const NetworkSteps& each : sequences_) to = std::copy_n(each.inputs.data() + t * features, features, to);
    }
    return x;
  }
  void take(const Tensor& y) {
    const Tensor values = cast(y, DType::kF32);
    const float* from = values.data<float>();
    for (int64_t t = 0; t < y.size(0); ++t) {
      for (std::vector<float>& out : outputs_) {
        out.insert(out.end(), from, from + y.size(2));
        from += y.size(2);
      }
    }
  }

  const NetworkModel& model_;
  std::vector<NetworkSteps> sequences_;
  std::vector<std::vector<float>> outputs_;
  int64_t steps_;
  NetworkModel::State state_;
};

void check_outputs_of(const SequenceSet& set, const NetworkOutputs& outputs, int64_t width) {
  for (size_t at = 0; at < outputs.y.size(); at += static_cast<size_t>(width)) {
    check_finite(std::span(outputs.y).subspan(at, static_cast<size_t>(width)), [&] {
      return fmt::format("{}, output {}", set.where(set.sequences[static_cast<size_t>(outputs.sequence)]),
                         at / static_cast<size_t>(width) + 1);
    });
  }
}

// All sequences in their order: those of one length that stand one behind the other run together.
void run_network(const NetworkModel& model, const SequenceSet& set, const NetworkUseOptions& use,
                 const TakeOutputs& take) {
  const autograd::NoGrad no_grad;
  const int64_t count = set.size();
  for (int64_t first = 0; first < count;) {
    const int64_t steps = set.length(set.sequences[static_cast<size_t>(first)]);
    std::vector<NetworkSteps> batch;
    int64_t i = first;
    while (i < count && std::ssize(batch) < use.batch && set.length(set.sequences[static_cast<size_t>(i)]) == steps &&
           (batch.empty() || (std::ssize(batch) + 1) * steps <= kMostSteps)) {
      batch.push_back(load_network(set, i++, use.targets, model.vocabulary()));
    }
    if (steps > 0) {
      BatchRun run(model, std::move(batch));
      run.run();
      for (int64_t b = 0; b < i - first; ++b) {
        NetworkOutputs outputs{.sequence = first + b,
                               .y = std::move(run.outputs(static_cast<size_t>(b))),
                               .targets = std::move(run.targets(static_cast<size_t>(b)))};
        check_outputs_of(set, outputs, model.output_features());
        take(outputs);
      }
    }
    first = i;
  }
}

TableCell time_cell_of(const SequenceSet& set, double time) {
  if (set.time_kind == TimeKind::kDate) return date_text(time, set.time_zone);
  return time;
}

// What stands in front of the outputs of a row: the sequence's id, and of a step its number and time.
class RowHead {
 public:
  RowHead(const SequenceSet& set, const NetworkModel& model)
      : set_(set), steps_(!model.gives_one()), times_(model.is_causal() && set.time_kind != TimeKind::kNone) {}

  std::vector<std::string> names() const {
    std::vector<std::string> names{"id"};
    if (steps_) names.emplace_back("step");
    if (times_) names.emplace_back("time");
    return names;
  }
  std::vector<TableCell> cells(const Sequence& sequence, int64_t t) const {
    std::vector<TableCell> cells{sequence.id};
    if (steps_) cells.emplace_back(t + 1);
    if (times_) cells.push_back(time_cell_of(set_, sequence.times[static_cast<size_t>(t)]));
    return cells;
  }

 private:
  const SequenceSet& set_;
  bool steps_, times_;
};

struct Errors {
  double squares = 0, sizes = 0, largest = 0;
  int64_t count = 0;

  void add(double error) {
    squares += error * error;
    sizes += std::abs(error);
    largest = std::max(largest, std::abs(error));
    ++count;
  }
};

// Errors of a sequence's outputs: where it has one output, of those of its last step.
Errors errors_of(const NetworkOutputs& outputs, const SequenceSet& set) {
  if (outputs.targets.size() < outputs.y.size() || outputs.y.empty()) {
    fail("{}: {} outputs cannot be compared with {} targets", set.where(set.sequences[size_t(outputs.sequence)]),
         outputs.y.size(), outputs.targets.size());
  }
  Errors errors;
  const auto targets = std::span(outputs.targets).last(outputs.y.size());
  for (size_t k = 0; k < targets.size(); ++k) {
    if (!std::isnan(targets[k])) errors.add(double{outputs.y[k]} - targets[k]);
  }
  return errors;
}

}  // namespace

const TaskInfo& network_info() {
  static const TaskInfo info{.name = "network",
                             .summary = "Imported networks: outputs for each step of a series, or for each series",
                             .data = "series of numbers: CSV, TSV, JSON lines, .ts, .tsf, .npy, .npz, IDX",
                             .unit = "outputs"};
  return info;
}

std::vector<std::string> output_names(int64_t count) {
  std::vector<std::string> names;
  for (int64_t k = 1; k <= count; ++k) names.push_back(fmt::format("y{}", k));
  return names;
}

Evaluation NetworkTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const std::vector<std::string>& targets = options_.use.targets;
  if (std::ssize(targets) != model_.output_features()) {
    fail_usage("--target-columns: expected {} column{} that the outputs are compared with, got {}",
               model_.output_features(), model_.output_features() == 1 ? "" : "s", targets.size());
  }
  const SequenceSet set = read_network(data, options_.use, model_.input_features());
  Errors all;
  if (examples != nullptr) examples->columns({"id", "loss"});
  run_network(model_, set, options_.use, [&](const NetworkOutputs& outputs) {
    const Errors errors = errors_of(outputs, set);
    all.squares += errors.squares;
    all.sizes += errors.sizes;
    all.largest = std::max(all.largest, errors.largest);
    all.count += errors.count;
    if (examples == nullptr) return;
    const auto count = static_cast<double>(std::max<int64_t>(errors.count, 1));
    examples->row({{TableCell(set.sequences[size_t(outputs.sequence)].id), TableCell(errors.squares / count)}});
  });
  if (all.count == 0) fail("there is no target to compare an output with");
  const auto count = static_cast<double>(all.count);
  return {.examples = all.count,
          .metrics = {{"loss", all.squares / count}, {"mae", all.sizes / count}, {"largest_error", all.largest}}};
}

void NetworkTrained::predict(const DataFiles& data, Sink& out) const {
  NetworkUseOptions use = options_.use;
  use.targets.clear();
  const SequenceSet set = read_network(data, use, model_.input_features());
  const RowHead head(set, model_);
  const auto width = static_cast<size_t>(model_.output_features());
  bool begun = false;
  run_network(model_, set, use, [&](const NetworkOutputs& outputs) {
    if (!begun) {
      std::vector<std::string> names = head.names();
      std::ranges::copy(output_names(model_.output_features()), std::back_inserter(names));
      out.columns(names);
      begun = true;
    }
    const Loaded<Sequence> sequence = set.load(outputs.sequence);
    for (size_t at = 0; at < outputs.y.size(); at += width) {
      std::vector<TableCell> cells = head.cells(*sequence, static_cast<int64_t>(at / width));
      for (size_t k = 0; k < width; ++k) cells.emplace_back(double{outputs.y[at + k]});
      out.row(cells);
    }
  });
}

std::unique_ptr<Session> NetworkTrained::session() const {
  return std::make_unique<NetworkSession>(model_, options_.use);
}

std::unique_ptr<ExplainableData> NetworkTrained::explainable(const DataFiles& data) const {
  NetworkUseOptions use = options_.use;
  use.targets.clear();
  return std::make_unique<NetworkRecords>(*this, read_network(data, use, model_.input_features()));
}

Description NetworkTrained::describe() const {
  Description facts{{"inputs", model_.input_features()}, {"outputs", model_.output_features()}};
  for (size_t k = 0; k < model_.stack().size(); ++k) {
    facts.push_back({fmt::format("layer_{}", k), text_of(model_.stack()[k])});
  }
  return facts;
}

}  // namespace recur
