#include <fmt/format.h>

#include "recur/exchange/onnx/chain_values.h"
#include "recur/tensor/dtype.h"

namespace recur::onnx::chain {
namespace {

template <class T>
std::vector<int64_t> widened(const Tensor& constant) {
  const auto values = constant.values<T>();
  return {values.begin(), values.end()};
}

}  // namespace

bool are_numbers(const Tensor& constant) {
  return (constant.dtype() == DType::kI64 || constant.dtype() == DType::kI32) && constant.rank() <= 1;
}

std::vector<int64_t> numbers_in(const Tensor& constant) {
  return constant.dtype() == DType::kI64 ? widened<int64_t>(constant) : widened<int32_t>(constant);
}

const ChainValue& ChainNode::operator[](size_t k) const {
  if (!has(k)) fail_node(fmt::format("input {} is missing", k));
  return *inputs_[k];
}

const Computed& ChainNode::computed(size_t k) const {
  const auto* found = std::get_if<Computed>(&(*this)[k]);
  if (found == nullptr) fail_node(fmt::format("input {}: expected what layers compute, others are not read", k));
  return *found;
}

Tensor ChainNode::constant(size_t k) const {
  const auto* found = std::get_if<Tensor>(&(*this)[k]);
  if (found == nullptr) fail_node(fmt::format("input {}: expected constants, others are not read", k));
  if (!is_floating(found->dtype())) fail_node(fmt::format("input {}: expected real numbers", k));
  return found->dtype() == DType::kF32 ? *found : found->clone(DType::kF32);
}

std::vector<int64_t> ChainNode::numbers(size_t k) const {
  const auto* found = std::get_if<Tensor>(&(*this)[k]);
  if (found == nullptr || !are_numbers(*found))
    fail_node(fmt::format("input {}: expected constant integers, others are not read", k));
  return numbers_in(*found);
}

std::vector<int64_t> ChainNode::numbers_of(const char* attribute, size_t k, const std::vector<int64_t>& usual) const {
  if (gives(attribute)) return integers(attribute);
  return has(k) ? numbers(k) : usual;
}

}  // namespace recur::onnx::chain
