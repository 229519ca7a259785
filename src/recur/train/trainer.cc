#include "recur/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/io/int8_tensors.h"
#include "recur/io/tensor_views.h"
#include "recur/nn/fake_int8.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/precision.h"
#include "recur/optim/clip.h"
#include "recur/optim/early_stopping.h"
#include "recur/optim/pruning.h"
#include "recur/tensor/named_tensors.h"
#include "recur/train/budget.h"
#include "recur/train/learner.h"
#include "recur/train/loss_course.h"
#include "recur/train/meter.h"
#include "recur/train/run_log.h"

namespace recur {
namespace {

constexpr double kShareBetweenValidations = 1.0 / 20;  // of a budget in time
constexpr double kLeastTrainingPerValidation = 5;      // in a budget of time, relative to what a validation takes
constexpr double kMostValidations = 50;                // of a run with another budget, unless it is told how many

// Of a budget that nobody has set: how long validation may rest before the run goes to its end, and what that takes.
constexpr int64_t kLeastChecks = 5;
constexpr double kShareOfRest = 0.25;  // of the budget
constexpr double kShareOfEnd = 0.25;   // of what was used until then
constexpr double kTooLate = 0.85;      // share of the budget after which that would save next to nothing

EarlyStoppingOptions stopping(const BudgetOptions& budget, const Criterion& criterion) {
  const int64_t patience = budget.patience.value_or(0);
  return {.patience = patience > 0 ? patience : std::numeric_limits<int64_t>::max(),
          .maximize = criterion.higher_is_better};
}

LearningOptions with_rate(LearningOptions learning, std::optional<double> usual) {
  if (!learning.optimizer.rate) learning.optimizer.rate = usual;
  return learning;
}

void check(const TrainOptions& options, bool has_validation) {
  if (options.compression.int8_training && product_precision() != Precision::kFull)
    fail_usage("int8_training: expected precision f32, got bf16");
  if (has_validation) return;
  if (options.budget.patience.value_or(0) > 0) fail_usage("patience: early stopping needs validation data (valid)");
  if (options.rate.schedule.name == "plateau") fail_usage("schedule: plateau needs validation data (valid)");
  if (options.learning.optimizer.name == "asgd" && options.learning.average_interval > 0) {
    fail_usage(
        "average_interval: expected validation data (valid) to choose when averaging starts; 0 averages from the "
        "start");
  }
}

NamedTensors read_tensors(const StateReader& state) {
  NamedTensors tensors;
  for (const TensorView& view : state.file().tensors()) tensors.push_back({view.name, tensor_of(view)});
  return tensors;
}

void save_meter(StateWriter& state, const std::string& key, const LossMeter& meter) {
  state.reals(key, std::vector<double>{meter.sum, meter.examples, meter.highest_norm});
}

LossMeter load_meter(const StateReader& state, const std::string& key) {
  const std::vector<double> values = state.reals(key);
  if (values.size() != 3) fail("{}: expected 3 numbers, got {}", key, values.size());
  return {values[0], values[1], values[2]};
}

}  // namespace

class Trainer::Loop {
 public:
  Loop(Training& training, const TrainOptions& options, const RunFolder& folder, const Context& context)
      : training_(training),
        options_(options),
        folder_(folder),
        stop_(context.stop),
        observer_(context.observer != nullptr ? *context.observer : silent_),
        collective_(context.collective != nullptr ? *context.collective : alone_),
        writes_(collective_.shard().rank == 0),
        budget_(options.budget, training.default_epochs()),
        learner_(training.module(), with_rate(options.learning, training.default_rate()), options.rate,
                 training.criterion().higher_is_better),
        pruner_(training.module().named_parameters(), options.compression.pruning),
        stopping_(stopping(options.budget, training.criterion())) {}

  void resume();
  TrainResult run();

