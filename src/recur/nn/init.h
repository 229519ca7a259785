// Initial values of parameters. Each function overwrites a tensor, f32 or f64, in place; the numbers depend only on the
// generator, so an f64 model starts from the same values as an f32 model.
#pragma once

#include "recur/base/random.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The generator of layers that are not given one: one per thread, with seed 0 until set.
Random& default_random();
void seed_default_random(uint64_t seed);

namespace init {

void constant(Tensor t, double value);
void uniform(Tensor t, double low, double high, Random& random);
void normal(Tensor t, double mean, double deviation, Random& random);

// The inputs and outputs that one element of a weight [out, in, ...] connects; trailing axes are a receptive field.
struct Fan {
  int64_t in, out;
};
Fan fan(const Shape& shape);

// Variance 2 / (in + out): Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
// networks" (2010).
void xavier_uniform(Tensor t, Random& random, double gain = 1);
void xavier_normal(Tensor t, Random& random, double gain = 1);

// Variance 2 / in, for layers followed by ReLU: He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015).
void kaiming_uniform(Tensor t, Random& random);
void kaiming_normal(Tensor t, Random& random);

// A uniformly random matrix with orthonormal rows (or columns, where there are more rows), times gain: Saxe, McClelland
// and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks" (2014). Trailing
// axes count as columns.
void orthogonal(Tensor t, Random& random, double gain = 1);

// gain on the diagonal of a matrix, 0 elsewhere: of recurrent ReLU layers (Le, Jaitly and Hinton, "A simple way to
// initialize recurrent networks of rectified linear units", 2015).
void identity(Tensor t, double gain = 1);

}  // namespace init
}  // namespace recur
