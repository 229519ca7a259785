// Nodes and weights for integrals over [0, 1].
#pragma once

#include <cstdint>
#include <vector>

namespace recur {

struct Quadrature {
  std::vector<double> nodes, weights;  // the weights add up to 1
};

// Gauss and Legendre's rule of n points, n >= 1: exact for polynomials of degree 2 n - 1. The nodes are the roots of
// the Legendre polynomial, by Newton's method.
Quadrature gauss_legendre(int64_t points);

}  // namespace recur
