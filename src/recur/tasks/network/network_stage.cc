#include "recur/tasks/network/network_stage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "recur/base/error.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/norm.h"
#include "recur/nn/pooling.h"
#include "recur/nn/stream.h"
#include "recur/nn/stream_layer.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv.h"
#include "recur/ops/embedding.h"
#include "recur/ops/flip.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// A stepper of type T, which is a value.
template <class T>
class Copied : public StageStepper {
 public:
  std::unique_ptr<StageStepper> clone() const override { return std::make_unique<T>(static_cast<const T&>(*this)); }
};

// --- recurrent layers ---

RecurrentOptions recurrent_options(const StackLayer& layer, int64_t input) {
  return {.cell = layer.kind,
          .input = input,
          .hidden = layer.size,
          .layers = static_cast<int>(layer.layers),
          .bidirectional = layer.bidirectional,
          .bias = layer.bias,
          .projection = layer.projection};
}

class RecurrentStepper : public Copied<RecurrentStepper> {
 public:
  explicit RecurrentStepper(Stream stream) : stream_(std::move(stream)) {}
  void step(std::span<const float> x, std::span<float> y) override { stream_.step(x, y); }
  void reset() override { stream_.reset(); }

 private:
  Stream stream_;
};

class RecurrentStage : public NetworkStage {
 public:
  RecurrentStage(const StackLayer& layer, int64_t input, Random& random)
      : layers_(recurrent_options(layer, input), random) {}

  const Module* parameters() const override { return &layers_; }
  bool is_causal() const override { return !layers_.options().bidirectional; }
  Tensor run(const Tensor& x, StageState& state) const override {
    RecurrentOutput out = layers_(x, {.state = std::move(state.recurrent), .mode = Mode::evaluation()});
    state.recurrent = std::move(out.state);
    return out.y;
  }
  std::unique_ptr<StageStepper> stepper() const override {
    return std::make_unique<RecurrentStepper>(layers_.stream());
  }

 private:
  Recurrent layers_;
};

// --- dense layers, embeddings, norms, scales ---

// y = W x + b of one step, of W [O, F] and b [O] or undefined, packed once; copies share the weights.
class AffineStep {
 public:
  AffineStep(const Tensor& weight, const Tensor& bias)
      : panels_(PackedPanels::affine(weight, bias, WeightFormat::kF32)),
        scratch_(static_cast<size_t>(kernels::stream_scratch_bytes(panels_.layout(), 1) / 4 + 16)),
        y_(static_cast<size_t>(panels_.layout().padded_hidden())) {}

  void run(const float* x, std::span<float> y) {
    kernels::StreamStep step = panels_.step();
    step.x = x;
    step.h = step.next = y_.data();
    step.scratch = reinterpret_cast<std::byte*>(scratch_.data());
    panels_.run(step);
    std::copy_n(y_.begin(), y.size(), y.begin());
  }

 private:
  PackedPanels panels_;
  std::vector<float> scratch_, y_;
};

class DenseStage : public NetworkStage {
 public:
  DenseStage(const StackLayer& layer, int64_t input, Random& random)
      : linear_({.in = input, .out = layer.size, .bias = layer.bias}, random) {}

  const Module* parameters() const override { return &linear_; }
  Tensor run(const Tensor& x, StageState&) const override { return linear_(x); }
  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(linear_); }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    explicit Stepper(const Linear& linear) : affine_(linear.weight.get(), linear.bias.get()) {}
    void step(std::span<const float> x, std::span<float> y) override { affine_.run(x.data(), y); }

   private:
    AffineStep affine_;
  };

  Linear linear_;
};

class EmbeddingStage : public NetworkStage {
 public:
  EmbeddingStage(const StackLayer& layer, Random& random)
      : table_({.vocabulary = layer.vocabulary, .features = layer.size}, random) {}

  const Module* parameters() const override { return &table_; }
  Tensor run(const Tensor& x, StageState&) const override {
    return table_(cast(reshape(x, {x.size(0), x.size(1)}), DType::kI32));
  }
  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(table_.weight.get()); }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    explicit Stepper(Tensor table) : table_(std::move(table)) {}
    void step(std::span<const float> x, std::span<float> y) override {
      const auto symbol = static_cast<int64_t>(x[0]);
      if (!(x[0] >= 0) || symbol >= table_.size(0)) {
        fail("embedding: expected the number of a symbol in [0, {}], got {}", table_.size(0) - 1, x[0]);
      }
      std::copy_n(table_.data<float>() + symbol * table_.size(1), y.size(), y.begin());
    }

   private:
    Tensor table_;
  };

  Embedding table_;
};

