// A trained model, with everything needed to use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "recur/base/config.h"
#include "recur/data/files/data_file.h"
#include "recur/nn/module.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/generation.h"
#include "recur/tasks/groups/group_thresholds.h"
#include "recur/tasks/session.h"
#include "recur/tasks/sink.h"

namespace recur {

class ExplainableData;   // explainable.h
class KeptRows;          // kept_rows.h
struct DecisionRequest;  // groups/decision.h
struct ModelDecisions;
struct GraphRequest;  // trained_graph.h
struct TaskMeasure;   // task_measures.h
struct TrainedGraph;

using DataFiles = std::vector<DataFile>;

struct TaskInfo {
  std::string name;      // "lm"
  std::string summary;   // one line for help
  std::string data;      // what its files are: "plain text: files or folders"; "": it reads none
  std::string unit;      // what is counted as an example, plural: "symbols", "sequences"
  double holds_out = 0;  // the fraction of the data that a run validates on where nothing is said; 0: none
};

// What is made of a text before it is read, to see whether a change that should not matter does.
using TextEdit = std::function<std::string(const std::string& text)>;

// The contents of a model file besides tensors and options, as text by name: vocabularies, scalers.
using Assets = std::map<std::string, std::string, std::less<>>;

class Trained;

// A model that was fitted to a few examples, and what is told of it.
struct Adapted {
  std::unique_ptr<Trained> model;
  int64_t examples = 0;
  std::vector<std::string> classes = {};  // those of the examples, where they have classes
  std::vector<double> losses = {};        // of the examples, before the first step and after each; none without steps
};

// Any number of threads may use one at once: const functions have no side effects that another thread could see.
class Trained {
 public:
  virtual ~Trained() = default;

  virtual const TaskInfo& info() const = 0;

  // --- Before it is shared ---
  // Another object with the same weights, for use with other options.
  virtual std::unique_ptr<Trained> clone() const = 0;
  // Adds the options of prediction and evaluation. They belong to this object.
  virtual void declare_use(Config&) {}
  // Adds the options of generation beside those that all tasks have (generation.h). They belong to this object.
  virtual void declare_generate(Config&) {}

  // --- Use ---
  // The metrics on test data. With `examples`, writes a row with the score of each example; for a language model a row
  // per line, each scored by itself.
  virtual Evaluation evaluate(const DataFiles& data, Sink* examples = nullptr) const = 0;
  // The task's own metrics of any examples, from the rows that evaluate() writes for them. Over all examples they are
  // what evaluate() says.
  virtual std::vector<TaskMeasure> measures(const KeptRows& examples) const;
  // Writes one row per prediction. Throws UsageError if the task cannot predict.
  virtual void predict(const DataFiles& data, Sink& out) const;
  // The same of the texts that `edit` makes of those of the data; it is called for each once, in order. Throws
  // UsageError if the task, or this model, reads none.
  virtual void predict_edited(const DataFiles& data, const TextEdit& edit, Sink& out) const;
  // Whether a report shows what predict() writes: probabilities against answers, or pictures.
  virtual bool reports_predictions() const { return false; }
  // What it decides about the examples, to compare groups of them. By default nothing: their losses and measures().
  virtual ModelDecisions decisions(const DataFiles& data, const DecisionRequest& request) const;
  // Prediction while the data are arriving; null where the task needs all of them. UsageError if this model cannot.
  virtual std::unique_ptr<Session> session() const;
  // The records of data, whose predictions can be explained. Throws UsageError if the task has no explanations.
  virtual std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const;
  // The network as a graph with open sizes, for other programs to run. Throws UsageError if the task, or this model,
  // has none, or not what is asked for.
  virtual TrainedGraph graph(const GraphRequest& request) const;
  // The model that knows these examples, too. Throws UsageError if this one has not learnt to adapt.
  virtual Adapted adapt(const DataFiles& examples) const;
  // Throws UsageError if the task cannot generate text.
  virtual void generate(const GenerateOptions& options, Sink& out) const;

  // --- What it is made of ---
  virtual Description describe() const = 0;  // {"symbols", "chars"}, {"vocabulary", 65}
  virtual const Module& module() const = 0;
  virtual Module& module() = 0;
  virtual Assets assets() const = 0;
  // From now on predict() decides by the thresholds of groups, which belong to the model. Throws UsageError if the task
  // makes no decisions.
  virtual void set_group_thresholds(const GroupThresholds& thresholds);
  virtual std::string options_toml() const = 0;

  // Writes a complete model file: parameters and buffers under PyTorch's names; task, options, assets and `facts`
  // (such as the step and metrics) as metadata. Whole or not at all. docs/formats.md describes it.
  void save(const std::filesystem::path& path, const Assets& facts = {}) const;
  // The same with matrices rounded to 8-bit integers (io/int8_tensors.h): the file loads like any other, and its model
  // computes with the integers.
  void save_int8(const std::filesystem::path& path, const Assets& facts = {}) const;

 private:
  Assets metadata(const Assets& facts) const;
};

// Opens a model file, or the one in a run's folder, ready for use. Throws Error when it is damaged, of another kind, or
// does not hold what its task needs.
std::unique_ptr<Trained> load_trained(const std::filesystem::path& path);
// The facts that save() was given.
Assets read_model_facts(const std::filesystem::path& path);
// `path`, or path/model.recur when it is a folder.
std::filesystem::path model_path(const std::filesystem::path& path);

// What a Trained of options `Options` has; `Derived` is a value whose copies share the network, which network() gives.
template <class Derived, class Options>
class TrainedOf : public Trained {
 public:
  std::unique_ptr<Trained> clone() const override { return std::make_unique<Derived>(self()); }
  void declare_use(Config& config) override { config.add(options_.use, "Evaluation"); }
  const Module& module() const override { return self().network(); }
  Module& module() override { return static_cast<Derived&>(*this).network(); }
  std::string options_toml() const override { return toml_of(options_); }

  const Options& options() const { return options_; }

 protected:
  explicit TrainedOf(Options options) : options_(std::move(options)) {}

  Options options_;

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

// The asset of this name; throws Error where the model lacks it.
const std::string& need_asset(const Assets& assets, std::string_view name);

// What `parse` makes of the asset of this name. Errors name the asset: it is damaged.
[[noreturn]] void fail_asset(std::string_view name, std::string_view what);
template <class Parse>
auto read_asset(const Assets& assets, std::string_view name, Parse&& parse) {
  const std::string& text = need_asset(assets, name);
  try {
    return parse(text);
  } catch (const Error& error) {
    fail_asset(name, error.what());
  }
}

}  // namespace recur
