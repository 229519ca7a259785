// The networks of denoising pictures.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/image_conv.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/denoise/denoise_network.h"
#include "recur/tasks/denoise/denoise_options.h"

namespace recur {

struct DenoiseSizes {
  int64_t channels = 1;  // C
  int64_t patch = 64;    // of the training, which sequences of whole rows or columns are bound to
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const DenoiseModelOptions& options, const DenoiseSizes& sizes, int64_t elements);

// Parameters: of network "conv" head.*, before0.*, ..., recurrence.*, after0.*, ..., tail.*; of the others recurrent.*,
// output.*.
class DenoiseModel : public DenoiseNetwork {
 public:
  DenoiseModel(const DenoiseModelOptions& options, const DenoiseSizes& sizes, Random& random);

  // Of rows and columns both sides are the patch.
  NetworkUnit unit() const override;
  bool any_size() const override { return options_.network == "conv" || options_.network == "patches"; }

 protected:
  Tensor noise(const Tensor& x, Mode mode, GradientTrace* trace) const override;

 private:
  Tensor noise_by_convolution(const Tensor& x, Mode mode) const;
  Tensor noise_by_sequence(const Tensor& x, Mode mode, GradientTrace* trace) const;
  Tensor steps_of(const Tensor& x) const;
  Tensor from_steps(const Tensor& y, const Shape& x) const;

  DenoiseModelOptions options_;
  DenoiseSizes sizes_;
  std::vector<ImageConv> ends_;  // head and tail, of network "conv"
  std::vector<ImageBlock> before_, after_;
  std::vector<ImageRecurrence> recurrence_;
  std::vector<Recurrent> recurrent_;  // one, of the other networks
  std::vector<Linear> output_;
};

}  // namespace recur