class NormStage : public NetworkStage {
 public:
  NormStage(const StackLayer& layer, int64_t input)
      : norm_({.features = input, .epsilon = layer.epsilon}), epsilon_(layer.epsilon) {}

  const Module* parameters() const override { return &norm_; }
  Tensor run(const Tensor& x, StageState&) const override { return norm_(x); }
  std::unique_ptr<StageStepper> stepper() const override {
    return std::make_unique<Stepper>(norm_.weight.get(), norm_.bias.get(), epsilon_);
  }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    Stepper(Tensor weight, Tensor bias, double epsilon)
        : weight_(std::move(weight)), bias_(std::move(bias)), epsilon_(epsilon) {}
    void step(std::span<const float> x, std::span<float> y) override {
      const auto n = static_cast<double>(x.size());
      const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
      double squares = 0;
      for (const float v : x) squares += (v - mean) * (v - mean);
      const double factor = 1 / std::sqrt(squares / n + epsilon_);
      for (size_t i = 0; i < x.size(); ++i) {
        y[i] = static_cast<float>((x[i] - mean) * factor) * weight_.data<float>()[i] + bias_.data<float>()[i];
      }
    }

   private:
    Tensor weight_, bias_;
    double epsilon_;
  };

  LayerNorm norm_;
  double epsilon_;
};

// x weight + bias of each feature.
class Scale : public Module {
 public:
  explicit Scale(int64_t features) : weight(Tensor::ones({features})), bias(Tensor::zeros({features})) {
    register_parameter("weight", weight);
    register_parameter("bias", bias);
  }
  Parameter weight, bias;  // [F]
};

class ScaleStage : public NetworkStage {
 public:
  explicit ScaleStage(int64_t input) : scale_(input) {}

  const Module* parameters() const override { return &scale_; }
  Tensor run(const Tensor& x, StageState&) const override { return x * scale_.weight.get() + scale_.bias.get(); }
  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(scale_); }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    explicit Stepper(const Scale& scale) : weight_(scale.weight.get()), bias_(scale.bias.get()) {}
    void step(std::span<const float> x, std::span<float> y) override {
      for (size_t i = 0; i < x.size(); ++i) y[i] = x[i] * weight_.data<float>()[i] + bias_.data<float>()[i];
    }

   private:
    Tensor weight_, bias_;
  };

  Scale scale_;
};

// --- convolutions ---

class TimeKernel : public Module {
 public:
  TimeKernel(const StackLayer& layer, int64_t input) : weight(Tensor::zeros({layer.size, input, layer.kernel})) {
    register_parameter("weight", weight);
    if (layer.bias) bias = Tensor::zeros({layer.size});
    register_parameter("bias", bias);
  }
  Parameter weight;  // [O, C, K], as PyTorch's Conv1d
  Parameter bias;    // [O], or undefined
};

// Causal where as many zeros stand before the first step as the kernel reaches back, and each step has an output.
class ConvStage : public NetworkStage {
 public:
  ConvStage(const StackLayer& layer, int64_t input) : layer_(layer), input_(input), kernel_(layer, input) {}

  const Module* parameters() const override { return &kernel_; }
  bool is_causal() const override { return layer_.stride == 1 && layer_.after == 0 && layer_.before == reach(); }

