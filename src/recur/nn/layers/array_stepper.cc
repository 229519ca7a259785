#include "recur/nn/layers/array_stepper.h"

#include <algorithm>

#include "recur/kernels/kernels.h"

namespace recur {
namespace {

constexpr int64_t kFloatsALine = 16;  // 64 bytes

}  // namespace

StepAffine::StepAffine(const Tensor& weight, const Tensor& bias, WeightFormat format)
    : panels_(PackedPanels::affine(weight, bias, format)) {}

int64_t StepAffine::scratch_size(int64_t rows) const {
  return kernels::round_up(kernels::stream_scratch_bytes(panels_.layout(), rows), 64) / 4;
}

StepRows StepAffine::operator()(int64_t rows, StepRows x, float* to, float* scratch) const {
  kernels::StreamStep step = panels_.step();
  step.rows = rows;
  step.x = x.at;
  step.x_stride = x.stride;
  step.h = step.next = to;  // an affine map has no h
  step.next_stride = stride();
  step.scratch = reinterpret_cast<std::byte*>(scratch);
  panels_.run(step);
  return {to, stride()};
}

StepConv::StepConv(const Tensor& weight, const Tensor& bias) : weight_(weight.clone()) {
  if (bias.defined()) bias_ = bias.clone();
}

void StepConv::operator()(float* x, float* behind, int64_t stride, float* scratch) const {
  const int64_t K = weight_.size(0), H = weight_.size(1);
  const float* const w = weight_.data<float>();
  std::copy_n(x, H, scratch);
  for (int64_t j = 0; j < H; ++j) x[j] *= w[(K - 1) * H + j];
  if (bias_.defined()) {
    const float* const bias = bias_.data<float>();
    for (int64_t j = 0; j < H; ++j) x[j] += bias[j];
  }
  for (int64_t k = 1; k < K; ++k) {
    const float *tap = w + (K - 1 - k) * H, *row = behind + (k - 1) * stride;
    for (int64_t j = 0; j < H; ++j) x[j] += row[j] * tap[j];
  }
  for (int64_t k = K - 2; k > 0; --k) std::copy_n(behind + (k - 1) * stride, H, behind + k * stride);
  if (K > 1) std::copy_n(scratch, H, behind);
}

ArrayStepper::ArrayStepper(int64_t streams, const Tensors& zeros, int64_t output_stride)
    : streams_(streams), stride_(output_stride), size_(kernels::round_up(streams * output_stride, kFloatsALine)) {
  for (const Tensor& part : zeros) {
    shapes_.push_back(part.shape());
    begin_.push_back(size_);
    size_ += kernels::round_up(streams * part.numel(), kFloatsALine);
  }
}

Tensors ArrayStepper::read(const StepState& state, int64_t first, int64_t count) const {
  Tensors parts;
  for (size_t k = 0; k < shapes_.size(); ++k) {
    Tensor part = Tensor::empty(shapes_[k].with(0, count));
    std::copy_n(state.values.data() + begin_[k] + first * part_size(k), part.numel(), part.data<float>());
    parts.push_back(std::move(part));
  }
  return parts;
}

void ArrayStepper::write(const Tensors& from, int64_t first, StepState& state) const {
  for (size_t k = 0; k < shapes_.size(); ++k)
    std::copy_n(from[k].data<float>(), from[k].numel(), part(state, k, first));
}

int64_t ArrayStepper::place(int64_t floats) {
  const int64_t at = scratch_;
  scratch_ += kernels::round_up(floats, kFloatsALine);
  return at;
}

void sigmoid_of(float* x, int64_t n) { kernels::table<float>().unary(kernels::Unary::kSigmoid, x, x, n); }
void tanh_of(float* x, int64_t n) { kernels::table<float>().unary(kernels::Unary::kTanh, x, x, n); }
void gelu_tanh_of(float* x, int64_t n) { kernels::table<float>().unary(kernels::Unary::kGeluTanh, x, x, n); }

}  // namespace recur
