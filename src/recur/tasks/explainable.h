// A trained model on one record as a function of what it reads there, which can be differentiated: what explanations
// (explain/) stand on.
//
//   const auto data = trained->explainable({DataFile("test.csv")});
//   const auto record = data->record(0, {.name = "ill"});
//   const Tensor score = record->score(reshape(record->read().x, {T, 1, F}));
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/nn/recurrent.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Which output of a model is explained.
struct ExplainTarget {
  std::string name = {};             // a class, label, tag, symbol, quantile; "": what the model says
  std::optional<int64_t> step = {};  // from 1; nothing: the task's usual one
  bool probability = false;          // of a class, label, tag or symbol its probability, else its log-odds
};

// What a model reads of a record: T steps of F numbers, each of which belongs to one of C channels. A text has one.
struct ReadRecord {
  std::string id;
  std::string target;                 // what is explained, in words: "class pos", "step 3: mean"
  std::string scale;                  // of its score: "log-odds", "probability", "value"
  Tensor x;                           // [T, F] in the precision of the parameters
  std::vector<std::string> tokens;    // [T] of a text; empty of a series
  std::vector<std::string> channels;  // [C] their names
  std::vector<int64_t> channel_of;    // [F]
  std::vector<uint8_t> is_static;     // [C] the same at every step; empty: none
  // [T, C] the step whose value the numbers are, where a value that was measured once is read until the next one is;
  // empty: each its own.
  std::vector<int64_t> measured_at;
  // What stands for a record that says nothing, and for one that is usual, both [T, F]; undefined where the task has
  // no better answer than the general ones of baseline_of() in explain/baseline.h.
  Tensor padding, mean;
  std::string usual_baseline = "zero";
  std::vector<float> shown;        // [T, C] values as the data have them, NaN where missing; empty of texts
  std::vector<float> shown_after;  // values that follow, such as a forecast [H]
  std::vector<int64_t> places;     // [T] the steps of the record that these are, from 0; empty: all, from its first
  std::vector<std::string> times;  // [T] of the steps, in words; empty: they have numbers only
  std::string note;                // what the explanation holds fixed, in words; "" where it is nothing

  int64_t steps() const { return x.size(0); }
  int64_t features() const { return x.size(1); }
  // What people call step t of x: its number in the record, from 1.
  int64_t number(int64_t t) const { return (places.empty() ? t : places.at(static_cast<size_t>(t))) + 1; }
};

// Recurrent layers of a model, with what they read of a record.
struct RecurrentReading {
  std::string name;  // "rnn"
  Recurrent network;
  Tensor x;            // [T', 1, F]
  Tensors decay = {};  // as RunOptions::decay
  int64_t before = 0;  // how many of its steps stand before those of the record
};

// How much each of Q outputs read of each of S steps.
struct AttentionMap {
  Tensor weights;                    // [Q, S]; undefined: the model has no attention
  std::vector<std::string> queries;  // [Q]
};

class Explainable {
 public:
  explicit Explainable(ReadRecord read) : read_(std::move(read)) {}
  virtual ~Explainable() = default;

  const ReadRecord& read() const { return read_; }
  // The score of each of B variants of the record: x [T, B, F] -> [B], differentiable, in evaluation mode. That of x
  // itself is what the model predicts.
  virtual Tensor score(const Tensor& x) const = 0;

  // x [T, 1, F]. No layers of that kind: empty.
  virtual std::vector<RecurrentReading> recurrent(const Tensor&) const { return {}; }
  virtual AttentionMap attention(const Tensor&) const { return {}; }

 protected:
  ReadRecord read_;
};

// Records of data, each to be explained. Refers to the model, which must outlive it.
class ExplainableData {
 public:
  virtual ~ExplainableData() = default;

  virtual int64_t size() const = 0;
  virtual std::string id(int64_t i) const = 0;
  virtual int64_t steps(int64_t i) const = 0;
  // Whether record() has to be told the step: each has an output, and none stands for the record.
  virtual bool needs_step() const { return false; }
  // Throws UsageError for a target that the model does not have, naming those that it has, and for one that has to be
  // chosen; Error for a record without steps.
  virtual std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const = 0;
};

// What a score's scale is called.
inline const char* scale_of(const ExplainTarget& target) { return target.probability ? "probability" : "log-odds"; }

// From scores [B, C] before a softmax, the log-odds log(p / (1 - p)) of one of the C, or its probability: [B].
Tensor class_score(const Tensor& scores, int64_t which, bool probability);
// The same of a logit [B] of yes against no.
Tensor label_score(const Tensor& logit, bool probability);
// The index of the highest of scores [1, C].
int64_t best_class(const Tensor& scores);

// The index of target.name among names, or `usual` where it is ""; UsageError with the names otherwise.
int64_t find_target(const ExplainTarget& target, const std::vector<std::string>& names, std::string_view kind,
                    const std::function<int64_t()>& usual);
// target.step from 0, or `usual`; UsageError where it is not in 1 .. steps.
int64_t step_of(const ExplainTarget& target, int64_t steps, int64_t usual);
// Throws UsageError where a step was asked for: this task has one output a record.
void refuse_step(const ExplainTarget& target, std::string_view task);
[[noreturn]] void fail_empty_record(std::string_view place, std::string_view id);

// Steps of F numbers [T F] as a tensor [T, F] of the dtype.
Tensor steps_tensor(const std::vector<float>& numbers, int64_t features, DType dtype);

}  // namespace recur