  Tensor run(const Tensor& x, StageState& state) const override {
    const int64_t batch = x.size(1);
    const auto zeros = [&](int64_t steps) { return filled({steps, batch, input_}, 0, x.dtype()); };
    Tensors parts{x};
    if (state.before.defined() || layer_.before > 0)
      parts.insert(parts.begin(), state.before.defined() ? state.before : zeros(layer_.before));
    if (layer_.after > 0) parts.push_back(zeros(layer_.after));
    const Tensor all = concat(parts, 0);
    if (all.size(0) <= reach()) {
      fail("layer '{}': a sequence of {} steps is too short for the kernel", text_of(layer_), x.size(0));
    }
    if (is_causal()) state.before = rows(all, all.size(0) - reach(), all.size(0)).clone();
    const Tensor y = conv1d(permute(all, {1, 2, 0}), kernel_.weight.get(), kernel_.bias.get(),
                            {.stride = layer_.stride, .dilation = layer_.dilation});
    return permute(y, {2, 0, 1});
  }

  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(*this); }

 private:
  int64_t reach() const { return (layer_.kernel - 1) * layer_.dilation; }  // steps from the first tap to the last

  // Keeps the inputs of the last steps in a ring.
  class Stepper : public Copied<Stepper> {
   public:
    explicit Stepper(const ConvStage& stage)
        : kernel_(static_cast<size_t>(stage.layer_.kernel)),
          dilation_(static_cast<size_t>(stage.layer_.dilation)),
          input_(static_cast<size_t>(stage.input_)),
          steps_(static_cast<size_t>(stage.reach() + 1)),
          affine_(tap_by_tap(stage.kernel_.weight.get()), stage.kernel_.bias.get()),
          ring_(steps_ * input_, 0.0f),
          taps_(kernel_ * input_) {}

    void step(std::span<const float> x, std::span<float> y) override {
      if (kernel_ == 1) {
        affine_.run(x.data(), y);
        return;
      }
      at_ = (at_ + 1) % steps_;
      std::ranges::copy(x, ring_.begin() + static_cast<std::ptrdiff_t>(at_ * input_));
      for (size_t k = 0; k < kernel_; ++k) {
        const size_t row = (at_ + steps_ - (kernel_ - 1 - k) * dilation_) % steps_;
        std::copy_n(ring_.data() + row * input_, input_, taps_.data() + k * input_);
      }
      affine_.run(taps_.data(), y);
    }
    void reset() override { std::ranges::fill(ring_, 0.0f); }

   private:
    // [O, C, K] -> [O, K C]
    static Tensor tap_by_tap(const Tensor& weight) {
      return reshape(permute(weight, {0, 2, 1}), {weight.size(0), weight.size(1) * weight.size(2)});
    }

    size_t kernel_, dilation_, input_, steps_, at_ = 0;
    AffineStep affine_;
    std::vector<float> ring_, taps_;  // taps_: what the kernel sees, the earliest step first
  };

  StackLayer layer_;
  int64_t input_;
  TimeKernel kernel_;
};

// --- without parameters ---

class LastStage : public NetworkStage {
 public:
  explicit LastStage(bool turns) : turns_(turns) {}

  Tensor run(const Tensor& x, StageState&) const override {
    return reshape(pool_last(x, {}, turns_), {1, x.size(1), x.size(2)});
  }
  bool is_causal() const override { return false; }
  std::unique_ptr<StageStepper> stepper() const override { fail("layer 'last' cannot be stepped"); }

 private:
  bool turns_;
};

class ReverseStage : public NetworkStage {
 public:
  Tensor run(const Tensor& x, StageState&) const override { return flip(x, 0); }
  bool is_causal() const override { return false; }
  std::unique_ptr<StageStepper> stepper() const override { fail("layer 'reverse' cannot be stepped"); }
};

// Of x alone, with itself.
class JoinStage : public NetworkStage {
 public:
  explicit JoinStage(bool is_sum) : is_sum_(is_sum) {}

  Tensor run(const Tensor& x, StageState& state) const override { return run_joined(x, x, state); }
  Tensor run_joined(const Tensor& x, const Tensor& earlier, StageState&) const override {
    return is_sum_ ? x + earlier : x * earlier;
  }
  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(is_sum_); }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    explicit Stepper(bool is_sum) : is_sum_(is_sum) {}
    void step(std::span<const float> x, std::span<float> y) override { step_joined(x, x, y); }
    void step_joined(std::span<const float> x, std::span<const float> earlier, std::span<float> y) override {
      for (size_t i = 0; i < x.size(); ++i) y[i] = is_sum_ ? x[i] + earlier[i] : x[i] * earlier[i];
    }

   private:
    bool is_sum_;
  };

  bool is_sum_;
};

