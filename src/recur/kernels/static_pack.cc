#include "recur/kernels/static_layout.h"

namespace recur::kernels {
namespace {

// Writes vectors of one panel after the other.
class StaticWriter {
 public:
  StaticWriter(StaticCell cell, const StreamSource& source, float* packed)
      : cell_(cell), source_(source), at_(packed) {}

  void write(const StaticPanels& panels) {
    for (int panel = 0; panel < panels.count; ++panel) write_panel(panels, panel);
  }

 private:
  // value(output) of the units of a panel, zeros where there are none; output: a row of the weights.
  template <class Value>
  void put_gate(const StaticPanels& panels, int panel, int gate, const Value& value) {
    const int begin = panels.first_vector(panel) * panels.lanes, end = begin + panels.width(panel) * panels.lanes;
    const float scale = is_static_tanh(cell_, gate) ? 1.0f : 0.5f;
    const int row = std::min(gate, static_gates(cell_) - 1) * panels.hidden;
    for (int unit = begin; unit < end; ++unit) *at_++ = unit < panels.hidden ? scale * value(row + unit) : 0.0f;
  }

  void write_panel(const StaticPanels& panels, int panel) {
    const auto [first, gates, sums] = panels.phase;
    for (int sum = 0; sum < sums; ++sum) {
      const bool of_x = sum < gates, of_h = sums == gates || sum != gates - 1;  // what the sum takes in
      put_gate(panels, panel, first + sum, [&](int output) {
        const float x = source_.bias_x != nullptr && of_x ? source_.bias_x[output] : 0.0f;
        const float h = source_.bias_r != nullptr && of_h ? source_.bias_r[output] : 0.0f;
        return x + h;
      });
    }
    write_weights(panels, panel, source_.weight_ih, panels.input);
    write_weights(panels, panel, source_.weight_hh, panels.hidden);
  }

  void write_weights(const StaticPanels& panels, int panel, const float* weight, int inputs) {
    for (int k = 0; k < inputs; ++k)
      for (int g = 0; g < panels.phase.gates; ++g)
        put_gate(panels, panel, panels.phase.first_gate + g, [&](int output) { return weight[output * inputs + k]; });
  }

  StaticCell cell_;
  const StreamSource& source_;
  float* at_;
};

}  // namespace

void pack_static(StaticCell cell, int lanes, int input, int hidden, const StreamSource& source, float* packed) {
  StaticWriter writer(cell, source, packed);
  for (int p = 0; p < static_phases(cell); ++p) writer.write({cell, p, lanes, input, hidden});
}

}  // namespace recur::kernels
