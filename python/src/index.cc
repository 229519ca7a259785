#include "index.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"

namespace recur::python {
namespace {

// Takes one place of an axis, which goes away, or a run of it.
Tensor taken(const Tensor& tensor, int& axis, const nb::handle& which) {
  if (axis >= tensor.rank()) throw nb::index_error("tensor: too many indices");
  const int64_t size = tensor.size(axis);
  if (nb::isinstance<nb::slice>(which)) {
    const auto [begin, end, step, count] = nb::borrow<nb::slice>(which).compute(static_cast<size_t>(size));
    if (step != 1) throw nb::index_error("tensor: slices have a step of 1");
    const Tensor part = axis == 0 ? rows(tensor, begin, begin + static_cast<int64_t>(count))
                                  : slice(tensor, {axis, begin}, static_cast<int64_t>(count));
    ++axis;
    return part;
  }
  int64_t at = 0;
  if (PyBool_Check(which.ptr()) || !nb::try_cast(which, at))
    throw nb::type_error("tensor: an index is a whole number or a slice; gather() and embedding() take tensors");
  if (at < 0) at += size;
  if (at < 0 || at >= size) throw nb::index_error("tensor: index out of range");
  if (axis == 0) return row(tensor, at);
  return reshape(slice(tensor, {axis, at}, 1), tensor.shape().erased(axis));
}

}  // namespace

std::vector<int64_t> sizes_of(const nb::args& args) {
  const bool nested = args.size() == 1 && (nb::isinstance<nb::list>(args[0]) || nb::isinstance<nb::tuple>(args[0]));
  const nb::object all = nested ? nb::object(args[0]) : nb::object(args);
  std::vector<int64_t> sizes;
  for (const nb::handle each : all) sizes.push_back(nb::cast<int64_t>(each));
  return sizes;
}

Shape shape_for(const Tensor& tensor, std::vector<int64_t> sizes) {
  const auto open = std::ranges::find(sizes, -1);
  if (open != sizes.end()) {
    *open = 1;
    const int64_t rest = Shape(sizes).numel();
    if (rest == 0 || tensor.numel() % rest != 0)
      fail("reshape: {} elements cannot stand in rows of {}", tensor.numel(), rest);
    *open = tensor.numel() / rest;
  }
  return Shape(sizes);
}

Tensor indexed(const Tensor& tensor, const nb::object& index) {
  int axis = 0;
  if (!nb::isinstance<nb::tuple>(index)) return taken(tensor, axis, index);
  Tensor result = tensor;
  for (const nb::handle each : index) result = taken(result, axis, each);
  return result;
}

}  // namespace recur::python
