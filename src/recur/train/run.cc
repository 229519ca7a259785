#include "recur/train/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/base/threads.h"
#include "recur/ops/precision.h"
#include "recur/train/first_model.h"
#include "recur/train/run_lock.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// Written into the run's folder, from which a run may be resumed elsewhere than where it was started.
std::string absolute_if_there(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) ? absolute_path(path) : path;
}

constexpr std::string_view kNoValidation = "none";  // as the option `valid`

// The fraction that `valid` says, or nothing where it is no number.
std::optional<double> held_out_fraction(const std::string& valid) {
  double value = 0;
  const char* end = valid.data() + valid.size();
  const auto [rest, error] = std::from_chars(valid.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  if (!(value > 0 && value < 1)) fail_usage("valid: expected a file, or a fraction between 0 and 1, got {}", value);
  return value;
}

Precision product_precision_of(const RunSettings& settings) {
  return settings.precision == "bf16" ? Precision::kBf16 : Precision::kFull;
}

Shard shard_of(const Trainer::Context& context) {
  return context.collective != nullptr ? context.collective->shard() : Shard{};
}

TimedEvaluation timed_validation(Training& training) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  Evaluation evaluation = training.validate();
  return {std::move(evaluation), std::chrono::duration<double>(Clock::now() - begin).count()};
}

// The first line of a run's configuration, which names the options that were given.
constexpr std::string_view kGiven = "# Given: ";
constexpr size_t kMostConfigBytes = size_t{64} << 20;  // a list of data can have many files

std::vector<std::string> words_between_commas(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(", "), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

void keep_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::copy_file(from, to, error))
    fail("{}: cannot copy it to {}: {}", from.string(), to.string(), error.message());
}

// Options that have no effect beside another one's value.
void say_what_is_unread(const Config& config, const std::optional<std::vector<std::string>>& given) {
  const ConfigField* init = config.find("init");
  if (init == nullptr || init->value_text() == "chrono") return;
  if (!given || std::ranges::find(*given, "chrono_steps") == given->end()) return;
  log_warning("chrono_steps: has no effect without init = chrono, got init = {}", init->value_text());
}

// Nothing is logged while it lives.
class Silence {
 public:
  Silence() : before_(set_log_sink({})) {}
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { set_log_sink(std::move(before_)); }

 private:
  LogSink before_;
};

// The folder of a refit, in that of its run, and the fact of its model.
constexpr const char* kRefit = "refit";
constexpr const char* kRefitSteps = "refit_steps";

// 0 of a model that was not refit.
int64_t refit_steps_of(const Assets& facts) {
  const auto at = facts.find(kRefitSteps);
  int64_t steps = 0;
  if (at != facts.end()) std::from_chars(at->second.data(), at->second.data() + at->second.size(), steps);
  return steps;
}

void add_refit(TrainResult& chosen, int64_t steps) {
  chosen.refit_steps = steps;
  chosen.message +=
      fmt::format("; refit in {} steps with the held-out part, so that only new data measure the model", steps);
}

// What a refit that was killed left behind, and no other files.
void remove_refit(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return;
  RunFolder::create(path, true);
  fs::remove(path, ignored);
}

void warn_of_what_it_has_seen(const std::string& name, const Assets& facts) {
  if (!facts.contains(kRefitSteps)) return;
  log_warning(
      "{}: this model has learnt from what was held out in its training as well (refit): validation on the same "
      "data says too much of it",
      name);
}

// Of several ranks the first alone.
bool writes_folder(const Trainer::Context& context) { return shard_of(context).rank == 0; }

}  // namespace

Run::Run(std::string_view task) : task_(make_task(task)) {
  settings_.task = task;
  config_.add(settings_, "Run");
  task_->declare(config_);
  config_.add(options_);
}

std::unique_ptr<Run> Run::open(const fs::path& path) {
  const RunFolder folder = RunFolder::open(path);
  const std::string task = StateReader::open(folder.checkpoint()).text("run.task");
  auto run = std::make_unique<Run>(task);
  const std::string config = read_file(folder.config(), kMostConfigBytes);
  run->config_.parse_toml(config, folder.config().string());
  if (config.starts_with(kGiven)) {
    run->given_ =
        words_between_commas(std::string_view(config).substr(kGiven.size(), config.find('\n') - kGiven.size()));
    for (const ConfigField& field : run->config_.fields()) run->opened_.push_back(field.value_text());
  }
  run->folder_ = path;
  return run;
}

void Run::take_data(DataFiles files, DataFiles valid) {
  files_ = std::move(files);
  valid_ = std::move(valid);
}

TrainingData Run::data() const {
  TrainingData data{.files = files_, .valid = valid_};
  if (data.files.empty()) data.files = {settings_.data.begin(), settings_.data.end()};
  if (!data.valid.empty() || settings_.valid == kNoValidation) return data;
  data.held_out = held_out_fraction(settings_.valid);
  data.may_hold_none = is_default_hold_out();
  if (!data.held_out && !settings_.valid.empty()) data.valid = {DataFile(settings_.valid)};
  return data;
}

