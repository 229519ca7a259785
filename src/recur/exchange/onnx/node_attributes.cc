#include "recur/exchange/onnx/node_attributes.h"

#include <fmt/format.h>

#include <algorithm>

namespace recur::onnx {

const Attribute* NodeProto::find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &Attribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

std::string NodeAttributes::message(std::string_view what) const {
  const std::string name = node_.name.empty() ? "" : fmt::format(" '{}'", node_.name);
  return fmt::format("{}: onnx: node {}{}: {}", file_, node_.op, name, what);
}

template <class T>
const T* NodeAttributes::find(const char* attribute) const {
  const Attribute* found = node_.find(attribute);
  if (found == nullptr) return nullptr;
  const T* value = std::get_if<T>(&found->value);
  if (value == nullptr) fail_node(fmt::format("attribute '{}' is of another type than expected", attribute));
  return value;
}

int64_t NodeAttributes::integer(const char* attribute, int64_t usual) const {
  const auto* value = find<int64_t>(attribute);
  return value == nullptr ? usual : *value;
}

int64_t NodeAttributes::needed_integer(const char* attribute) const {
  const auto* value = find<int64_t>(attribute);
  if (value == nullptr) fail_node(fmt::format("attribute '{}' is missing", attribute));
  return *value;
}

float NodeAttributes::real(const char* attribute, float usual) const {
  const auto* value = find<float>(attribute);
  return value == nullptr ? usual : *value;
}

std::string NodeAttributes::text(const char* attribute, const char* usual) const {
  const auto* value = find<std::string>(attribute);
  return value == nullptr ? usual : *value;
}

std::vector<int64_t> NodeAttributes::integers(const char* attribute, const std::vector<int64_t>& usual) const {
  const auto* value = find<std::vector<int64_t>>(attribute);
  return value == nullptr ? usual : *value;
}

std::vector<std::string> NodeAttributes::texts(const char* attribute) const {
  const auto* value = find<std::vector<std::string>>(attribute);
  return value == nullptr ? std::vector<std::string>() : *value;
}

const Attribute& NodeAttributes::attribute(const char* name) const {
  const Attribute* found = node_.find(name);
  if (found == nullptr) fail_node(fmt::format("attribute '{}' is missing", name));
  return *found;
}

}  // namespace recur::onnx
