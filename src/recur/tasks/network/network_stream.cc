#include "recur/tasks/network/network_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/network/network_data.h"
#include "recur/tasks/network/network_trained.h"

namespace recur {
namespace {

// The cells of a line, between the first of these marks that it has.
std::vector<std::string> cells_of(std::string_view line) {
  constexpr std::string_view kDelimiters = ",\t;|";
  const auto* const delimiter =
      std::ranges::find_if(kDelimiters, [&](char c) { return line.find(c) != std::string_view::npos; });
  const char at_each = delimiter == kDelimiters.end() ? ' ' : *delimiter;
  std::vector<std::string> cells;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find(at_each, at), line.size());
    const std::string_view cell = trimmed(line.substr(at, end - at));
    if (at_each != ' ' || !cell.empty()) cells.emplace_back(cell);
    at = end + 1;
  }
  return cells;
}

bool is_text(const std::string& cell) { return !cell.empty() && !parse_number(cell); }

}  // namespace

NetworkSession::NetworkSession(const NetworkModel& model, const NetworkUseOptions& use)
    : model_(model), use_(use), first_(model) {}

// Channels are those that value_columns names, else all columns but the id, which have to be as many as the inputs.
void NetworkSession::begin(std::string_view line) {
  std::vector<std::string> channels = use_.series.values;
  if (channels.empty()) {
    channels = cells_of(line);
    if (std::ranges::none_of(channels, is_text)) {  // no header
      for (size_t c = 0; c < channels.size(); ++c) channels[c] = fmt::format("#{}", c + 1);
    }
    std::erase(channels, use_.series.id);
  }
  if (std::ssize(channels) != model_.input_features()) {
    fail("standard input:1: expected {} channels, got {}: {}; --value-columns names them", model_.input_features(),
         channels.size(), listed(channels));
  }
  lines_.emplace(SampleLineOptions{.channels = channels,
                                   .columns = {.id = use_.series.id},
                                   .missing = use_.series.missing,
                                   .decimal = use_.series.decimal,
                                   .thousands = use_.series.thousands});
}

NetworkSession::Series& NetworkSession::series_of(const std::string& id) {
  if (const auto found = series_.find(id); found != series_.end()) {
    order_.splice(order_.end(), order_, found->second.place);
    return found->second;
  }
  if (std::ssize(series_) >= use_.max_ids) {
    log_warning("{}: more than {} ids (max_ids): {}, idle for longest, is forgotten", lines_->place(), use_.max_ids,
                quoted_cell(order_.front()));
    series_.erase(order_.front());
    order_.pop_front();
  }
  const auto place = order_.insert(order_.end(), id);
  return series_.emplace(*place, Series{.stream = first_, .place = place}).first->second;
}

void NetworkSession::take(const Chunk& chunk, Sink& out) {
  if (!lines_) {
    std::string_view line = chunk.line;
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty()) return;
    begin(line);
  }
  const auto sample = lines_->read(chunk.line);
  if (!sample) return;
  check_input(sample->values, model_.vocabulary(), lines_->place());
  if (!begun_) {
    std::vector<std::string> names{"step"};
    if (lines_->has_ids()) names.insert(names.begin(), "id");
    std::ranges::copy(output_names(model_.output_features()), std::back_inserter(names));
    out.columns(names);
    begun_ = true;
  }
  Series& series = series_of(sample->id);
  const std::span<const float> y = series.stream.step(sample->values);
  ++series.steps;
  check_finite(y, [&] { return fmt::format("{}: step {}", lines_->place(), series.steps); });
  std::vector<TableCell> cells;
  if (lines_->has_ids()) cells.emplace_back(sample->id);
  cells.emplace_back(series.steps);
  for (const float value : y) cells.emplace_back(double{value});
  out.row(cells);
}

}  // namespace recur
