#include "recur/tasks/diagnose/diagnose_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/op_case.h"
#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;

// Two records of 3 and 1 steps; labels a (predicted), b (predicted, not known of the second), c (auxiliary).
struct LossCase {
  LossCase() {
    SequenceSet set = record_set(1);
    set.labels = {"a", "b", "c"};
    labels = LabelSet::of(set, {"c"});
    examples.labels = 3;
    std::vector<EncodedRecord> records;
    for (const int64_t steps : {3, 1}) {
      records.push_back({.values = std::vector<float>(steps, 0), .statics = {}, .steps = steps});
    }
    examples.records = dataset_of(std::move(records));
    examples.answers = {1, 0, 1, 0, kNone, 1};
  }

  double nats(int64_t t, int64_t b, int64_t l) const {
    const double x = logits.values<double>()[(t * 2 + b) * 3 + l];
    const double target = double{examples.answers_of(b)[l]};
    return std::log1p(std::exp(-x)) + (1 - target) * x;
  }
  DiagnoseLoss loss(const DiagnoseLossOptions& options) const {
    const std::vector<int32_t> which{0, 1};
    Mitigation none;
    return diagnose_loss(logits, examples, which, *labels, options, none);
  }

  std::optional<LabelSet> labels;
  DiagnoseExamples examples;
  Tensor logits = normal({3, 2, 3}, 4);
};

TEST(DiagnoseLoss, IsThatOfTheLastStepOverWhatIsKnown) {
  const LossCase c;
  const double plain = (c.nats(2, 0, 0) + c.nats(2, 0, 1) + c.nats(0, 1, 0)) / 3;
  const DiagnoseLoss without = c.loss({.replication = 0, .auxiliary_weight = 0});
  EXPECT_NEAR(without.objective.item(), plain, 1e-6);
  EXPECT_NEAR(without.loss, plain, 1e-6);
}

TEST(DiagnoseLoss, AuxiliaryLabelsWeighInTheObjectiveAlone) {
  const LossCase c;
  const double plain = c.nats(2, 0, 0) + c.nats(2, 0, 1) + c.nats(0, 1, 0);
  const DiagnoseLoss loss = c.loss({.replication = 0, .auxiliary_weight = 0.5});
  EXPECT_NEAR(loss.objective.item(), (plain + 0.5 * (c.nats(2, 0, 2) + c.nats(0, 1, 2))) / 4, 1e-6);
  EXPECT_NEAR(loss.loss, plain / 3, 1e-6);
}

TEST(DiagnoseLoss, ReplicationTakesTheMeanOverTheRecordsOwnSteps) {
  const LossCase c;
  const auto every = [&](int64_t b, int64_t l) {
    double sum = 0;
    const int64_t steps = c.examples.records->length(b);
    for (int64_t t = 0; t < steps; ++t) sum += c.nats(t, b, l);
    return sum / static_cast<double>(steps);
  };
  const double all = (every(0, 0) + every(0, 1) + every(1, 0)) / 3;
  const double last = (c.nats(2, 0, 0) + c.nats(2, 0, 1) + c.nats(0, 1, 0)) / 3;
  const DiagnoseLoss loss = c.loss({.replication = 0.25, .auxiliary_weight = 0});
  EXPECT_NEAR(loss.objective.item(), 0.25 * all + 0.75 * last, 1e-6);
  EXPECT_NEAR(loss.loss, last, 1e-6);
}

TEST(DiagnoseLoss, OfNothingKnownIsZero) {
  LossCase c;
  c.examples.answers.assign(6, kNone);
  EXPECT_EQ(c.loss({}).objective.item(), 0);
  EXPECT_EQ(c.loss({}).loss, 0);
}

}  // namespace
}  // namespace recur
