#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/number_array.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/tables/cell_text.h"

namespace recur::internal {
namespace {

constexpr std::array<std::string_view, 6> kValueNames{"x", "data", "values", "series", "inputs", "x_train"};
constexpr std::array<std::string_view, 5> kLabelNames{"y", "labels", "label", "targets", "y_train"};

// By the name declared, or one that such arrays usually have.
const NumberArray* find_array(const std::vector<NumberArray>& arrays, std::span<const std::string> declared,
                              std::span<const std::string_view> usual) {
  const auto named = [&](const NumberArray& array) {
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

void add_sequences(SequenceSet& set, const NumberArray& array, const Axes& axes) {
  for (size_t c = 1; c <= axes.channels; ++c) set.channels.push_back({fmt::format("#{}", c)});
  const size_t length = axes.steps * axes.channels;
  for (size_t n = 0; n < axes.sequences; ++n) {
    Sequence& s = set.sequences.emplace_back();
    s.id = std::to_string(n + 1);
    s.values.reserve(length);
    for (size_t i = n * length; i < (n + 1) * length; ++i) {
      const double value = array.values[i];
      if (std::abs(value) > std::numeric_limits<float>::max()) {
        fail("{}: element {} is {}, beyond the range of numbers here (3.4e38)", set.files[0], i + 1, value);
      }
      s.values.push_back(static_cast<float>(value));
    }
  }
}

void add_labels(SequenceSet& set, const NumberArray& labels) {
  if (labels.values.size() != set.sequences.size() || labels.shape.size() != 1) {
    fail("{}: '{}' has shape ({}), expected a label for each of {} sequences", set.files[0], labels.name,
         fmt::join(labels.shape, ", "), set.sequences.size());
  }
  set.labels = {labels.name};
  for (size_t n = 0; n < set.sequences.size(); ++n) set.sequences[n].labels = {fmt::format("{}", labels.values[n])};
}

}  // namespace

SequenceSet read_array(const DataFile& file, const SequenceOptions& options) {
  SequenceSet set;
  set.files = {file.name()};
  set.columns = options.columns;
  set.columns.complete = true;
  const std::string format = options.format.empty() ? array_format(file) : options.format;
  std::vector<NumberArray> arrays;
  if (format == "npz") {
    arrays = read_npz(file, options.max_values);
  } else {
    arrays.push_back(format == "idx" ? read_idx(file, options.max_values) : read_npy(file, options.max_values));
  }
  const NumberArray* values = arrays.size() == 1 ? &arrays[0] : find_array(arrays, options.columns.values, kValueNames);
  if (values == nullptr)
    fail("{}: which of its {} arrays has the values? value_columns names it", file.name(), arrays.size());
  if (set.columns.layout != Layout::kLong) set.columns.layout = Layout::kWide;
  add_sequences(set, *values, axes_of(file.name(), values->shape, set.columns.layout));
  const NumberArray* labels = find_array(arrays, options.columns.labels, kLabelNames);
  if (labels != nullptr && labels != values) {
    add_labels(set, *labels);
    set.columns.values = {values->name};
    set.columns.labels = {labels->name};
  }
  return set;
}

}  // namespace recur::internal
