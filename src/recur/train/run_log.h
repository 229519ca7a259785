// The records of a run: metrics.jsonl, TensorBoard event files, gradients.jsonl.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/io/event_file.h"
#include "recur/io/metrics_log.h"
#include "recur/train/run_folder.h"

namespace recur {

class RunLog {
 public:
  // With resume_step, records of later steps are removed.
  explicit RunLog(const RunFolder& folder, std::optional<int64_t> resume_step = std::nullopt);

  // One row of metrics.jsonl, and a point of each curve "group/name": {"train_loss": 1.2} for name "loss" of "train".
  void write(int64_t step, double epoch, const std::string& group, std::span<const Metric> metrics);

  // {"step":100,"gradient_norm":[[..T..], ..layers..]}; warns once where there are none.
  void write_gradients(int64_t step, const std::vector<std::vector<double>>& norms);

 private:
  MetricsLog metrics_;
  EventFile events_;
  std::filesystem::path gradients_;
  bool told_untraced_ = false;
};

}  // namespace recur
