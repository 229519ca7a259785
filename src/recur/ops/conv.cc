#include "recur/ops/conv.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/window.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/conv_gradients.h"
#include "recur/ops/direct_conv.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;
using kernels::Window;

void check(const Shape& x, const Shape& w, const Conv2dOptions& o) {
  if (x.rank() != 4 || w.rank() != 4)
    fail("conv: expected x [N, C, H, W] and weight [O, C, KH, KW], got {} and {}", x.str(), w.str());
  if (o.groups < 1 || w[0] % o.groups != 0 || x[1] != w[1] * o.groups)
    fail("conv: x {} and weight {} do not fit in {} groups", x.str(), w.str(), o.groups);
  for (int axis = 0; axis < 2; ++axis)
    if (o.stride[axis] < 1 || o.dilation[axis] < 1 || o.padding[axis] < 0)
      fail("conv: expected stride >= 1, dilation >= 1 and padding >= 0, got {}, {} and {}", o.stride[axis],
           o.dilation[axis], o.padding[axis]);
}

// A convolution as products of matrices, one for each image and group.
struct ConvPlan {
  ConvPlan(const Shape& x, const Shape& w, const Conv2dOptions& o)
      : window{.image = {x[2], x[3]},
               .kernel = {w[2], w[3]},
               .stride = o.stride,
               .padding = o.padding,
               .dilation = o.dilation},
        images(x[0]),
        groups(o.groups),
        channels(w[1]),
        filters(w[0] / o.groups) {
    if (window.taps() == 0 || window.outputs() == 0)
      fail("conv: kernel of weight {} does not fit into x {}", w.str(), x.str());
  }

  Shape output() const { return {images, groups * filters, window.out(0), window.out(1)}; }
  int64_t depth() const { return channels * window.taps(); }
  int64_t places() const { return window.outputs(); }
  // Where the part of image n and group g begins.
  int64_t in_x(int64_t n, int64_t g) const { return (n * groups + g) * channels * window.pixels(); }
  int64_t in_y(int64_t n, int64_t g) const { return (n * groups + g) * filters * places(); }
  int64_t in_w(int64_t g) const { return g * filters * depth(); }

  Window window;
  int64_t images, groups;
  int64_t channels, filters;  // of a group
};

// Columns of one image and group, in memory that is used again for the next.
template <class T>
class Columns {
 public:
  explicit Columns(const ConvPlan& plan)
      : plan_(plan), memory_(Tensor::empty({plan.depth(), plan.places()}, kDTypeOf<T>)), data_(memory_.data<T>()) {}

  const T* of(const T* image) {
    if (plan_.window.is_identity()) return image;
    kernels::image_to_columns(plan_.window, plan_.channels, image, data_);
    return data_;
  }
  T* data() { return data_; }
  void add_to(T* image) const { kernels::columns_to_image(plan_.window, plan_.channels, data_, image); }

 private:
  const ConvPlan& plan_;
  Tensor memory_;
  T* data_;
};

template <class T>
void multiply(const kernels::Gemm<T>& product) {
  kernels::table<T>().gemm(product);
}

// bias [O] or undefined.
Tensor convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dOptions& o);
Tensor input_gradient(const Tensor& g, const Tensor& w, const Shape& x, const Conv2dOptions& o);
Tensor weight_gradient(const Tensor& g, const Tensor& x, const Shape& w, const Conv2dOptions& o);

// The three are linear in each argument and are one another's gradients, so derivatives of any order are exact.
// y [filters, places] = W [filters, depth] columns(x)
Tensor convolve_columns(const Tensor& x, const Tensor& w, const Conv2dOptions& o) {
  const ConvPlan plan(x.shape(), w.shape(), o);
  Tensor y = Tensor::zeros(plan.output(), x.dtype());
  if (plan.depth() == 0 || plan.filters == 0) return y;
  dispatch_float("conv", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = y.data<T>();
    parallel_for(plan.images, 1, [&](int64_t n, int64_t) {
      Columns<T> columns(plan);
      for (int64_t g = 0; g < plan.groups; ++g)
        multiply<T>({.m = plan.filters,
                     .n = plan.places(),
                     .k = plan.depth(),
                     .a = w.data<T>() + plan.in_w(g),
                     .lda = plan.depth(),
                     .b = columns.of(x.data<T>() + plan.in_x(n, g)),
                     .ldb = plan.places(),
                     .c = to + plan.in_y(n, g),
                     .ldc = plan.places()});
    });
  });
  return y;
}