 private:
  // These two are decided by the first rank for all.
  bool asked_to_stop() const {
    return collective_.of_first(stop_ != nullptr && stop_->load(std::memory_order_relaxed) ? 1 : 0) != 0;
  }
  double used() const { return collective_.of_first(budget_.used(step_, training_.epoch(), watch_.seconds())); }
  void begin();
  void take_step();
  Tensors rounded_parameters() const;
  TrainingStep forward(bool trace);
  Evaluation validation() const;
  void report_pruned();
  std::string not_finite(const char* what, double value) const;
  void log_step(const TrainingStep& made, double norm);
  void report_step(const TrainingStep& made, double norm);
  bool validation_due() const;
  void validate();
  bool is_stopped_in_validation();
  Evaluation evaluate_now() const;
  void note_incomparable(double metric);
  bool rests() const;
  void go_to_the_end();
  std::string without_improvement() const;
  void save_model();
  void save_checkpoint();
  void load_best(const StateReader& state);
  void check_model() const;
  Assets model_facts(int64_t step) const;
  void load_course(const StateReader& state);
  void check_data(const StateReader& state);
  TrainResult finish(TrainEnd end);
  void warn_of_divergence() const;

  Training& training_;
  const TrainOptions options_;
  const RunFolder folder_;
  const std::atomic<bool>* stop_;
  TrainObserver silent_;
  TrainObserver& observer_;
  Collective alone_;
  Collective& collective_;
  const bool writes_;  // this rank keeps the run's folder

  Budget budget_;
  Learner learner_;
  Pruner pruner_;
  EarlyStopping stopping_;
  Stopwatch watch_;
  std::optional<RunLog> log_;

  int64_t step_ = 0;
  double used_ = 0;  // share of the budget, after the last step
  bool epoch_ended_ = false;
  bool validation_pending_ = false;  // it was due and asked to stop before its end
  LossMeter since_log_, since_validation_;
  std::optional<Evaluation> best_;
  int64_t best_step_ = 0;
  double best_factor_ = 1;
  double improved_at_ = 0, validated_used_ = 0;  // shares of the budget
  int64_t cut_step_ = 0;
  int64_t validated_step_ = -1;
  double validated_at_ = 0, validation_took_ = 0;  // seconds

