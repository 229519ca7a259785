// Uses an installed Recur: its version, a matrix product with its gradient, and an error that crosses its border.
#include <cstring>

#include "recur/autograd/grad.h"
#include "recur/base/error.h"
#include "recur/base/version.h"
#include "recur/ops/matmul.h"

int main(int argc, char** argv) {
  using recur::Tensor;
  if (argc != 2 || std::strcmp(recur::version(), argv[1]) != 0) return 1;

  Tensor a = Tensor::full({1, 256}, 2);
  a.set_requires_grad();
  const Tensor product = recur::matmul(a, Tensor::full({256, 1}, 3));
  if (product.data<float>()[0] != 256 * 2 * 3) return 2;
  if (recur::grad(product, a).data<float>()[255] != 3) return 3;

  try {
    recur::matmul(a, a);
  } catch (const recur::Error& error) {
    return std::strstr(error.what(), "matmul") != nullptr ? 0 : 4;
  }
  return 5;
}