// dy [N, O, H', W'] summed over all but O.
Tensor bias_gradient(const Tensor& g) {
  return sum(sum(reshape(g, {g.size(0), g.size(1), g.size(2) * g.size(3)}), 2), 0);
}

Tensor convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dOptions& o) {
  if (!internal::runs_direct(x.shape(), w.shape(), x.dtype(), o)) {
    const Tensor y = record("conv", {x, w}, convolve_columns(x, w, o), [x, w, o](const VjpArgs& v) {
      return Tensors{v.needs(0) ? input_gradient(v.grad(), w, x.shape(), o) : Tensor(),
                     v.needs(1) ? weight_gradient(v.grad(), x, w.shape(), o) : Tensor()};
    });
    return bias.defined() ? y + reshape(bias, Shape{w.size(0), 1, 1}) : y;
  }
  const ConvPlan checked(x.shape(), w.shape(), o);
  const Tensor y = internal::direct_convolve(x, w, bias, o);
  const auto vjp = [x, w, o](const VjpArgs& v) {
    return Tensors{v.needs(0) ? input_gradient(v.grad(), w, x.shape(), o) : Tensor(),
                   v.needs(1) ? weight_gradient(v.grad(), x, w.shape(), o) : Tensor()};
  };
  if (!bias.defined()) return record("conv", {x, w}, y, vjp);
  return record("conv", {x, w, bias}, y, [vjp](const VjpArgs& v) {
    Tensors gradients = vjp(v);
    gradients.push_back(v.needs(2) ? bias_gradient(v.grad()) : Tensor());
    return gradients;
  });
}

// columns(dx) [depth, places] = W^T dy
Tensor input_gradient_columns(const Tensor& g, const Tensor& w, const Shape& x, const Conv2dOptions& o) {
  const ConvPlan plan(x, w.shape(), o);
  Tensor dx = Tensor::zeros(x, g.dtype());
  if (plan.depth() == 0 || plan.filters == 0) return dx;
  dispatch_float("conv", g.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = dx.data<T>();
    parallel_for(plan.images, 1, [&](int64_t n, int64_t) {
      Columns<T> columns(plan);
      for (int64_t group = 0; group < plan.groups; ++group) {
        multiply<T>({.trans_a = true,
                     .m = plan.depth(),
                     .n = plan.places(),
                     .k = plan.filters,
                     .a = w.data<T>() + plan.in_w(group),
                     .lda = plan.depth(),
                     .b = g.data<T>() + plan.in_y(n, group),
                     .ldb = plan.places(),
                     .c = columns.data(),
                     .ldc = plan.places()});
        columns.add_to(to + plan.in_x(n, group));
      }
    });
  });
  return dx;
}

Tensor input_gradient(const Tensor& g, const Tensor& w, const Shape& x, const Conv2dOptions& o) {
  const bool inside =
      o.padding[0] <= o.dilation[0] * (w.size(2) - 1) && o.padding[1] <= o.dilation[1] * (w.size(3) - 1);
  const bool direct = inside && internal::runs_direct(x, w.shape(), g.dtype(), o);
  const Tensor dx = direct ? internal::direct_input_gradient(g, w, x, o) : input_gradient_columns(g, w, x, o);
  return record("conv_input_gradient", {g, w}, dx, [g, w, o](const VjpArgs& v) {
    return Tensors{v.needs(0) ? convolve(v.grad(), w, {}, o) : Tensor(),
                   v.needs(1) ? weight_gradient(g, v.grad(), w.shape(), o) : Tensor()};
  });
}

