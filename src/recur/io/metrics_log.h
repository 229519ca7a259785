// metrics.jsonl: the metrics of a run, one JSON object per line, such as {"step":200,"epoch":0.5,"train_loss":2.31}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace recur {

struct Metric {
  std::string name;  // UTF-8; not "step" or "epoch"
  double value = 0;  // written as null when it is no finite number
};

struct MetricsRow {
  std::int64_t step = 0;
  double epoch = 0;
  std::vector<Metric> metrics;  // in the order of the line; null reads as NaN
};

// Appends to the file, line by line, each complete and with the system before write() returns.
class MetricsLog {
 public:
  // Without `resume_step` the file starts empty. With it, the file keeps its lines up to the first of a later step, so
  // that a resumed run repeats none, and loses a last line that a crash left unfinished. Other lines that are no rows
  // go too, with a warning that names file and line.
  explicit MetricsLog(std::filesystem::path path, std::optional<std::int64_t> resume_step = std::nullopt);

  void write(std::int64_t step, double epoch, std::span<const Metric> metrics);

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

// All rows of a file but an unfinished last one. Warns of lines that are no rows, and passes them over.
std::vector<MetricsRow> read_metrics(const std::filesystem::path& path);

}  // namespace recur
