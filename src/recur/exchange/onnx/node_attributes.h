// The attributes of an ONNX node by name and type. For the files of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

class NodeAttributes {
 public:
  // Both must outlive it. `file` is for messages.
  NodeAttributes(const std::string& file, const NodeProto& node) : file_(file), node_(node) {}

  const NodeProto& node() const { return node_; }
  bool gives(const char* attribute) const { return node_.find(attribute) != nullptr; }
  int64_t integer(const char* attribute, int64_t usual) const;
  int64_t needed_integer(const char* attribute) const;
  float real(const char* attribute, float usual) const;
  std::string text(const char* attribute, const char* usual) const;
  std::vector<int64_t> integers(const char* attribute, const std::vector<int64_t>& usual = {}) const;
  std::vector<std::string> texts(const char* attribute) const;
  const Attribute& attribute(const char* name) const;
  bool wants(size_t output) const { return output < node_.outputs.size() && !node_.outputs[output].empty(); }

  std::string message(std::string_view what) const;  // names file, node and op
  [[noreturn]] void fail_node(std::string_view what) const { fail("{}", message(what)); }

 private:
  template <class T>
  const T* find(const char* attribute) const;

  const std::string& file_;
  const NodeProto& node_;
};

}  // namespace recur::onnx