  // For this sitting alone.
  bool told_incomparable_ = false;
  int64_t checkpoint_step_ = -1;
  double checkpoint_at_ = 0, logged_at_ = 0, reported_at_ = 0;
  double examples_at_log_ = 0;
  LossCourse loss_;
  FadingMean recent_speed_{0.98};
};

void Trainer::Loop::begin() {
  if (!log_ && writes_) log_.emplace(folder_);
  observer_.on_begin(training_);
  checkpoint_at_ = logged_at_ = reported_at_ = watch_.seconds();
  if (checkpoint_step_ < 0) save_checkpoint();  // so that there is always one to go on from
}

TrainResult Trainer::Loop::run() {
  begin();
  used_ = used();
  const bool is_new = step_ == 0 && validated_step_ < 0;
  validation_pending_ |= is_new && training_.has_validation() && training_.validates_first();
  if (validation_pending_ && is_stopped_in_validation()) return finish(TrainEnd::kStopped);
  while (used_ < 1) {
    if (stopping_.should_stop()) return finish(TrainEnd::kEarly);
    if (asked_to_stop()) return finish(TrainEnd::kStopped);
    take_step();
    if (validation_due() && is_stopped_in_validation()) return finish(TrainEnd::kStopped);
    if (watch_.seconds() - checkpoint_at_ >= options_.record.checkpoint_every.count()) save_checkpoint();
  }
  return finish(budget_.is_cut() ? TrainEnd::kEarly : TrainEnd::kFinished);
}

void Trainer::Loop::take_step() {
  const Progress progress{.step = step_, .epoch = static_cast<int64_t>(training_.epoch()), .share = used_};
  const int64_t every = options_.record.trace_gradients;
  const bool trace = every > 0 && step_ % every == 0;
  TrainingStep made = forward(trace);
  const std::string lost = std::isfinite(made.loss) ? "" : not_finite("loss", made.loss);  // before backward spreads it
  learner_.penalized(made.objective).backward();
  made.objective = {};
  collective_.reduce(learner_.optimizer().parameters(), made.weight);
  if (!lost.empty()) fail("{}", lost);  // the other ranks, which end too, have it in their gradients now
  pruner_.mask_gradients();
  const double norm = learner_.step(progress);
  if (!std::isfinite(norm)) fail("{}", not_finite("gradient's norm", norm));
  ++step_;
  epoch_ended_ = made.ends_epoch;
  used_ = used();
  if (pruner_.step(used_)) report_pruned();
  if (trace && writes_) log_->write_gradients(step_, training_.gradient_trace());
  log_step(made, norm);
  report_step(made, norm);
}

// The parameters as an int8 file has them, differentiably.
Tensors Trainer::Loop::rounded_parameters() const {
  Tensors rounded;
  for (const NamedTensor& each : training_.module().named_parameters())
    rounded.push_back(is_rounded_in_int8(each) ? fake_int8(each.value) : each.value);
  return rounded;
}

TrainingStep Trainer::Loop::forward(bool trace) {
  if (!options_.compression.int8_training) return training_.step(trace);
  const ReplacedParameters rounded(training_.module(), rounded_parameters());
  const Int8Training scope;
  return training_.step(trace);
}

Evaluation Trainer::Loop::validation() const {
  if (!options_.compression.int8_training) return training_.validate();
  const autograd::NoGrad no_grad;
  const ReplacedParameters rounded(training_.module(), rounded_parameters());
  training_.module().infer_in_int8();
  try {
    Evaluation result = training_.validate();
    training_.module().infer_in_int8(false);
    return result;
  } catch (...) {
    training_.module().infer_in_int8(false);
    throw;
  }
}

void Trainer::Loop::report_pruned() {
  const PruningOptions& options = options_.compression.pruning;
  observer_.on_message(fmt::format("step {}: {:.4g} % of the recurrent layers' weights are pruned, in blocks of {}",
                                   step_, 100 * options.sparsity, options.block));
}

std::string Trainer::Loop::not_finite(const char* what, double value) const {
  const std::string parameter = first_non_finite(training_.module().named_parameters());
  return fmt::format(
      "step {}: the {} is {}; {}; the last good checkpoint is {} of step {}. A lower lr or clip may help", step_ + 1,
      what, std::isnan(value) ? "NaN" : "infinite",
      parameter.empty() ? "all parameters are finite" : "first parameter not finite: " + parameter,
      folder_.checkpoint().string(), checkpoint_step_);
}

void Trainer::Loop::log_step(const TrainingStep& made, double norm) {
  since_log_.add(made.loss, made.examples, norm);
  since_validation_.add(made.loss, made.examples, norm);
  examples_at_log_ += static_cast<double>(made.examples);
  if (step_ % options_.record.log_every != 0) return;
  const double now = watch_.seconds();
  if (writes_)
    log_->write(step_, training_.epoch(), "train",
                std::vector<Metric>{{"loss", since_log_.loss()},
                                    {"gradient_norm", since_log_.highest_norm},
                                    {"rate", learner_.rate()},
                                    {"examples_per_second", examples_at_log_ / std::max(now - logged_at_, 1e-9)},
                                    {"seconds", now}});
  logged_at_ = now;
  examples_at_log_ = 0;
  since_log_ = {};
}

void Trainer::Loop::report_step(const TrainingStep& made, double norm) {
  const double now = watch_.seconds(), progress = used_;
  loss_.add(step_, made.loss);
  recent_speed_.add(static_cast<double>(made.examples), now - std::exchange(reported_at_, now));
  observer_.on_step({.step = step_,
                     .epoch = training_.epoch(),
                     .loss = loss_.recent(),
                     .rate = learner_.rate(),
                     .gradient_norm = norm,
                     .examples_per_second = recent_speed_.value(),
                     .elapsed = now,
                     .progress = progress,
                     .remaining = progress > 0 ? std::optional(now * (1 / progress - 1)) : std::nullopt});
}

bool Trainer::Loop::validation_due() const {
  if (!training_.has_validation()) return false;
  const int64_t every = options_.record.validate_every;
  if (every > 0) return step_ % every == 0;
  if (!budget_.time_alone()) return epoch_ended_ && (used_ - validated_used_) * kMostValidations >= 1 - 1e-9;
  const double gap =
      std::max(budget_.seconds() * kShareBetweenValidations, kLeastTrainingPerValidation * validation_took_);
  return collective_.of_first(watch_.seconds() - validated_at_ >= gap ? 1 : 0) != 0;
}

// A validation that is stopped leaves no trace: a resumed run makes it as a whole.
bool Trainer::Loop::is_stopped_in_validation() {
  validation_pending_ = true;
  try {
    validate();
  } catch (const Stopped&) {
    return true;
  }
  validation_pending_ = false;
  return false;
}

// Processes that train together stop between steps, together.
Evaluation Trainer::Loop::evaluate_now() const {
  const StopScope scope(collective_.shard().ranks == 1 ? stop_ : nullptr);
  try {
    return validation();
  } catch (const NotFiniteError& error) {
    const std::string parameter = first_non_finite(training_.module().named_parameters());
    fail("step {}: validation: {}; {}; the last good checkpoint is {} of step {}{}. A lower lr or clip may help", step_,
         error.what(), parameter.empty() ? "all parameters are finite" : "first parameter not finite: " + parameter,
         folder_.checkpoint().string(), checkpoint_step_,
         best_ ? fmt::format(", the best model is that of step {}", best_step_) : "");
  }
}

// Once: a run with such a metric keeps the model of its last step, as if there were no validation.
void Trainer::Loop::note_incomparable(double metric) {
  if (!std::isnan(metric) || std::exchange(told_incomparable_, true)) return;
  log_warning("validation: {} is NaN on these data, so no model is better than another; set select to another metric",
              training_.criterion().metric);
}

void Trainer::Loop::validate() {
  const double begun = watch_.seconds();
  std::optional<AverageScope> averaged(learner_.optimizer());
  pruner_.apply();
  const Evaluation result = evaluate_now();
  // Decisions follow from what the first rank measures: of statistics of its own share each may have its own.
  const double metric = collective_.of_first(result.at(training_.criterion().metric));
  note_incomparable(metric);
  const double loss = collective_.of_first(result.find("loss").value_or(metric));
  // A model that is still being pruned is not yet one of those to choose from.
  const bool best = pruner_.is_done() && stopping_.observe(metric, loss, training_.criterion().chance);
  if (best) {
    best_ = result;
    best_step_ = step_;
    best_factor_ = learner_.rate_factor();
    save_model();
  }
  averaged.reset();
  validated_step_ = step_;
  validated_used_ = used_;
  if (stopping_.without_improvement() == 0) improved_at_ = used_;
  validated_at_ = watch_.seconds();
  validation_took_ = validated_at_ - begun;
  if (writes_) log_->write(step_, training_.epoch(), "valid", result.metrics);
  observer_.on_validation({.step = step_,
                           .epoch = training_.epoch(),
                           .train_loss = step_ > 0 ? std::optional(since_validation_.loss()) : std::nullopt,
                           .evaluation = result,
                           .best = best,
                           .elapsed = validated_at_});
  since_validation_ = {};
  const std::string message = learner_.observe(metric, loss);
  if (!message.empty()) observer_.on_message(message);
  if (rests()) go_to_the_end();
  reported_at_ = watch_.seconds();
}

// Whether validation has stopped improving, and the run, whose end nobody has set, would go on for long.
bool Trainer::Loop::rests() const {
  if (options_.budget.is_set() || options_.budget.patience || budget_.is_cut() || used_ > kTooLate) return false;
  return training_.may_end_early() && stopping_.without_improvement() >= kLeastChecks &&
         used_ - improved_at_ >= kShareOfRest;
}

// A rate that is still high hides what a model has learnt, so the run is not broken off: the schedule goes to its end
// in fewer steps.
void Trainer::Loop::go_to_the_end() {
  cut_step_ = step_;
  budget_.set_cut({.from = used_, .to = std::min(used_ * (1 + kShareOfEnd), 1.0)});
  observer_.on_message(fmt::format(
      "step {}: {}; the learning rate is now brought to the end of its schedule, in {:.2g} passes over the data", step_,
      without_improvement(), training_.epoch() * kShareOfEnd));
}

std::string Trainer::Loop::without_improvement() const {
  const std::string& metric = training_.criterion().metric;
  return fmt::format(
      "{} improved for {} validations",
      metric == "loss" ? "the validation loss has not" : fmt::format("neither validation {} nor loss has", metric),
      stopping_.without_improvement());
}

void Trainer::Loop::save_model() {
  if (!writes_) return;
  const std::string parameter = first_non_finite(training_.module().named_parameters());
  if (!parameter.empty()) {
    fail("step {}: parameter {} is not finite; the last good checkpoint is {} of step {}. A lower lr or clip may help",
         step_, parameter, folder_.checkpoint().string(), checkpoint_step_);
  }
  training_.trained().save(folder_.model(), model_facts(step_));
}

Assets Trainer::Loop::model_facts(int64_t step) const {
  Assets facts{{"step", std::to_string(step)}};
  if (best_) {
    for (const Metric& each : best_->metrics) {
      if (!std::isnan(each.value)) facts["valid_" + each.name] = fmt::format("{}", each.value);
    }
  }
  return facts;
}

TrainResult Trainer::Loop::finish(TrainEnd end) {
  const bool validates = end != TrainEnd::kStopped && training_.has_validation() && validated_step_ != step_;
  if (validates && is_stopped_in_validation()) end = TrainEnd::kStopped;
  observer_.on_end();
  if (!best_) {
    const AverageScope averaged(learner_.optimizer());
    pruner_.apply();
    save_model();
  }
  save_checkpoint();
  TrainResult result{.end = end,
                     .step = step_,
                     .epoch = training_.epoch(),
                     .elapsed = watch_.seconds(),
                     .best = best_,
                     .best_step = best_step_,
                     .best_factor = best_factor_,
                     .message = {}};
  warn_of_divergence();
  if (end != TrainEnd::kStopped && best_) result.baselines = training_.baselines();
  const std::string at = fmt::format("step {}, epoch {:.4g}", step_, result.epoch);
  if (end == TrainEnd::kStopped) {
    result.message =
        fmt::format("stopped {}; to resume: recur resume {}",
                    step_ > 0 ? "at " + at : "before the first step: the model is untrained", folder_.path().string());
  } else if (budget_.is_cut()) {
    result.message =
        fmt::format("stopped early at {}: at step {} validation had long stopped improving", at, cut_step_);
  } else if (end == TrainEnd::kEarly) {
    result.message = fmt::format("stopped early at {}: {}, since step {}", at, without_improvement(), best_step_);
  } else {
    result.message = fmt::format("finished at {}: the budget of {} is used up", at,
                                 budget_.limit(step_, result.epoch, result.elapsed));
  }
  if (end != TrainEnd::kStopped && best_ && best_step_ == 0)
    result.message += "; no step was better than the model before the first one";
  return result;
}

void Trainer::Loop::warn_of_divergence() const {
  if (!loss_.diverged()) return;
  log_warning(
      "the training loss went from {:.4g}, at step {}, to {:.4g}: the run diverged{}; a lower lr or clip may help",
      loss_.lowest(), loss_.lowest_step(), loss_.recent(),
      best_ ? fmt::format(", and its model is that of step {}", best_step_) : "");
}

void Trainer::Loop::save_checkpoint() {
  checkpoint_step_ = step_;
  checkpoint_at_ = watch_.seconds();
  if (!writes_) return;
  StateWriter state;
  NamedTensors tensors;  // kept until the file is written
  append_state(tensors, "model.", training_.module().state());
  append_state(tensors, "", learner_.state());
  append_state(tensors, "pruning.", pruner_.state());
  append_state(tensors, "stopping.", stopping_.state());
  for (TensorView& view : views_of(tensors)) state.tensor(std::move(view));
  training_.save_state(state);

  state.text("run.task", training_.trained().info().name);
  state.text("run.data", training_.data_checksum());
  state.integer("run.step", step_);
  state.real("run.elapsed", watch_.seconds());
  state.integer("run.validated_step", validated_step_);
  state.integer("run.validation_pending", validation_pending_ ? 1 : 0);
  state.reals("run.validated", std::vector<double>{validated_at_, validation_took_});
  state.reals("run.shares", std::vector<double>{improved_at_, validated_used_});
  state.reals("run.cut", std::vector<double>{budget_.cut().from, budget_.cut().to});
  state.integer("run.cut_step", cut_step_);
  save_meter(state, "run.since_log", since_log_);
  save_meter(state, "run.since_validation", since_validation_);
  state.integer("best.metrics", best_ ? std::ssize(best_->metrics) : 0);
  state.integer("best.step", best_step_);
  state.real("best.factor", best_factor_);
  state.integer("best.examples", best_ ? best_->examples : 0);
  for (size_t i = 0; best_ && i < best_->metrics.size(); ++i) {
    state.text(fmt::format("best.name.{}", i), best_->metrics[i].name);
    state.real(fmt::format("best.value.{}", i), best_->metrics[i].value);
  }
  state.save(folder_.checkpoint());
}

void Trainer::Loop::load_best(const StateReader& state) {
  const int64_t count = state.integer("best.metrics");
  if (count == 0) return;
  best_.emplace();
  best_->examples = state.integer("best.examples");
  best_step_ = state.integer("best.step");
  best_factor_ = state.has("best.factor") ? state.real("best.factor") : 0;  // checkpoints of 0.1 have none
  for (int64_t i = 0; i < count; ++i) {
    best_->metrics.push_back({state.text(fmt::format("best.name.{}", i)), state.real(fmt::format("best.value.{}", i))});
  }
}

// The best model so far stays where no later one is better, so it must be this run's. A process that was killed behind
// it, before its checkpoint, leaves one of a later step, which the run will make again.
void Trainer::Loop::check_model() const {
  if (!writes_ || !best_) return;
  constexpr std::string_view kWhatNow = "it is replaced as soon as a validation is better, else it stays";
  try {
    Assets facts = read_model_facts(folder_.model());
    const std::string step = facts["step"];
    const Assets wanted = model_facts(best_step_);
    const auto is_written = [&](const auto& fact) {
      const auto found = facts.find(fact.first);
      return found != facts.end() && found->second == fact.second;
    };
    if (std::ranges::all_of(wanted, is_written)) return;
    if (const auto number = parse_json(step, 0); number && number->is_integer() && number->get<int64_t>() > step_)
      return;
    log_warning("{}: not the model that this run wrote at step {}: {}", folder_.model().string(), best_step_, kWhatNow);
  } catch (const Error& error) {
    log_warning("{}: the best model so far cannot be read: {}", folder_.model().string(), error.what());
  }
}

// A run whose budget has been set since goes on with that.
void Trainer::Loop::load_course(const StateReader& state) {
  if (!state.has("run.cut")) return;  // checkpoints of 0.1 have none
  const std::vector<double> shares = state.reals("run.shares"), cut = state.reals("run.cut");
  if (shares.size() != 2 || cut.size() != 2) fail("run.shares, run.cut: expected 2 numbers each");
  improved_at_ = shares[0], validated_used_ = shares[1];
  if (options_.budget.is_set()) return;
  budget_.set_cut({.from = cut[0], .to = cut[1]});
  cut_step_ = state.integer("run.cut_step");
}

// Before anything else of the checkpoint: with other data the model may have other sizes.
void Trainer::Loop::check_data(const StateReader& state) {
  constexpr const char* kKey = "run.data";  // checkpoints of 0.1 have none
  if (!state.has(kKey) || state.text(kKey) == training_.data_checksum()) return;
  training_.load_state(state);  // which says more where sizes differ
  fail(
      "{}: the training data have changed since the run began: expected values and labels with the checksum {}, got "
      "{}; "
      "to go on with data that have moved, name them with --data",
      folder_.checkpoint().string(), state.text(kKey), training_.data_checksum());
}

void Trainer::Loop::resume() {
  const StateReader state = StateReader::open(folder_.checkpoint());
  const std::string &own = training_.trained().info().name, task = state.text("run.task");
  if (task != own) {
    fail("{}: expected a checkpoint of the task '{}', got '{}'", folder_.checkpoint().string(), own, task);
  }
  check_data(state);
  const NamedTensors tensors = read_tensors(state);
  training_.module().load_state(state_part(tensors, "model."));
  learner_.load_state(tensors);
  pruner_.load_state(state_part(tensors, "pruning."));
  stopping_.load_state(state_part(tensors, "stopping."));
  training_.load_state(state);

  step_ = checkpoint_step_ = state.integer("run.step");
  watch_.set(state.real("run.elapsed"));
  validated_step_ = state.integer("run.validated_step");
  validation_pending_ = state.has("run.validation_pending") && state.integer("run.validation_pending") != 0;
  const std::vector<double> validated = state.reals("run.validated");
  if (validated.size() == 2) validated_at_ = validated[0], validation_took_ = validated[1];
  load_course(state);
  since_log_ = load_meter(state, "run.since_log");
  since_validation_ = load_meter(state, "run.since_validation");
  load_best(state);
  check_model();
  if (writes_) log_.emplace(folder_, step_);
}

Trainer::Trainer(Training& training, const TrainOptions& options, const RunFolder& folder, const Context& context) {
  check(options, training.has_validation());
  if (training.has_validation()) training.check_validation();
  loop_ = std::make_unique<Loop>(training, options, folder, context);
}

Trainer::~Trainer() = default;

void Trainer::resume() { loop_->resume(); }

TrainResult Trainer::run() { return loop_->run(); }

}  // namespace recur