// Of a new run the options that differ from their defaults; of one that goes on those that have changed, too.
void Run::keep_given() {
  if (folder_.empty()) given_.emplace();
  if (!given_) return;
  for (size_t i = 0; i < config_.fields().size(); ++i) {
    const ConfigField& field = config_.fields()[i];
    const bool is_new =
        opened_.empty() ? field.given && field.value_text() != field.default_text() : field.value_text() != opened_[i];
    if (is_new && std::ranges::find(*given_, field.key) == given_->end()) given_->push_back(field.key);
  }
}

// Whether a fraction is held out that nobody has asked for.
bool Run::is_default_hold_out() const {
  return held_out_fraction(settings_.valid) && given_ && std::ranges::count(*given_, "valid") == 0;
}

// That of the task where nobody says what to validate on. It stands in the run's options, so that a resumed run does
// the same.
void Run::choose_validation() {
  if (settings_.valid.empty() && valid_.empty() && task_->info().holds_out > 0)
    settings_.valid = fmt::format("{}", task_->info().holds_out);
}

void Run::say_what_validation_lacks() const {
  for (const char* key : {"select", "patience"}) {
    if (!given_ || std::ranges::find(*given_, key) == given_->end()) continue;
    log_warning("{}: there are no validation data (valid), so that it has no effect: the last model is kept", key);
  }
}

std::string Run::config_text() const {
  if (!given_) return config_.to_toml();
  return fmt::format("{}{}\n\n{}", kGiven, fmt::join(*given_, ", "), config_.to_toml());
}

std::unique_ptr<Training> Run::start(const TrainingData& data, const Trainer::Context& context, const Trained* first) {
  if (settings_.task != task_->info().name) {
    fail_usage("task: expected '{}', got '{}'", task_->info().name, settings_.task);
  }
  const bool reads = !task_->info().data.empty();
  if (settings_.data.empty() && files_.empty() && reads)
    fail_usage("data: expected files or folders to train on, got none");
  if (!settings_.data.empty() && !reads) {
    fail_usage("data: the task '{}' reads no files, got {}", task_->info().name, settings_.data[0]);
  }
  for (std::string& path : settings_.data) path = absolute_if_there(path);
  if (settings_.valid != kNoValidation) settings_.valid = absolute_if_there(settings_.valid);
  if (settings_.threads > 0) set_threads(settings_.threads);
  auto training = task_->train(data, {.seed = settings_.seed, .shard = shard_of(context), .first = first});
  if (settings_.precision == "f64") training->module().to(DType::kF64);
  return training;
}

void Run::take_weights(const Trained& first, Training& training) const {
  try {
    training.module().load_state(first.module().state());
  } catch (const Error& error) {
    fail(
        "{}: expected options and data that make a network of the same shape as this model, which training begins "
        "from; {}",
        settings_.from_model, error.what());
  }
}

// Data and first model must not be files that a new run in this folder replaces.
void Run::check_apart(const fs::path& folder) const {
  std::vector<std::string> paths = settings_.data;
  paths.push_back(settings_.valid);
  if (!settings_.from_model.empty()) paths.push_back(model_path(settings_.from_model).string());
  for (const fs::path path : paths) {
    std::error_code ignored;
    const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (RunFolder::holds(path) && fs::equivalent(parent, folder, ignored))
      fail_usage("{}: expected data and a first model outside of the run's own files, got {}", folder.string(),
                 path.string());
  }
}

bool Run::refits(const Training& training) const {
  const bool asked = given_ && std::ranges::count(*given_, "refit") > 0;
  if (!training.refits() || (options_.budget.is_set() && !asked)) return false;
  const char* obstacle = nullptr;
  if (!held_out_fraction(settings_.valid)) obstacle = "no fraction of the data is held out (valid)";
  if (!settings_.from_model.empty()) obstacle = "training begins from a model";
  if (options_.learning.optimizer.name == "asgd") obstacle = "validation says where asgd begins to average";
  if (obstacle != nullptr && asked) log_warning("refit: has no effect, as {}", obstacle);
  return obstacle == nullptr;
}

// The learning rate falls to that of the chosen model's step, whatever the budget was.
TrainOptions Run::refit_options(const TrainResult& chosen) const {
  TrainOptions options = options_;
  options.budget = {.epochs = {}, .steps = chosen.best_step, .time = {}, .patience = {}};
  ScheduleOptions& schedule = options.rate.schedule;
  if (schedule.name == "plateau") schedule.name = "linear";  // there is nothing to validate on
  schedule.floor = std::min(chosen.best_factor, 1.0);
  return options;
}

