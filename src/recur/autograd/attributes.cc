#include "recur/autograd/attributes.h"

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr const char* kTypes[] = {"truth value", "integer", "real number", "text", "list of integers"};

template <class T>
constexpr size_t index_of() {
  if constexpr (std::is_same_v<T, bool>) return 0;
  if constexpr (std::is_same_v<T, Size>) return 1;
  if constexpr (std::is_same_v<T, double>) return 2;
  if constexpr (std::is_same_v<T, std::string>) return 3;
  return 4;
}

Attribute at_sizes(const Attribute& attribute, const AxisSizes& sizes) {
  if (const auto* size = std::get_if<Size>(&attribute.value())) return size->at(sizes);
  if (const auto* list = std::get_if<std::vector<Size>>(&attribute.value())) {
    std::vector<Size> numbers;
    for (const Size& size : *list) numbers.emplace_back(size.at(sizes));
    return numbers;
  }
  return attribute;
}

}  // namespace

const char* Attribute::type() const { return kTypes[value_.index()]; }

std::string Attribute::str() const {
  if (const auto* flag = std::get_if<bool>(&value_)) return *flag ? "true" : "false";
  if (const auto* size = std::get_if<Size>(&value_)) return size->str();
  if (const auto* real = std::get_if<double>(&value_)) return fmt::format("{}", *real);
  if (const auto* text = std::get_if<std::string>(&value_)) return fmt::format("'{}'", *text);
  return to_string(std::get<std::vector<Size>>(value_));
}

Attributes::Attributes(std::initializer_list<std::pair<const char*, Attribute>> list) {
  for (const auto& [name, value] : list) set(name, value);
}

const Attribute* Attributes::find(std::string_view name) const {
  for (const Named& each : list_)
    if (each.name == name) return &each.value;
  return nullptr;
}

template <class T>
const T& Attributes::get(std::string_view name) const {
  const Attribute* found = find(name);
  if (found == nullptr) fail("graph: attribute '{}' is missing", name);
  const T* value = std::get_if<T>(&found->value());
  if (value == nullptr) fail("graph: attribute '{}': expected {}, got {}", name, kTypes[index_of<T>()], found->type());
  return *value;
}
bool Attributes::flag(std::string_view name) const { return get<bool>(name); }
int64_t Attributes::integer(std::string_view name) const { return get<Size>(name).number(); }
double Attributes::real(std::string_view name) const { return get<double>(name); }
const std::string& Attributes::text(std::string_view name) const { return get<std::string>(name); }

std::vector<int64_t> Attributes::integers(std::string_view name) const {
  std::vector<int64_t> result;
  for (const Size& size : get<std::vector<Size>>(name)) result.push_back(size.number());
  return result;
}

Shape Attributes::shape(std::string_view name) const {
  const std::vector<int64_t> sizes = integers(name);
  return Shape(std::span<const int64_t>(sizes));
}

DType Attributes::dtype(std::string_view name) const {
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kBF16, DType::kI32, DType::kI64, DType::kU8})
    if (text(name) == name_of(dtype)) return dtype;
  fail("graph: attribute '{}': expected a dtype, got '{}'", name, text(name));
}

std::array<int64_t, 2> Attributes::pair(std::string_view name) const {
  const std::vector<int64_t> sizes = integers(name);
  if (sizes.size() != 2) fail("graph: attribute '{}': expected 2 integers, got {}", name, sizes.size());
  return {sizes[0], sizes[1]};
}

Attributes Attributes::at(const AxisSizes& sizes) const {
  Attributes result;
  for (const Named& each : list_) result.set(each.name, at_sizes(each.value, sizes));
  return result;
}

std::string Attributes::str() const {
  std::string text;
  for (const Named& each : list_)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", each.name, each.value.str());
  return "{" + text + "}";
}

}  // namespace recur
