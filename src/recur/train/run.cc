#include "recur/train/run.h"

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/threads.h"
#include "recur/ops/precision.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// Written into the run's folder, from which a run may be resumed elsewhere than where it was started.
std::string absolute_if_there(const std::string& path) {
  std::error_code ignored;
  return !path.empty() && fs::exists(path, ignored) ? fs::absolute(path).lexically_normal().string() : path;
}

Precision product_precision_of(const RunSettings& settings) {
  return settings.precision == "bf16" ? Precision::kBf16 : Precision::kFull;
}

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
  run->config_.read_file(folder.config());
  run->folder_ = path;
  return run;
}

void Run::start_task() {
  if (settings_.task != task_->info().name) {
    fail_usage("task: expected '{}', got '{}'", task_->info().name, settings_.task);
  }
  if (settings_.data.empty()) fail_usage("data: no file or folder to train on is given");
  for (std::string& path : settings_.data) path = absolute_if_there(path);
  settings_.valid = absolute_if_there(settings_.valid);
  if (settings_.threads > 0) set_threads(settings_.threads);
  task_->start({.paths = {settings_.data.begin(), settings_.data.end()}, .valid = settings_.valid}, settings_.seed);
  if (settings_.precision == "f64") task_->model().to(DType::kF64);
}

TrainResult Run::train(const fs::path& path, bool force, const Trainer::Context& context) {
  RunFolder::check_free(path, force);
  const ProductPrecision precision(product_precision_of(settings_));
  start_task();
  Trainer trainer(*task_, options_, RunFolder(path), context);
  const std::string config = config_.to_toml();  // fails on a path that is not UTF-8, so before anything is written
  const RunFolder folder = RunFolder::create(path, force);
  write_file_atomic(folder.config(), config);
  return trainer.run();
}

TrainResult Run::resume(const Trainer::Context& context) {
  if (folder_.empty()) fail("resume: the run was not opened from a folder");
  const RunFolder folder = RunFolder::open(folder_);
  const ProductPrecision precision(product_precision_of(settings_));
  start_task();
  Trainer trainer(*task_, options_, folder, context);
  trainer.resume();
  write_file_atomic(folder.config(), config_.to_toml());
  return trainer.run();
}

}  // namespace recur
