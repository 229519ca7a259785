// The networks of denoising series.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/denoise/denoise_model.h"
#include "recur/tasks/denoise/denoise_network.h"
#include "recur/tasks/denoise/denoise_options.h"

namespace recur {

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_series_size(const DenoiseModelOptions& options, const DenoiseSizes& sizes, int64_t elements);

// x [T, B, C] -> x + conv(relu(conv(x))), the second convolution starting small.
class TimeBlock : public Module {
 public:
  TimeBlock(int64_t channels, Random& random);
  Tensor operator()(const Tensor& x) const;

 private:
  TimeConv first_, second_;
};

// Of pictures [N, C, 1, T]. Network "conv": `shrink` steps become channels of one, then residual blocks of convolutions
// over time around bidirectional recurrent layers, as in pictures. Parameters: head.*, before0.*, ..., recurrent.*,
// project.*, after0.*, ..., tail.*. Network "columns", whose columns of one row are the steps: recurrent.*, output.*.
class SeriesModel : public DenoiseNetwork {
 public:
  // sizes.patch: the steps of a series in training.
  SeriesModel(const DenoiseModelOptions& options, const DenoiseSizes& sizes, Random& random);

  NetworkUnit unit() const override { return {1, is_conv() ? options_.shrink : 1}; }
  bool any_size() const override { return true; }

 protected:
  Tensor noise(const Tensor& x, Mode mode, GradientTrace* trace) const override;

 private:
  bool is_conv() const { return options_.network == "conv"; }
  void make_convolutions(Random& random);
  Tensor noise_by_convolution(const Tensor& steps, Mode mode, GradientTrace* trace) const;

  DenoiseModelOptions options_;
  std::vector<TimeConv> ends_;  // head and tail, of network "conv"
  std::vector<TimeBlock> before_, after_;
  Recurrent recurrent_;
  Linear output_;  // of what the recurrent layers see: "project" of network "conv"
};

}  // namespace recur
