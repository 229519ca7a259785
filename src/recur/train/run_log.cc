#include "recur/train/run_log.h"

#include <cmath>
#include <fstream>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/json.h"
#include "recur/base/log.h"

namespace recur {
namespace {

constexpr int kDeepest = 3;  // an object of one array of arrays

// Keeps the rows up to `step`; one that is not whole ends the file.
void cut_after(const std::filesystem::path& path, int64_t step) {
  std::ifstream in(path);
  if (!in) return;
  std::string kept;
  for (std::string line; std::getline(in, line);) {
    const std::optional<Json> row = parse_json(line, kDeepest);
    if (!row || !row->is_object()) break;
    const Json* at = row->find("step");
    if (at == nullptr || !at->is_integer() || at->get<int64_t>() > step) break;
    kept += line + '\n';
  }
  write_file_atomic(path, kept);
}

}  // namespace

RunLog::RunLog(const RunFolder& folder, std::optional<int64_t> resume_step)
    : metrics_(folder.metrics(), resume_step), events_(folder.path(), resume_step), gradients_(folder.gradients()) {
  if (resume_step) cut_after(gradients_, *resume_step);
}

void RunLog::write(int64_t step, double epoch, const std::string& group, std::span<const Metric> metrics) {
  std::vector<Metric> row;
  for (const Metric& each : metrics) {
    row.push_back({group + '_' + each.name, each.value});
    events_.scalar(group + '/' + each.name, each.value, step);
  }
  metrics_.write(step, epoch, row);
  events_.flush();
}

void RunLog::write_gradients(int64_t step, const std::vector<std::vector<double>>& norms) {
  const Json row{{"step", step}, {"gradient_norm", norms}};
  std::ofstream out(gradients_, std::ios::app);
  out << row.dump() << '\n';
  if (!out.flush()) fail("{}: cannot write", gradients_.string());
  if (!norms.empty() || std::exchange(told_untraced_, true)) return;
  log_warning("trace_gradients: this model has no recurrent layers that can be traced, and gradients.jsonl no norms");
}

}  // namespace recur
