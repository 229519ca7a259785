#include "recur/train/run_folder.h"

#include <algorithm>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/train/run_lock.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// Without the lock.
std::vector<fs::path> contents(const fs::path& folder) try {
  std::vector<fs::path> files;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().filename() != RunLock::kName) files.push_back(entry.path());
    }
  }
  return files;
} catch (const fs::filesystem_error& error) {
  fail("{}: {}", folder.string(), error.code().message());
}

// Throws when a file lies where one of the folder's parents has to be.
void check_parents(const fs::path& path) {
  std::error_code ignored;
  for (fs::path at = path.parent_path(); !at.empty(); at = at.parent_path()) {
    if (fs::is_directory(at, ignored)) return;
    if (fs::exists(at, ignored)) fail_usage("{}: expected a folder, but {} is a file", path.string(), at.string());
  }
}

}  // namespace

bool RunFolder::holds(const fs::path& file) {
  static const std::vector<std::string> names{"config.toml", "model.recur",   "first.recur",
                                              "last.ckpt",   "metrics.jsonl", "gradients.jsonl"};
  const std::string name = file.filename().string();
  return std::ranges::count(names, name) > 0 || name.starts_with("events.out.tfevents.");
}

void RunFolder::make(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("{}: {}", path.string(), error.message());
}

void RunFolder::check_free(const fs::path& path, bool force) {
  if (path.empty()) fail_usage("expected a folder for the run, got an empty name");
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_directory(path, ignored)) {
    fail_usage("{}: expected a folder for the run, got a file", path.string());
  }
  check_parents(path);
  if (force || contents(path).empty()) return;
  const bool is_run = fs::exists(path / "last.ckpt", ignored) || fs::exists(path / "model.recur", ignored);
  fail_usage("{}: {}; choose another folder, or --force to overwrite it{}", path.string(),
             is_run ? "the folder already holds a run" : "the folder is not empty",
             is_run ? fmt::format("; `recur resume {}` continues it", path.string()) : "");
}

RunFolder RunFolder::create(const fs::path& path, bool force) {
  check_free(path, force);
  make(path);
  std::error_code error;
  for (const fs::path& file : contents(path)) {
    if (holds(file) && !fs::remove(file, error)) fail("{}: {}", file.string(), error.message());
  }
  return RunFolder(path);
}

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) fail("{}: no such folder", path.string());
  RunFolder folder(path);
  for (const fs::path& file : {folder.config(), folder.checkpoint()}) {
    if (!fs::exists(file, ignored)) {
      fail("{}: expected the folder of a run, but {} is missing", path.string(), file.filename().string());
    }
  }
  return folder;
}

}  // namespace recur
