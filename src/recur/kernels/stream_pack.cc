#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "recur/base/bf16.h"
#include "recur/kernels/quantize.h"
#include "recur/kernels/stream.h"

namespace recur::kernels {
namespace {

// One of the two weights of a layer in I8; empty in the other formats.
struct Quantised {
  std::vector<int8_t> values;  // [G H, inputs]
  std::vector<float> scales;   // [G H]
  std::vector<int32_t> offsets;
};

Quantised quantise(const float* weight, int64_t rows, int64_t inputs) {
  assert(inputs <= kMostI8Inputs);
  Quantised result;
  result.values.resize(static_cast<size_t>(rows * inputs));
  for (int64_t r = 0; r < rows; ++r) {
    int8_t* q = result.values.data() + r * inputs;
    result.scales.push_back(quantize_row(weight + r * inputs, inputs, q));
    int32_t sum = 0;
    for (int64_t k = 0; k < inputs; ++k) sum += q[k];
    result.offsets.push_back(128 * sum);
  }
  return result;
}

// Writes one panel after the other. `output` below is the row of a weight: gate * H + unit.
class PanelWriter {
 public:
  PanelWriter(const PanelLayout& layout, const StreamSource& source, std::byte* packed)
      : layout_(layout), source_(source), at_(packed) {
    if (layout.format != WeightFormat::kI8) return;
    input_ = quantise(source.weight_ih, layout.gates * layout.hidden, layout.input);
    recurrent_ = quantise(source.weight_hh, layout.gates * layout.hidden, layout.recurrent);
  }

  void write(int64_t panel) {
    panel_ = panel;
    put_vectors(layout_.gates, source_.bias_x);
    put_vectors(layout_.gates, source_.bias_r);
    put_vectors(layout_.unit_weights, source_.unit_weights);
    if (layout_.format == WeightFormat::kI8) {
      put_vectors(layout_.gates, input_.scales.data());
      put_vectors(layout_.gates, recurrent_.scales.data());
      put_vectors(layout_.gates, input_.offsets.data());
      put_vectors(layout_.gates, recurrent_.offsets.data());
    }
    put_weights(source_.weight_ih, input_, layout_.input);
    put_weights(source_.weight_hh, recurrent_, layout_.recurrent);
  }

 private:
  template <class T>
  void put(T value) {
    std::memcpy(at_, &value, sizeof(T));
    at_ += sizeof(T);
  }

  // Calls f(output), or f(-1) for a unit that is not there, for every lane of `rows` times the panel's units.
  template <class F>
  void for_each_lane(int64_t rows, F&& f) const {
    const int64_t first = panel_ * layout_.width * layout_.lanes;
    const int64_t end = first + layout_.width_of(panel_) * layout_.lanes;
    for (int64_t g = 0; g < rows; ++g)
      for (int64_t unit = first; unit < end; ++unit) f(unit < layout_.hidden ? g * layout_.hidden + unit : -1);
  }

  template <class T>
  void put_vectors(int64_t rows, const T* from) {
    for_each_lane(rows, [&](int64_t output) { put(output < 0 || from == nullptr ? T(0) : from[output]); });
  }

  void put_weights(const float* weight, const Quantised& quantised, int64_t inputs) {
    const int64_t together = inputs_together(layout_.format);
    for (int64_t first = 0; first < inputs; first += together)
      for_each_lane(layout_.gates, [&](int64_t output) {
        for (int64_t k = first; k < first + together; ++k)
          put_weight(weight, quantised, output < 0 || k >= inputs ? -1 : output * inputs + k);
      });
  }

  void put_weight(const float* weight, const Quantised& quantised, int64_t index) {
    if (layout_.format == WeightFormat::kI8) return put(index < 0 ? int8_t{0} : quantised.values[index]);
    const float value = index < 0 ? 0.0f : weight[index];
    if (layout_.format == WeightFormat::kF32) return put(value);
    put(bf16(value));
  }

  const PanelLayout& layout_;
  const StreamSource& source_;
  std::byte* at_;
  int64_t panel_ = 0;
  Quantised input_, recurrent_;
};

// Reads what a PanelWriter of f32 has written.
class PanelReader {
 public:
  PanelReader(const PanelLayout& layout, const std::byte* packed, const StreamTarget& target)
      : layout_(layout), target_(target), at_(packed) {}

  void read(int64_t panel) {
    take(panel, 1, target_.bias_x);
    take(panel, 1, target_.bias_r);
    at_ += layout_.unit_weights * layout_.width_of(panel) * layout_.lanes * 4;
    take(panel, layout_.input, target_.weight_ih);
    take(panel, layout_.recurrent, target_.weight_hh);
  }

 private:
  // The panel's part of an array [G H, inputs].
  void take(int64_t panel, int64_t inputs, float* to) {
    const int64_t first = panel * layout_.width * layout_.lanes;
    const int64_t end = first + layout_.width_of(panel) * layout_.lanes;
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t g = 0; g < layout_.gates; ++g)
        for (int64_t unit = first; unit < end; ++unit, at_ += 4)
          if (to != nullptr && unit < layout_.hidden)
            std::memcpy(to + (g * layout_.hidden + unit) * inputs + k, at_, sizeof(float));
  }

  const PanelLayout& layout_;
  const StreamTarget& target_;
  const std::byte* at_;
};

}  // namespace

void unpack_panels(const PanelLayout& layout, const std::byte* packed, const StreamTarget& target) {
  assert(layout.format == WeightFormat::kF32);
  PanelReader reader(layout, packed, target);
  for (int64_t panel = 0; panel < layout.panels; ++panel) reader.read(panel);
}

void pack_panels(const PanelLayout& layout, const StreamSource& source, std::byte* packed) {
  PanelWriter writer(layout, source, packed);
  for (int64_t panel = 0; panel < layout.panels; ++panel) writer.write(panel);
}

}  // namespace recur::kernels
