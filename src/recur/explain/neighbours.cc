#include "recur/explain/neighbours.h"

#include <algorithm>
#include <cmath>

namespace recur {

std::vector<double> end_state(std::span<const StateTrace> traces) {
  std::vector<const StateTrace*> last;
  for (const StateTrace& trace : traces) {
    if (trace.state != "h") continue;
    if (!trace.reverse) last.clear();
    last.push_back(&trace);
  }
  std::vector<double> out;
  for (const StateTrace* trace : last) {
    const int64_t step = trace->reverse ? 0 : trace->steps - 1;
    for (int64_t unit = 0; unit < trace->units; ++unit) out.push_back(trace->at(step, unit));
  }
  return out;
}

std::vector<Neighbour> nearest(std::span<const double> state, std::span<const std::vector<double>> others,
                               int64_t count) {
  std::vector<Neighbour> out;
  for (size_t k = 0; k < others.size(); ++k) {
    double squares = 0;
    for (size_t i = 0; i < state.size(); ++i) squares += (state[i] - others[k][i]) * (state[i] - others[k][i]);
    out.push_back({static_cast<int64_t>(k), std::sqrt(squares)});
  }
  std::ranges::stable_sort(out, {}, &Neighbour::distance);
  if (std::ssize(out) > count) out.resize(static_cast<size_t>(count));
  return out;
}

}  // namespace recur
