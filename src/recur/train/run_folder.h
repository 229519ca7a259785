// The folder of a training run: what is in it and where.
#pragma once

#include <filesystem>

namespace recur {

class RunFolder {
 public:
  // Only names; nothing is created or read.
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  // Creates the folder when it is missing, with its parents.
  static void make(const std::filesystem::path& path);
  // A folder for a new run, made when it is missing. A folder with files, of which a lock is none, is refused
  // (UsageError) unless `force`, which removes the files of an earlier run, and nothing else.
  static RunFolder create(const std::filesystem::path& path, bool force = false);
  // Throws what create() would throw, without touching anything.
  static void check_free(const std::filesystem::path& path, bool force = false);
  // The folder of a run to resume; throws Error when it is not one.
  static RunFolder open(const std::filesystem::path& path);

  // Whether a file is called like one of a run.
  static bool holds(const std::filesystem::path& file);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.toml"; }       // every option, defaults included
  std::filesystem::path model() const { return path_ / "model.recur"; }        // best on validation; without, the last
  std::filesystem::path first_model() const { return path_ / "first.recur"; }  // that the run began from, a copy
  std::filesystem::path checkpoint() const { return path_ / "last.ckpt"; }     // to resume from
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }    // io/metrics_log.h
  std::filesystem::path gradients() const { return path_ / "gradients.jsonl"; }  // per time step, when traced

 private:
  std::filesystem::path path_;
};

}  // namespace recur
