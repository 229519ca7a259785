// Integers that may depend on sizes which are left open, such as T and B.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recur {

// How large each named axis is in one run.
struct AxisSize {
  std::string axis;
  int64_t size = 0;
};
using AxisSizes = std::vector<AxisSize>;

std::string to_string(const AxisSizes& sizes);  // "T = 7, B = 3"

// A number, or a sum of products of axes: 3, T, 2*T*B + 1, ceil(T / 2).
class Size {
 public:
  // ceil((axis + shift) / divisor)
  struct Factor {
    std::string axis;
    int64_t shift = 0, divisor = 1;

    int64_t at(const AxisSizes& sizes) const;  // throws when the axis has no size
    bool operator==(const Factor&) const = default;
  };
  struct Term {
    int64_t coefficient = 1;
    std::vector<Factor> factors;

    bool operator==(const Term&) const = default;
  };

  Size(int64_t number = 0) : number_(number) {}
  Size(int number) : number_(number) {}
  Size(const char* axis) : terms_{{.coefficient = 1, .factors = {{.axis = axis}}}} {}
  Size(int64_t number, std::vector<Term> terms) : number_(number), terms_(std::move(terms)) {}

  bool is_number() const { return terms_.empty(); }
  int64_t number() const;  // throws when an axis is in it
  const std::vector<Term>& terms() const { return terms_; }
  int64_t constant_part() const { return number_; }
  // The name of the axis that this is, nothing else; empty otherwise.
  std::string axis() const;
  int64_t at(const AxisSizes& sizes) const;
  std::string str() const;
  bool operator==(const Size&) const = default;

 private:
  int64_t number_ = 0;
  std::vector<Term> terms_;
};

std::string to_string(const std::vector<Size>& sizes);  // "[T, B, 8]"

}  // namespace recur
