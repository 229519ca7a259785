// The precision in which matrix products and recurrent layers multiply f32.
#pragma once

namespace recur {

enum class Precision {
  kFull,  // f32
  kBf16,  // operands rounded to bf16 as they are read, sums, states and parameters in f32
};

// The precision of this thread. The gradient of an op uses the precision of the op. f64 is never changed.
Precision product_precision();

// Sets it for a scope.
class ProductPrecision {
 public:
  explicit ProductPrecision(Precision precision);
  ~ProductPrecision();
  ProductPrecision(const ProductPrecision&) = delete;
  ProductPrecision& operator=(const ProductPrecision&) = delete;

 private:
  Precision before_;
};

}  // namespace recur
