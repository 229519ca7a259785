#include "recur/tasks/denoise/series_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/npy_element.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/tasks/output_places.h"

namespace recur {
namespace {

// The shortest decimal number that is this value, as a double.
double shortest(float value) {
  const std::string text = fmt::format("{}", value);
  double out = static_cast<double>(value);
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// A name that a later reader does not take for the number of a column.
std::string channel_name(const std::string& name) { return name.starts_with('#') ? "channel" + name.substr(1) : name; }

}  // namespace

SeriesWriter::SeriesWriter(const SequenceSet& set, const DataFiles& files, const std::string& arrays, Sink& out)
    : set_(set), out_(out), has_ids_(!set.columns.id.empty() || set.size() > 1), wide_(false) {
  for (const Sequence& sequence : set.sequences) longest_ = std::max(longest_, set.length(sequence));
  const std::string format = sequence_format(files.front());
  wide_ = set.columns.layout == Layout::kWide && (format == "csv" || format == "tsv") && set.width() == 1;
  if (arrays.empty()) {
    if (format == "npy" || format == "idx")
      log_info("the cleaned series are written as rows; set arrays to a folder for arrays");
  } else {
    OutputPlaces places("arrays", arrays);
    for (const DataFile& file : files) {
      const std::string kind = sequence_format(file);
      if (kind != "npy" && kind != "idx") fail_usage("arrays: expected .npy or IDX files, {} is {}", file.name(), kind);
      places.add(npy_name(file.name()), file.name());
    }
    places.check_sources();
    for (size_t i = 0; i < files.size(); ++i) {
      const ArrayReader reader(files[i]);
      const ArrayElement element = written_element(reader.element_type());
      arrays_.push_back({.place = places[i].string(),
                         .bytes = npy_header(reader.shape(), element),
                         .element = element,
                         .left = reader.size()});
    }
  }
  out_.columns(names());
}

std::vector<std::string> SeriesWriter::names() const {
  std::vector<std::string> names;
  const std::string& id = set_.columns.id;
  if (has_ids_) names.push_back(id.empty() || id.find(',') != std::string::npos || id[0] == '#' ? "id" : id);
  names.insert(names.end(), set_.labels.begin(), set_.labels.end());
  names.insert(names.end(), set_.statics.begin(), set_.statics.end());
  if (wide_) {
    for (int64_t t = 1; t <= longest_; ++t) names.push_back(fmt::format("t{}", t));
    return names;
  }
  const std::string& time = set_.columns.time;
  if (set_.time_kind != TimeKind::kNone) names.push_back(time.empty() || time[0] == '#' ? "time" : time);
  if (!set_.step_classes.empty())
    names.push_back(set_.columns.step_labels.empty() ? "label" : set_.columns.step_labels[0]);
  for (const Channel& channel : set_.channels) names.push_back(channel_name(channel.name));
  return names;
}

std::vector<TableCell> SeriesWriter::beginning_of(const Sequence& sequence) const {
  std::vector<TableCell> cells;
  if (has_ids_) cells.emplace_back(sequence.id);
  for (size_t k = 0; k < set_.labels.size(); ++k)
    cells.emplace_back(k < sequence.labels.size() ? sequence.labels[k] : "");
  for (size_t k = 0; k < set_.statics.size(); ++k)
    cells.emplace_back(k < sequence.statics.size() ? sequence.statics[k] : "");
  return cells;
}

double SeriesWriter::value(float kept, size_t channel) const {
  const double offset = set_.channels[channel].offset;
  return offset == 0 ? shortest(kept) : static_cast<double>(kept) + offset;
}

void SeriesWriter::write(const std::vector<float>& values) {
  const Sequence& sequence = set_.sequences[static_cast<size_t>(next_++)];
  if (wide_) {
    write_wide(sequence, values);
  } else {
    write_steps(sequence, values);
  }
  if (!arrays_.empty()) add_to_array(sequence, values);
}

void SeriesWriter::write_wide(const Sequence& sequence, const std::vector<float>& values) {
  std::vector<TableCell> cells = beginning_of(sequence);
  for (int64_t t = 0; t < longest_; ++t) {
    const bool there = t < std::ssize(values);
    cells.emplace_back(there ? value(values[static_cast<size_t>(t)], 0) : std::numeric_limits<double>::quiet_NaN());
  }
  out_.row(cells);
}

void SeriesWriter::write_steps(const Sequence& sequence, const std::vector<float>& values) {
  const Loaded<Sequence> loaded = set_.load(sequence);
  const std::vector<TableCell> beginning = beginning_of(sequence);
  const size_t width = set_.channels.size(), steps = values.size() / width;
  for (size_t t = 0; t < steps; ++t) {
    std::vector<TableCell> cells = beginning;
    if (set_.time_kind == TimeKind::kDate) cells.emplace_back(date_text(loaded->times[t], set_.time_zone));
    if (set_.time_kind != TimeKind::kNone && set_.time_kind != TimeKind::kDate) cells.emplace_back(loaded->times[t]);
    if (!set_.step_classes.empty()) {
      const int32_t label = loaded->step_labels.empty() ? -1 : loaded->step_labels[t];
      cells.emplace_back(label < 0 ? "" : set_.step_classes[static_cast<size_t>(label)]);
    }
    for (size_t c = 0; c < width; ++c) cells.emplace_back(value(values[t * width + c], c));
    out_.row(cells);
  }
}

void SeriesWriter::add_to_array(const Sequence& sequence, const std::vector<float>& values) {
  Array& array = arrays_[static_cast<size_t>(sequence.place.file)];
  for (size_t i = 0; i < values.size(); ++i) {
    append_element(array.bytes, value(values[i], i % set_.channels.size()), array.element);
  }
  array.left -= std::ssize(values);
  if (array.left > 0) return;
  out_.picture({.name = array.place, .bytes = std::move(array.bytes)});
  array.bytes.clear();
}

}  // namespace recur
