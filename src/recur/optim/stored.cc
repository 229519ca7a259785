#include "recur/optim/stored.h"

#include <algorithm>

namespace recur {

const Tensor& find_stored(const NamedTensors& state, std::string_view name) {
  for (const NamedTensor& t : state)
    if (t.name == name) return t.value;
  fail("state: '{}' is missing", name);
}

int64_t stored_integer(const NamedTensors& state, std::string_view name) {
  return *find_stored(state, name).data<int64_t>();
}

double stored_number(const NamedTensors& state, std::string_view name) {
  return *find_stored(state, name).data<double>();
}

void check_stored(std::string_view owner, const NamedTensors& state, const NamedTensors& expected) {
  for (const auto& [name, value] : expected) {
    const auto same = [&name = name](const NamedTensor& t) { return t.name == name; };
    const auto count = std::count_if(state.begin(), state.end(), same);
    if (count != 1) fail("{}: state: expected '{}' once, got it {} times", owner, name, count);
    const Tensor& given = find_stored(state, name);
    if (given.shape() != value.shape() || given.dtype() != value.dtype())
      fail("{}: state: '{}': expected {} {}, got {} {}", owner, name, name_of(value.dtype()), value.shape().str(),
           name_of(given.dtype()), given.shape().str());
  }
  if (state.size() == expected.size()) return;
  for (const auto& [name, value] : state)
    if (std::none_of(expected.begin(), expected.end(), [&name = name](const auto& t) { return t.name == name; }))
      fail("{}: state: there is no '{}'", owner, name);
}

}  // namespace recur