class MagnitudeStage : public NetworkStage {
 public:
  Tensor run(const Tensor& x, StageState&) const override {
    const int64_t half = x.size(2) / 2;
    const Tensor a = slice(x, {2, 0}, half), b = slice(x, {2, half}, half);
    // The gradient at 0 is 0 and not infinite.
    constexpr double kLeast = 1e-37;
    return sqrt(clamp(a * a + b * b, kLeast, std::numeric_limits<double>::max()));
  }
  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(); }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    void step(std::span<const float> x, std::span<float> y) override {
      for (size_t i = 0; i < y.size(); ++i) y[i] = std::sqrt(x[i] * x[i] + x[i + y.size()] * x[i + y.size()]);
    }
  };
};

float sigmoid_of(float x) { return 1 / (1 + std::exp(-x)); }

float activated(const StackLayer& layer, float x) {
  const std::string_view kind = layer.kind;
  if (kind == "tanh") return std::tanh(x);
  if (kind == "sigmoid") return sigmoid_of(x);
  if (kind == "relu") return std::max(x, 0.0f);
  if (kind == "softplus") return std::max(x, 0.0f) + std::log1p(std::exp(-std::abs(x)));
  if (kind == "hard_sigmoid") return std::clamp(x / 6 + 0.5f, 0.0f, 1.0f);
  if (kind == "gelu") return 0.5f * x * (1 + std::erf(x * 0.70710678f));
  if (kind == "silu") return x * sigmoid_of(x);
  const auto slope = static_cast<float>(layer.slope);
  if (kind == "elu") return x > 0 ? x : slope * std::expm1(x);
  return x > 0 ? x : slope * x;  // leaky_relu
}

class ActivationStage : public NetworkStage {
 public:
  explicit ActivationStage(StackLayer layer) : layer_(std::move(layer)) {}

  Tensor run(const Tensor& x, StageState&) const override {
    const std::string_view kind = layer_.kind;
    if (kind == "tanh") return tanh(x);
    if (kind == "sigmoid") return sigmoid(x);
    if (kind == "relu") return relu(x);
    if (kind == "softmax") return softmax(x);
    if (kind == "log_softmax") return log_softmax(x);
    if (kind == "softplus") return softplus(x);
    if (kind == "hard_sigmoid") return hard_sigmoid(x);
    if (kind == "gelu") return gelu(x);
    if (kind == "silu") return silu(x);
    if (kind == "elu") return elu(x, layer_.slope);
    return leaky_relu(x, layer_.slope);
  }
  std::unique_ptr<StageStepper> stepper() const override { return std::make_unique<Stepper>(layer_); }

 private:
  class Stepper : public Copied<Stepper> {
   public:
    explicit Stepper(StackLayer layer) : layer_(std::move(layer)) {}
    void step(std::span<const float> x, std::span<float> y) override {
      if (layer_.kind == "softmax" || layer_.kind == "log_softmax") return normalized(x, y);
      std::ranges::transform(x, y.begin(), [this](float v) { return activated(layer_, v); });
    }

   private:
    void normalized(std::span<const float> x, std::span<float> y) const {
      const float most = *std::ranges::max_element(x);
      float sum = 0;
      for (const float v : x) sum += std::exp(v - most);
      const float log_sum = std::log(sum);
      const bool logs = layer_.kind == "log_softmax";
      for (size_t i = 0; i < x.size(); ++i) y[i] = logs ? x[i] - most - log_sum : std::exp(x[i] - most) / sum;
    }
    StackLayer layer_;
  };

  StackLayer layer_;
};

}  // namespace

std::shared_ptr<const NetworkStage> make_stage(const StackLayer& layer, int64_t input, bool turns) {
  Random random(0);
  if (layer.kind == "dense") return std::make_shared<DenseStage>(layer, input, random);
  if (layer.kind == "embedding") return std::make_shared<EmbeddingStage>(layer, random);
  if (layer.kind == "conv") return std::make_shared<ConvStage>(layer, input);
  if (layer.kind == "layer_norm") return std::make_shared<NormStage>(layer, input);
  if (layer.kind == "scale") return std::make_shared<ScaleStage>(input);
  if (layer.kind == "magnitude") return std::make_shared<MagnitudeStage>();
  if (is_join(layer.kind)) return std::make_shared<JoinStage>(layer.kind == "add");
  if (layer.kind == "last") return std::make_shared<LastStage>(turns);
  if (layer.kind == "reverse") return std::make_shared<ReverseStage>();
  if (is_activation(layer.kind)) return std::make_shared<ActivationStage>(layer);
  return std::make_shared<RecurrentStage>(layer, input, random);
}

}  // namespace recur