// dW = sum over images of dy columns(x)^T. At most eight runs of images are added up by themselves and then in order:
// the grid, and so the result, does not depend on the threads.
Tensor weight_gradient_columns(const Tensor& g, const Tensor& x, const Shape& w, const Conv2dOptions& o) {
  const ConvPlan plan(x.shape(), w, o);
  const int64_t run = std::max<int64_t>(1, (plan.images + 7) / 8), size = w.numel();
  Tensor shares = Tensor::zeros({(plan.images + run - 1) / run, size}, g.dtype());
  dispatch_float("conv", g.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* share = shares.data<T>();
    if (size == 0) return;
    parallel_for(plan.images, run, [&](int64_t begin, int64_t end) {
      Columns<T> columns(plan);
      for (int64_t n = begin; n < end; ++n)
        for (int64_t group = 0; group < plan.groups; ++group)
          multiply<T>({.trans_b = true,
                       .m = plan.filters,
                       .n = plan.depth(),
                       .k = plan.places(),
                       .a = g.data<T>() + plan.in_y(n, group),
                       .lda = plan.places(),
                       .b = columns.of(x.data<T>() + plan.in_x(n, group)),
                       .ldb = plan.places(),
                       .add = true,
                       .c = share + begin / run * size + plan.in_w(group),
                       .ldc = plan.depth()});
    });
  });
  return sum(shares, 0).alias(0, w);
}

Tensor weight_gradient(const Tensor& g, const Tensor& x, const Shape& w, const Conv2dOptions& o) {
  // Of few channels most of a vector would be empty.
  constexpr int64_t kFewChannels = 8;
  const bool direct = x.size(1) >= kFewChannels && internal::runs_direct(x.shape(), w, g.dtype(), o);
  const Tensor dw = direct ? internal::direct_weight_gradient(g, x, w, o) : weight_gradient_columns(g, x, w, o);
  return record("conv_weight_gradient", {g, x}, dw, [g, x, o](const VjpArgs& v) {
    return Tensors{v.needs(0) ? convolve(x, v.grad(), {}, o) : Tensor(),
                   v.needs(1) ? input_gradient(g, v.grad(), x.shape(), o) : Tensor()};
  });
}

template <class Options>
Attributes conv_attributes(const Options& o) {
  return {{"stride", o.stride}, {"padding", o.padding}, {"dilation", o.dilation}, {"groups", o.groups}};
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("conv2d", {x, weight, bias}, conv_attributes(options),
                     [&] { return conv2d(x, weight, bias, options); });
  check(x.shape(), weight.shape(), options);
  if (x.dtype() != weight.dtype()) fail("conv: operands are {} and {}", name_of(x.dtype()), name_of(weight.dtype()));
  if (x.dtype() == DType::kBF16) {
    const Tensor wide = bias.defined() ? cast(bias, DType::kF32) : bias;
    return cast(conv2d(cast(x, DType::kF32), cast(weight, DType::kF32), wide, options), DType::kBF16);
  }
  if (bias.defined() && bias.shape() != Shape{weight.size(0)})
    fail("conv: bias: expected [{}], got {}", weight.size(0), bias.shape().str());
  if (bias.defined() && bias.dtype() != x.dtype())
    fail("conv: operands are {} and bias {}", name_of(x.dtype()), name_of(bias.dtype()));
  return convolve(x, weight, bias, options);
}

Tensor conv2d_input_gradient(const Tensor& dy, const Tensor& weight, const Shape& x, const Conv2dOptions& options) {
  return input_gradient(dy, weight, x, options);
}

Tensor conv2d_weight_gradient(const Tensor& dy, const Tensor& x, const Shape& weight, const Conv2dOptions& options) {
  return weight_gradient(dy, x, weight, options);
}

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv1dOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("conv1d", {x, weight, bias}, conv_attributes(options),
                     [&] { return conv1d(x, weight, bias, options); });
  if (x.rank() != 3 || weight.rank() != 3)
    fail("conv1d: expected x [N, C, W] and weight [O, C, K], got {} and {}", x.shape().str(), weight.shape().str());
  const Tensor y = conv2d(reshape(x, x.shape().inserted(2, 1)), reshape(weight, weight.shape().inserted(2, 1)), bias,
                          {.stride = {1, options.stride},
                           .padding = {0, options.padding},
                           .dilation = {1, options.dilation},
                           .groups = options.groups});
  return reshape(y, y.shape().erased(2));
}

}  // namespace recur
