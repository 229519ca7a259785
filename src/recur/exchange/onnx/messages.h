// The parts of an ONNX model that Recur reads and writes, as plain structs: those of onnx.proto
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), with its names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur::onnx {

// TensorProto.DataType, of which Recur has tensors. A truth value is a byte, 0 or 1.
enum class ElementType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kDouble = 11,
  kBfloat16 = 16,
};
ElementType element_type(DType dtype);
// Throws Error naming what has the type where Recur has no such tensors.
DType dtype_of(ElementType type, const std::string& what);

struct TensorProto {
  std::string name = {};
  Tensor value = {};
  bool is_bool = false;  // u8 that are truth values
};

struct GraphProto;

struct Attribute {
  using Value = std::variant<int64_t, float, std::string, TensorProto, std::shared_ptr<const GraphProto>,
                             std::vector<int64_t>, std::vector<float>, std::vector<std::string>>;

  std::string name;
  Value value;
};

struct NodeProto {
  std::string op;                         // op_type
  std::vector<std::string> inputs;        // "": an optional one that is not there
  std::vector<std::string> outputs = {};  // "": not wanted
  std::vector<Attribute> attributes = {};
  std::string name = {}, domain = {};

  const Attribute* find(std::string_view attribute) const;
};

struct Dimension {
  std::optional<int64_t> size = {};
  std::string axis = {};  // dim_param: its name, where the size is open
};

struct ValueInfo {
  std::string name;
  ElementType type = ElementType::kUndefined;
  std::optional<std::vector<Dimension>> shape = {};
  std::string doc = {};
};

struct GraphProto {
  std::string name = {};
  std::vector<NodeProto> nodes = {};
  std::vector<TensorProto> initializers = {};
  std::vector<ValueInfo> inputs = {}, outputs = {};
};

struct ModelProto {
  int64_t ir_version = 8, opset = 17;
  std::string producer = {}, producer_version = {}, doc = {};
  GraphProto graph = {};
  std::map<std::string, std::string> metadata = {};  // metadata_props
};

}  // namespace recur::onnx
