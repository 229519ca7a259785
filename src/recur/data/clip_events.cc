// Labels of frames from a table of events.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/clip_set.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/string_map.h"
#include "recur/data/tables/label_cell.h"
#include "recur/data/tables/table.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 7> kClipNames{"clip", "id", "sequence", "file", "path", "recording", "name"};
constexpr std::array<std::string_view, 5> kStartNames{"start", "first", "begin", "from", "onset"};
constexpr std::array<std::string_view, 5> kEndNames{"end", "last", "stop", "to", "offset"};
constexpr std::array<std::string_view, 6> kEventNames{"label", "class", "action", "gesture", "activity", "event"};

template <class Names>
std::optional<size_t> column_of(const TableHead& head, const Names& names) {
  const auto at = std::ranges::find_if(
      head.names, [&](const std::string& name) { return std::ranges::find(names, lower_ascii(name)) != names.end(); });
  if (at == head.names.end()) return {};
  return static_cast<size_t>(at - head.names.begin());
}

template <class Names>
size_t need_column(const TableHead& head, const Names& names, const std::string& file) {
  const auto at = column_of(head, names);
  if (!at) fail("{}: expected a column called one of {}, got {}", file, fmt::join(names, ", "), listed(head.names));
  return *at;
}

int32_t class_index(SequenceSet& set, std::string_view label) {
  const auto at = std::ranges::find(set.step_classes, label);
  if (at != set.step_classes.end()) return static_cast<int32_t>(at - set.step_classes.begin());
  set.step_classes.emplace_back(label);
  return static_cast<int32_t>(set.step_classes.size() - 1);
}

int64_t frame_of(const OpenTable& table, size_t column) {
  const auto number = parse_number(table.rows->cells()[column]);
  if (!number || *number != std::floor(*number) || std::abs(*number) > 1e15) {
    table.rows->fail_cell(table.head, column, "expected the number of a frame, got {}",
                          quoted_cell(table.rows->cells()[column]));
  }
  return static_cast<int64_t>(*number);
}

}  // namespace

void label_by_events(SequenceSet& set, const std::filesystem::path& events, const std::string& background,
                     std::vector<std::string>& warnings) {
  const std::string file = events.string();
  internal::StringMap<size_t> by_id;
  for (size_t i = 0; i < set.sequences.size(); ++i) {
    if (!by_id.emplace(set.sequences[i].id, i).second) {
      fail("{}: two clips have the id {}", file, quoted_cell(set.sequences[i].id));
    }
  }
  set.step_classes.clear();
  const int32_t none = class_index(set, background);
  for (Sequence& s : set.sequences) s.step_labels.assign(static_cast<size_t>(set.length(s)), none);
  OpenTable table = open_csv(DataFile(events), {});
  const std::optional<size_t> clip = column_of(table.head, kClipNames);
  if (!clip && set.size() > 1) need_column(table.head, kClipNames, file);
  const size_t first = need_column(table.head, kStartNames, file), last = need_column(table.head, kEndNames, file),
               label = need_column(table.head, kEventNames, file);
  int64_t without_clip = 0, outside = 0, over = 0;
  std::string example;
  while (table.rows->next()) {
    const auto cells = table.rows->cells();
    if (cells.size() != table.head.names.size()) {
      table.rows->fail_here("expected {} columns, got {}", table.head.names.size(), cells.size());
    }
    const std::string id(clip ? trimmed(cells[*clip]) : std::string_view(set.sequences.front().id));
    const auto found = by_id.find(id);
    if (found == by_id.end()) {
      if (without_clip++ == 0) example = id;
      continue;
    }
    Sequence& s = set.sequences[found->second];
    const int64_t begin = frame_of(table, first), end = frame_of(table, last), steps = std::ssize(s.step_labels);
    if (begin > end || begin < 1) table.rows->fail_here("expected frames from 1 on, got {} to {}", begin, end);
    if (end > steps) ++outside;
    const std::string name = canonical_label(trimmed(cells[label]));
    if (name.empty()) table.rows->fail_cell(table.head, label, "expected a label");
    const int32_t index = class_index(set, name);
    for (int64_t t = begin - 1; t < std::min(end, steps); ++t) {
      over += s.step_labels[static_cast<size_t>(t)] != none ? 1 : 0;
      s.step_labels[static_cast<size_t>(t)] = index;
    }
  }
  if (without_clip > 0) {
    warnings.push_back(fmt::format("{}: {} of no clip that is there, the first {}", file,
                                   counted(without_clip, "event is", "events are"), quoted_cell(example)));
  }
  if (outside > 0) {
    warnings.push_back(fmt::format("{}: {} after the clip and {} cut off", file,
                                   counted(outside, "event ends", "events end"), outside == 1 ? "is" : "are"));
  }
  if (over > 0) {
    warnings.push_back(
        fmt::format("{}: {} of several events; the later row counts", file, counted(over, "frame is", "frames are")));
  }
  set.columns.step_labels = {"event"};
  set.labels.clear();
  for (Sequence& s : set.sequences) s.labels.clear();
}

}  // namespace recur
