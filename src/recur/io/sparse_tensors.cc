#include "recur/io/sparse_tensors.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "recur/base/error.h"

namespace recur {
namespace {

using kernels::BlockShape;

constexpr std::string_view kHeader = ".sparse", kIndex = ".index", kValues = ".values", kSparseScale = ".scale";
constexpr BlockShape kStored[] = {{16, 1}, {4, 16}, {1, 1}};
constexpr int64_t kMostBlockSide = 64;
constexpr double kWorthwhile = 0.75;  // of the bytes of the whole matrix

int64_t item_size_of(std::string_view dtype) { return static_cast<int64_t>(safetensors_item_size(dtype).value_or(1)); }

// Calls f(offset in the matrix, offset in the block, elements) for each run of a block's elements that are in the
// matrix.
template <class F>
void for_each_run(int64_t rows, int64_t columns, BlockShape shape, int64_t block, F&& f) {
  const int64_t across = shape.across(columns), down = block / across;
  const int64_t first = block % across * shape.columns, count = std::min(shape.columns, columns - first);
  for (int64_t r = 0; r < shape.rows && down * shape.rows + r < rows; ++r)
    f((down * shape.rows + r) * columns + first, r * shape.columns, count);
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

// The blocks of which a bit is set.
std::vector<int32_t> kept_blocks(const TensorView& dense, BlockShape shape) {
  const int64_t rows = dense.shape[0], columns = dense.shape[1], item = item_size_of(dense.dtype);
  std::vector<int32_t> index;
  for (int64_t block = 0; block < shape.down(rows) * shape.across(columns); ++block) {
    bool kept = false;
    for_each_run(rows, columns, shape, block, [&](int64_t at, int64_t, int64_t count) {
      kept = kept || !is_zero(dense.data.subspan(static_cast<size_t>(at * item), static_cast<size_t>(count * item)));
    });
    if (kept) index.push_back(static_cast<int32_t>(block));
  }
  return index;
}

std::string_view base_name(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : std::string_view();
}

template <class T>
std::vector<T> numbers_of(const TensorView& view) {
  std::vector<T> values(view.data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), view.data.data(), values.size() * sizeof(T));
  return values;
}

const TensorView& need_part(const SafetensorsFile& file, const std::string& name, std::string_view suffix) {
  const TensorView* part = file.find(name + std::string(suffix));
  if (part == nullptr) fail("tensor \"{}{}\": \"{}{}\" is missing", name, kHeader, name, suffix);
  return *part;
}

void check_part(const TensorView& part, std::initializer_list<std::string_view> types,
                const std::vector<int64_t>& shape) {
  if (std::ranges::count(types, part.dtype) == 0 || part.shape != shape)
    fail("tensor \"{}\": expected {} of shape [{}], got {} of shape [{}]", part.name, fmt::join(types, " or "),
         fmt::join(shape, ", "), part.dtype, fmt::join(part.shape, ", "));
}

void check_index(const TensorView& index, int64_t blocks) {
  int64_t before = -1;
  for (const int32_t block : numbers_of<int32_t>(index)) {
    if (block <= before || block >= blocks)
      fail("tensor \"{}\": expected blocks below {} in ascending order, got {} after {}", index.name, blocks, block,
           before);
    before = block;
  }
}

}  // namespace

std::optional<SparseMatrix> SparseMatrix::of(const TensorView& dense) {
  if (dense.shape.size() != 2) return {};
  const int64_t rows = dense.shape[0], columns = dense.shape[1], item = item_size_of(dense.dtype);
  double least = kWorthwhile * static_cast<double>(dense.data.size());
  std::optional<SparseMatrix> best;
  for (const BlockShape shape : kStored) {
    const int64_t grid = shape.down(rows) * shape.across(columns);
    if (grid > std::numeric_limits<int32_t>::max()) continue;
    std::vector<int32_t> index = kept_blocks(dense, shape);
    const int64_t kept = std::ssize(index);
    const auto bytes = static_cast<double>(kept * (shape.size() * item + 4));
    if (bytes >= least || kept * kMostBlocksAKept < grid) continue;
    least = bytes;
    best = SparseMatrix();
    best->header_ = {rows, columns, shape.rows, shape.columns};
    best->index_ = std::move(index);
  }
  if (!best) return {};
  best->name_ = dense.name;
  best->dtype_ = dense.dtype;
  const BlockShape shape{best->header_[2], best->header_[3]};
  best->values_.resize(best->index_.size() * static_cast<size_t>(shape.size() * item));
  std::byte* to = best->values_.data();
  for (const int32_t block : best->index_) {
    for_each_run(rows, columns, shape, block, [&](int64_t at, int64_t within, int64_t count) {
      std::memcpy(to + within * item, dense.data.data() + at * item, static_cast<size_t>(count * item));
    });
    to += shape.size() * item;
  }
  return best;
}

std::vector<TensorView> SparseMatrix::views() const {
  const auto blocks = std::ssize(index_);
  return {{name_ + std::string(kHeader), "I64", {4}, std::as_bytes(std::span(header_))},
          {name_ + std::string(kIndex), "I32", {blocks}, std::as_bytes(std::span(index_))},
          {name_ + std::string(kValues), dtype_, {blocks, header_[2], header_[3]}, values_}};
}

std::vector<std::byte> SparseEntry::dense() const {
  const int64_t item = item_size_of(values->dtype);
  std::vector<std::byte> all(static_cast<size_t>(elements() * item));
  const std::byte* from = values->data.data();
  for (const int32_t block : numbers_of<int32_t>(*index)) {
    for_each_run(rows, columns, shape, block, [&](int64_t at, int64_t within, int64_t count) {
      std::memcpy(all.data() + at * item, from + within * item, static_cast<size_t>(count * item));
    });
    from += shape.size() * item;
  }
  return all;
}

std::optional<SparseEntry> sparse_entry(const SafetensorsFile& file, const TensorView& view) {
  const std::string name(base_name(view.name, kHeader));
  if (name.empty() || view.dtype != "I64") return {};
  check_part(view, {"I64"}, {4});
  const std::vector<int64_t> header = numbers_of<int64_t>(view);
  constexpr int64_t kMostSide = std::numeric_limits<int32_t>::max();
  for (const int64_t side : {header[0], header[1]})
    if (side < 1 || side > kMostSide)
      fail("tensor \"{}\": expected sides in 1 .. {}, got {}", view.name, kMostSide, side);
  for (const int64_t side : {header[2], header[3]})
    if (side < 1 || side > kMostBlockSide)
      fail("tensor \"{}\": expected sides of blocks in 1 .. {}, got {}", view.name, kMostBlockSide, side);
  SparseEntry entry{.name = name, .rows = header[0], .columns = header[1], .shape = {header[2], header[3]}};
  entry.index = &need_part(file, name, kIndex);
  entry.values = &need_part(file, name, kValues);
  const int64_t blocks = entry.index->shape.empty() ? 0 : entry.index->shape[0];
  check_part(*entry.index, {"I32"}, {blocks});
  check_part(*entry.values, {"F32", "F64", "I8"}, {blocks, entry.shape.rows, entry.shape.columns});
  const int64_t grid = entry.shape.down(entry.rows) * entry.shape.across(entry.columns);
  if (grid > kMostSide || grid / kMostBlocksAKept > blocks)
    fail("tensor \"{}\": expected at least one in {} of its {} blocks, got {}", view.name, kMostBlocksAKept, grid,
         blocks);
  check_index(*entry.index, grid);
  return entry;
}

bool is_sparse_part(const SafetensorsFile& file, const TensorView& view) {
  return std::ranges::any_of(std::array{kIndex, kValues, kSparseScale}, [&](std::string_view suffix) {
    const std::string_view name = base_name(view.name, suffix);
    const TensorView* header = name.empty() ? nullptr : file.find(std::string(name) + std::string(kHeader));
    return header != nullptr && header->dtype == "I64";
  });
}

}  // namespace recur
