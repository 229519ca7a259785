#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/foreign_file.h"
#include "recur/data/files/number_array.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/value_of.h"
#include "recur/data/tables/cell_text.h"

namespace recur::internal {
namespace {

constexpr std::array<std::string_view, 6> kValueNames{"x", "data", "values", "series", "inputs", "x_train"};
constexpr std::array<std::string_view, 5> kLabelNames{"y", "labels", "label", "targets", "y_train"};

// By the name declared, or one that such arrays usually have.
const NamedArray* find_array(const std::vector<NamedArray>& arrays, std::span<const std::string> declared,
                             std::span<const std::string_view> usual) {
  const auto named = [&](const NamedArray& array) {
    if (!declared.empty()) return array.name == declared[0];
    return std::ranges::find(usual, lower_ascii(array.name)) != usual.end();
  };
  const auto at = std::ranges::find_if(arrays, named);
  return at == arrays.end() ? nullptr : &*at;
}

// N, T and C of the shape.
struct Axes {
  size_t sequences = 1, steps = 1, channels = 1;
};
Axes axes_of(const std::string& file, const std::vector<int64_t>& shape, Layout layout) {
  std::vector<size_t> sizes(shape.begin(), shape.end());
  const bool one = layout == Layout::kLong;
  if (sizes.size() == 1) return {1, sizes[0], 1};
  if (sizes.size() == 2) return one ? Axes{1, sizes[0], sizes[1]} : Axes{sizes[0], sizes[1], 1};
  if (sizes.size() == 3) return {sizes[0], sizes[1], sizes[2]};
  fail("{}: an array of shape ({}); expected [sequences, steps, channels], {} or [steps]", file, fmt::join(shape, ", "),
       one ? "[steps, channels]" : "[sequences, steps]");
}

// Some steps at a time, so that a sequence may be longer than memory.
void add_sequences(SequenceSet& set, ArrayReader& array, const Axes& axes, const SequenceOptions& options) {
  constexpr size_t kMostChannels = 1 << 20, kPiece = 1 << 16;
  if (axes.channels > kMostChannels) fail("{}: {} channels are too many", set.files[0], axes.channels);
  for (size_t c = 1; c <= axes.channels; ++c) {
    const std::string name = fmt::format("#{}", c);
    set.channels.push_back({name, ChannelRole::kValue, set.columns.offset(name)});
  }
  const auto missing = missing_number(options.missing);
  const size_t most = std::max<size_t>(kPiece / axes.channels, 1);
  StepSpill spill(set, options);
  std::vector<double> piece;
  TinyValues tiny;
  size_t element = 0;
  for (size_t n = 0; n < axes.sequences; ++n) {
    Sequence& s = set.sequences.emplace_back();
    s.id = std::to_string(n + 1);
    for (size_t t = 0; t < axes.steps; t += most) {
      const size_t steps = std::min(most, axes.steps - t);
      piece.resize(steps * axes.channels);
      array.read(piece);
      if (t == 0 && steps == axes.steps) s.values.reserve(piece.size());
      if (missing) std::ranges::replace(piece, *missing, std::numeric_limits<double>::quiet_NaN());
      if (element == 0 && !options.columns.complete) choose_offsets(set, piece, options.keep_level);
      for (size_t i = 0; i < piece.size(); ++i) {
        ++element;
        if (std::abs(piece[i]) > kLargestNumber) {
          fail("{}: element {}: {}", set.files[0], element, beyond_range(piece[i]));
        }
        s.values.push_back(tiny.rounded(piece[i] - set.channels[i % axes.channels].offset, 0));
      }
      spill.added(s);
    }
  }
  spill.finish();
  tiny.note(set);
}

void add_labels(SequenceSet& set, const NamedArray& labels, const ArrayLimits& limits) {
  const NumberArray array = recur::read_array(labels.file, limits);
  if (array.values.size() != set.sequences.size() || array.shape.size() != 1) {
    fail("{}: {} has shape ({}), expected a label for each of {} sequences", set.files[0], quoted_cell(labels.name),
         fmt::join(array.shape, ", "), set.sequences.size());
  }
  // Arrays are read as doubles.
  constexpr double kLargestExact = 9007199254740992.0;  // 2^53
  for (const double value : array.values) {
    if (std::abs(value) < kLargestExact || !std::isfinite(value)) continue;
    fail("{}: {}: a label of {:g}: from 2^53 on, labels next to each other cannot be told apart; number them anew",
         set.files[0], quoted_cell(labels.name), value);
  }
  set.labels = {labels.name};
  for (size_t n = 0; n < set.sequences.size(); ++n) set.sequences[n].labels = {fmt::format("{}", array.values[n])};
}

}  // namespace

SequenceSet read_array(const DataFile& file, const SequenceOptions& options) {
  SequenceSet set;
  set.files = {file.name()};
  set.columns = options.columns;
  set.columns.complete = true;
  const ArrayLimits limits{.max_values = options.max_values, .memory_bytes = memory_bytes(options)};
  const std::string format = options.format.empty() ? array_format(file) : options.format;
  const std::vector<NamedArray> arrays =
      format == "npz" ? npz_arrays(file, limits) : std::vector<NamedArray>{{.name = "", .file = file}};
  if (arrays.empty()) {
    check_not_foreign(file);
    fail("{}: there is no array in this archive", file.name());
  }
  const NamedArray* values = arrays.size() == 1 ? &arrays[0] : find_array(arrays, options.columns.values, kValueNames);
  if (values == nullptr)
    fail("{}: which of its {} arrays has the values? value_columns names it", file.name(), arrays.size());
  if (set.columns.layout != Layout::kLong) set.columns.layout = Layout::kWide;
  ArrayReader reader(values->file, limits);
  add_sequences(set, reader, axes_of(file.name(), reader.shape(), set.columns.layout), options);
  const NamedArray* labels = find_array(arrays, options.columns.labels, kLabelNames);
  if (labels != nullptr && labels != values) {
    add_labels(set, *labels, limits);
    set.columns.values = {values->name};
    set.columns.labels = {labels->name};
  }
  return set;
}

}  // namespace recur::internal