void Run::refit(TrainResult& chosen, const RunFolder& folder, const Trainer::Context& context) {
  if (chosen.end == TrainEnd::kStopped || !chosen.best || chosen.best_step == 0) return;
  const bool writes = writes_folder(context);
  Assets facts = writes ? read_model_facts(folder.model()) : Assets{};
  const double known = static_cast<double>(refit_steps_of(facts));
  const double done = context.collective != nullptr ? context.collective->of_first(known) : known;
  if (done > 0) {  // a run that had ended is resumed
    add_refit(chosen, static_cast<int64_t>(done));
    return;
  }
  if (context.observer != nullptr) {
    context.observer->on_message(fmt::format(
        "refit: {} steps from new weights, as many as the chosen model had, now on the held-out part as well",
        chosen.best_step));
  }
  TrainingData everything = data();
  everything.held_out.reset();
  const std::unique_ptr<Training> training = [&] {
    const Silence all_was_said;
    return start(everything, context, nullptr);
  }();
  const RunFolder own(folder.path() / kRefit);
  if (writes) RunFolder::create(own.path(), true);
  try {
    const TrainResult result = Trainer(*training, refit_options(chosen), own, context).run();
    chosen.elapsed += result.elapsed;
    if (result.end == TrainEnd::kStopped) {
      chosen.end = TrainEnd::kStopped;
      chosen.message = fmt::format("stopped in the refit, and the model is that before it; to resume: recur resume {}",
                                   folder.path().string());
    } else {
      add_refit(chosen, result.step);
      facts[kRefitSteps] = std::to_string(result.step);
      if (writes) {
        training->take_choices(*load_trained(folder.model()));
        training->trained().save(folder.model(), facts);
      }
    }
  } catch (const Error& error) {
    log_warning("refit: {}; the model is that before it", error.what());
  }
  if (writes) remove_refit(own.path());
}

TrainResult Run::train(const fs::path& path, bool force, const Trainer::Context& context) {
  const bool writes = writes_folder(context);
  if (writes) {
    RunFolder::check_free(path, force);
    RunLock::check_free(path);
    check_apart(path);
  }
  keep_given();
  choose_validation();
  const ProductPrecision precision(product_precision_of(settings_));
  std::unique_ptr<Trained> first;
  if (!settings_.from_model.empty()) {
    settings_.from_model = absolute_path(settings_.from_model);
    first = load_first_model(settings_.from_model, settings_.task);
    take_options(config_, *first, settings_.from_model);
    if (held_out_fraction(settings_.valid))
      warn_of_what_it_has_seen(settings_.from_model, read_model_facts(settings_.from_model));
  }
  say_what_is_unread(config_, given_);
  const std::unique_ptr<Training> training = start(data(), context, first.get());
  if (first) {
    take_weights(*first, *training);
    log_info("the run begins from the model {}: {} parameters", settings_.from_model,
             training->module().parameter_count());
    if (compares_ && training->has_validation()) before_ = timed_validation(*training);
  }
  if (!training->has_validation()) {
    if (is_default_hold_out()) settings_.valid.clear();  // there was too little to hold out
    say_what_validation_lacks();
  }
  const bool goes_on = refits(*training);
  Trainer trainer(*training, options_, RunFolder(path), context);
  const std::string config = config_text();  // fails on a path that is not UTF-8, so before anything is written
  std::optional<RunLock> lock;
  if (writes) {
    RunFolder::make(path);
    lock.emplace(path);
    const RunFolder folder = RunFolder::create(path, force);
    remove_refit(path / kRefit);
    if (first) keep_copy(model_path(settings_.from_model), folder.first_model());
    write_file_atomic(folder.config(), config);
  }
  TrainResult result = trainer.run();
  if (before_ && writes && result.end != TrainEnd::kStopped) {
    training->module().load_state(load_trained(path)->module().state());
    after_ = timed_validation(*training);
  }
  if (goes_on) refit(result, RunFolder(path), context);
  return result;
}

TrainResult Run::resume(const Trainer::Context& context) {
  if (folder_.empty()) fail("resume: the run was not opened from a folder");
  keep_given();
  const RunFolder folder = RunFolder::open(folder_);
  std::optional<RunLock> lock;
  if (writes_folder(context)) {
    lock.emplace(folder_);
    remove_refit(folder_ / kRefit);
  }
  const ProductPrecision precision(product_precision_of(settings_));
  std::unique_ptr<Trained> first;
  if (!settings_.from_model.empty()) first = load_first_model(folder.first_model(), settings_.task);
  const std::unique_ptr<Training> training = start(data(), context, first.get());
  Trainer trainer(*training, options_, folder, context);
  trainer.resume();
  if (writes_folder(context)) write_file_atomic(folder.config(), config_text());
  TrainResult result = trainer.run();
  if (refits(*training)) refit(result, folder, context);
  return result;
}

}  // namespace recur
