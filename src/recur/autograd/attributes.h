// The arguments of an op other than tensors, by name.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "recur/autograd/size.h"
#include "recur/tensor/dtype.h"
#include "recur/tensor/shape.h"

namespace recur {

// Truth, integer, real number, text, or list of integers. Integers may depend on open sizes.
class Attribute {
 public:
  using Value = std::variant<bool, Size, double, std::string, std::vector<Size>>;

  Attribute(bool value) : value_(value) {}
  Attribute(int value) : value_(Size(value)) {}
  Attribute(int64_t value) : value_(Size(value)) {}
  Attribute(Size value) : value_(std::move(value)) {}
  Attribute(double value) : value_(value) {}
  Attribute(const char* value) : value_(std::string(value)) {}
  Attribute(std::string value) : value_(std::move(value)) {}
  Attribute(DType value) : value_(std::string(name_of(value))) {}
  Attribute(std::vector<Size> value) : value_(std::move(value)) {}
  Attribute(const Shape& value) : value_(std::vector<Size>(value.begin(), value.end())) {}
  Attribute(const std::vector<int64_t>& value) : value_(std::vector<Size>(value.begin(), value.end())) {}
  Attribute(const std::vector<int>& value) : value_(std::vector<Size>(value.begin(), value.end())) {}
  Attribute(const std::array<int64_t, 2>& value) : value_(std::vector<Size>(value.begin(), value.end())) {}

  const Value& value() const { return value_; }
  const char* type() const;
  std::string str() const;
  bool operator==(const Attribute&) const = default;

 private:
  Value value_;
};

// In the order they were named. Reading one that is missing or of another type throws.
class Attributes {
 public:
  struct Named {
    std::string name;
    Attribute value;

    bool operator==(const Named&) const = default;
  };

  Attributes() = default;
  Attributes(std::initializer_list<std::pair<const char*, Attribute>> list);

  void set(std::string name, Attribute value) { list_.push_back({std::move(name), std::move(value)}); }
  bool has(std::string_view name) const { return find(name) != nullptr; }

  bool flag(std::string_view name) const;
  int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  std::vector<int64_t> integers(std::string_view name) const;
  Shape shape(std::string_view name) const;
  DType dtype(std::string_view name) const;
  std::array<int64_t, 2> pair(std::string_view name) const;

  const std::vector<Named>& list() const { return list_; }
  // With every integer as it is at these sizes.
  Attributes at(const AxisSizes& sizes) const;
  std::string str() const;  // "{axis: 1, keep: true}"
  bool operator==(const Attributes&) const = default;

 private:
  const Attribute* find(std::string_view name) const;
  template <class T>
  const T& get(std::string_view name) const;

  std::vector<Named> list_;
};

}  // namespace recur
