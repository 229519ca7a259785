// What the networks of denoising have in common.
#pragma once

#include <cstdint>

#include "recur/nn/mode.h"
#include "recur/nn/module.h"

namespace recur {

struct GradientTrace;

// What the sides of a picture must be multiples of.
struct NetworkUnit {
  int64_t height = 1, width = 1;
};

// Finds the noise of pictures, which is taken off them: residual learning, as in Zhang et al., "Beyond a Gaussian
// denoiser: residual learning of deep CNN for image denoising" (2017). A series is a picture of one row.
class DenoiseNetwork : public Module {
 public:
  // x [N, C, H, W] -> the same without its noise. H and W are multiples of unit(), or equal to it unless any_size().
  Tensor operator()(const Tensor& x, Mode mode, GradientTrace* trace = nullptr) const;

  virtual NetworkUnit unit() const = 0;
  virtual bool any_size() const = 0;
  int64_t channels() const { return channels_; }  // C

 protected:
  explicit DenoiseNetwork(int64_t channels) : channels_(channels) {}
  virtual Tensor noise(const Tensor& x, Mode mode, GradientTrace* trace) const = 0;

 private:
  int64_t channels_;
};

}  // namespace recur
