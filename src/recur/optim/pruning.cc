#include "recur/optim/pruning.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "recur/optim/stored.h"

namespace recur {
namespace {

using kernels::BlockShape;

constexpr int64_t kLeastSize = 16;  // rows and columns of a weight that is pruned

// Parallel to pruning_blocks().
constexpr BlockShape kShapes[] = {{1, 1}, {16, 1}, {4, 16}};

BlockShape block_shape(std::string_view text) {
  const std::vector<std::string>& known = pruning_blocks();
  const auto found = std::ranges::find(known, text);
  if (found == known.end()) fail_usage("sparse_block: expected {}, got '{}'", fmt::join(known, ", "), text);
  return kShapes[found - known.begin()];
}

void check(const PruningOptions& o) {
  if (!(o.sparsity >= 0 && o.sparsity < 1)) fail_usage("sparsity: expected a share in [0, 1), got {}", o.sparsity);
  if (!(o.begin >= 0 && o.begin <= 1)) fail_usage("sparse_begin: expected a share in [0, 1], got {}", o.begin);
  if (!(o.end >= 0 && o.end <= 1)) fail_usage("sparse_end: expected a share in [0, 1], got {}", o.end);
  if (o.begin > o.end) fail_usage("sparse_begin: expected at most sparse_end, which is {}, got {}", o.end, o.begin);
}

bool is_prunable(const NamedTensor& parameter) {
  const std::string_view leaf = std::string_view(parameter.name).substr(parameter.name.rfind('.') + 1);
  const Tensor& value = parameter.value;
  return (leaf.starts_with("weight_ih") || leaf.starts_with("weight_hh")) && value.rank() == 2 &&
         value.size(0) >= kLeastSize && value.size(1) >= kLeastSize;
}

// Zeros what a mask leaves out of `values`, of the weight's shape.
template <class T>
void zero_pruned(T* values, const Tensor& weight, const Tensor& keep, BlockShape shape) {
  const int64_t rows = weight.size(0), columns = weight.size(1), across = keep.size(1);
  const uint8_t* flags = keep.data<uint8_t>();
  for (int64_t row = 0; row < rows; ++row) {
    const uint8_t* kept = flags + row / shape.rows * across;
    T* to = values + row * columns;
    if (shape.columns == 1) {
      for (int64_t k = 0; k < columns; ++k) to[k] = kept[k] != 0 ? to[k] : T(0);
      continue;
    }
    for (int64_t c = 0; c < across; ++c) {
      const int64_t begin = c * shape.columns;
      if (kept[c] == 0) std::fill(to + begin, to + std::min(begin + shape.columns, columns), T(0));
    }
  }
}

void zero_pruned(Tensor values, const Tensor& keep, BlockShape shape) {
  dispatch_float("pruning", values.dtype(),
                 [&](auto zero) { zero_pruned(values.data<decltype(zero)>(), values, keep, shape); });
}

// The mean magnitude of each block.
template <class T>
std::vector<double> block_magnitudes(const T* values, const Tensor& weight, BlockShape shape) {
  const int64_t rows = weight.size(0), columns = weight.size(1), across = shape.across(columns);
  std::vector<double> sums(static_cast<size_t>(shape.down(rows) * across)), counts(sums.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < columns; ++k) {
      const auto block = static_cast<size_t>(row / shape.rows * across + k / shape.columns);
      sums[block] += std::abs(static_cast<double>(values[row * columns + k]));
      ++counts[block];
    }
  for (size_t b = 0; b < sums.size(); ++b) sums[b] /= counts[b];
  return sums;
}

}  // namespace

const std::vector<std::string>& pruning_blocks() {
  static const std::vector<std::string> names = {"1x1", "16x1", "4x16"};
  return names;
}

Pruner::Pruner(const NamedTensors& parameters, const PruningOptions& options) : options_(options) {
  check(options);
  shape_ = block_shape(options.block);
  if (options.sparsity == 0) return;
  for (const NamedTensor& each : parameters) {
    if (!is_prunable(each)) continue;
    Tensor keep = Tensor::empty({shape_.down(each.value.size(0)), shape_.across(each.value.size(1))}, DType::kU8);
    std::fill_n(keep.data<uint8_t>(), keep.numel(), uint8_t{1});
    weights_.push_back({.name = each.name, .value = each.value, .keep = std::move(keep)});
  }
  if (weights_.empty())
    fail_usage(
        "sparsity: there is nothing to prune: expected recurrent layers with input or recurrent weights of at least {} "
        "rows and columns",
        kLeastSize);
}

void Pruner::mask_gradients() {
  for (Weight& weight : weights_)
    if (weight.pruned > 0 && weight.value.grad().defined()) zero_pruned(weight.value.grad(), weight.keep, shape_);
}

void Pruner::apply() {
  for (Weight& weight : weights_)
    if (weight.pruned > 0) zero_pruned(weight.value, weight.keep, shape_);
}

bool Pruner::step(double share) {
  if (!is_on()) return false;
  const double span = options_.end - options_.begin;
  const double t = span > 0 ? (share - options_.begin) / span : share >= options_.end ? 1 : 0;
  // The budget's last step may end a rounding error before 1.
  const auto due = static_cast<int64_t>(std::clamp(std::floor(t * kStages + 1e-9), 0.0, double{kStages}));
  const bool grows = due > stage_;
  if (grows) {
    stage_ = due;
    const double left = 1 - static_cast<double>(stage_) / kStages;
    for (Weight& weight : weights_) prune(weight, options_.sparsity * (1 - left * left * left));
  }
  apply();
  return grows && stage_ == kStages;
}

// What is pruned already is so first: its magnitude is below all others, whatever they are.
void Pruner::prune(Weight& weight, double share) const {
  const int64_t blocks = weight.keep.numel();
  const auto wanted = static_cast<int64_t>(share * static_cast<double>(blocks) + 1e-9);
  if (wanted <= weight.pruned) return;
  const std::vector<double> magnitudes = dispatch_float("pruning", weight.value.dtype(), [&](auto zero) {
    return block_magnitudes(std::as_const(weight.value).data<decltype(zero)>(), weight.value, shape_);
  });
  uint8_t* keep = weight.keep.data<uint8_t>();
  std::vector<std::pair<double, int64_t>> order;
  for (int64_t b = 0; b < blocks; ++b) order.emplace_back(keep[b] == 0 ? -1 : magnitudes[static_cast<size_t>(b)], b);
  std::nth_element(order.begin(), order.begin() + wanted, order.end());
  for (int64_t i = 0; i < wanted; ++i) keep[order[static_cast<size_t>(i)].second] = 0;
  weight.pruned = wanted;
}

NamedTensors Pruner::state() const {
  NamedTensors state;
  if (!is_on()) return state;
  state.push_back({"stage", stored(stage_)});
  for (const Weight& weight : weights_) state.push_back({"keep." + weight.name, weight.keep});
  return state;
}

void Pruner::load_state(const NamedTensors& state) {
  check_stored("pruning", state, this->state());
  if (!is_on()) return;
  stage_ = stored_integer(state, "stage");
  if (stage_ < 0 || stage_ > kStages) fail("pruning: state: stage: expected 0 .. {}, got {}", kStages, stage_);
  for (Weight& weight : weights_) {
    weight.keep.copy_from(find_stored(state, "keep." + weight.name));
    const auto flags = std::as_const(weight.keep).values<uint8_t>();
    weight.pruned = std::ranges::count(flags, uint8_t{0});
  }
}

}  // namespace recur
