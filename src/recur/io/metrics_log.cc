#include "recur/io/metrics_log.h"

#include <cerrno>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/json.h"
#include "recur/base/log.h"

namespace recur {
namespace {

constexpr std::size_t kMaxLineBytes = 1 << 20;

double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

std::optional<MetricsRow> parse_row(std::string_view line) {
  if (line.size() > kMaxLineBytes) return std::nullopt;
  const std::optional<Json> object = parse_json(line, 1);
  if (!object || !object->is_object()) return std::nullopt;
  const Json* step = object->find("step");
  if (step == nullptr || !step->is_integer() || !object->contains("epoch")) return std::nullopt;
  MetricsRow row;
  row.step = step->get<std::int64_t>();
  for (const auto& [name, value] : object->items()) {
    if (!value.is_number() && !value.is_null()) return std::nullopt;
    if (name == "epoch") {
      row.epoch = number(value);
    } else if (name != "step") {
      row.metrics.push_back({name, number(value)});
    }
  }
  return row;
}

// Calls visit(row, its line) for each complete line until it returns false. Lines that are no rows are passed over,
// with a warning: what a run learns does not depend on them. Gives whether there were any.
template <class Visit>
bool for_each_row(const std::filesystem::path& path, Visit visit) {
  const MappedFile file(path);
  const std::string_view text = file.text();
  int damaged = 0, first_damaged = 0;
  std::size_t begin = 0;
  for (int line = 1;; ++line) {
    const std::size_t newline = text.find('\n', begin);
    if (newline == std::string_view::npos) break;
    const std::string_view here = text.substr(begin, newline + 1 - begin);
    begin = newline + 1;
    const std::optional<MetricsRow> row = parse_row(here.substr(0, here.size() - 1));
    if (!row && damaged++ == 0) first_damaged = line;
    if (row && !visit(*row, here)) break;
  }
  if (damaged > 0) {
    log_warning("{}:{}: {} skipped", path.string(), first_damaged,
                damaged == 1
                    ? "a line that is not a row of metrics was"
                    : fmt::format("{} lines that are not rows of metrics, of which this is the first, were", damaged));
  }
  return damaged > 0;
}

// Leaves the lines up to the first of a later step.
void cut_behind(const std::filesystem::path& path, std::int64_t step) {
  std::string kept;
  const bool damaged = for_each_row(path, [&](const MetricsRow& row, std::string_view line) {
    if (row.step > step) return false;
    kept += line;
    return true;
  });
  if (damaged) return write_file_atomic(path, kept);
  std::error_code error;
  std::filesystem::resize_file(path, kept.size(), error);
  if (error) fail("cannot truncate {}: {}", path.string(), error.message());
}

}  // namespace

MetricsLog::MetricsLog(std::filesystem::path path, std::optional<std::int64_t> resume_step) : path_(std::move(path)) {
  const bool keep = resume_step && std::filesystem::exists(path_);
  if (keep) cut_behind(path_, *resume_step);
  out_.open(path_, std::ios::binary | (keep ? std::ios::app : std::ios::trunc));
  if (!out_) fail("cannot write {}: {}", path_.string(), std::generic_category().message(errno));
}

void MetricsLog::write(std::int64_t step, double epoch, std::span<const Metric> metrics) {
  std::string line = fmt::format("{{\"step\":{},\"epoch\":{}", step, json_number(epoch));
  for (const Metric& metric : metrics) {
    line += fmt::format(",{}:{}", json_quoted(metric.name), json_number(metric.value));
  }
  out_ << line + "}\n" << std::flush;
  if (!out_) fail("cannot write {}: {}", path_.string(), std::generic_category().message(errno));
}

std::vector<MetricsRow> read_metrics(const std::filesystem::path& path) {
  std::vector<MetricsRow> rows;
  for_each_row(path, [&](const MetricsRow& row, std::string_view) {
    rows.push_back(row);
    return true;
  });
  return rows;
}

}  // namespace recur
