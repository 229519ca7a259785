// The numbers of the fields are those of onnx.proto.
#include <fmt/format.h>

#include <cstring>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/wire.h"

namespace recur::onnx {
namespace {

Shape shape_of(const WireReader& at, const std::vector<int64_t>& sizes) {
  if (std::ssize(sizes) > Shape::kMaxRank)
    at.fail_here(fmt::format("a tensor of {} axes: at most {} are supported", sizes.size(), Shape::kMaxRank));
  int64_t count = 1;
  for (const int64_t size : sizes) {
    if (size < 0 || __builtin_mul_overflow(count, std::max<int64_t>(size, 1), &count) || count > int64_t{1} << 40)
      at.fail_here(fmt::format("a tensor with the impossible size {}", size));
  }
  return Shape(std::span<const int64_t>(sizes));
}

// What a TensorProto may hold its elements in.
struct Elements {
  std::span<const std::byte> raw;
  bool has_raw = false;
  std::vector<float> reals;
  std::vector<double> doubles;
  std::vector<int64_t> integers;
};

template <class T, class From>
Tensor converted(const std::vector<From>& values, const Shape& shape) {
  std::vector<T> own;
  own.reserve(values.size());
  for (const From value : values) own.push_back(static_cast<T>(value));
  return Tensor::from(own, shape);
}

Tensor tensor_of(const WireReader& at, const Elements& from, DType dtype, const Shape& shape) {
  const auto count = static_cast<size_t>(shape.numel());
  const auto expect = [&](size_t got, const char* what) {
    if (got != count) at.fail_here(fmt::format("a tensor {}: expected {} {}, got {}", shape.str(), count, what, got));
  };
  if (from.has_raw) {
    if (from.raw.size() != count * item_size(dtype))
      at.fail_here(fmt::format("a tensor {}: expected {} bytes, got {}", shape.str(), count * item_size(dtype),
                               from.raw.size()));
    Tensor tensor = Tensor::empty(shape, dtype);
    if (count > 0) std::memcpy(tensor.bytes(), from.raw.data(), from.raw.size());
    return tensor;
  }
  switch (dtype) {
    case DType::kF32:
      expect(from.reals.size(), "numbers");
      return Tensor::from(from.reals, shape);
    case DType::kF64:
      expect(from.doubles.size(), "numbers");
      return Tensor::from(from.doubles, shape);
    case DType::kI64:
      expect(from.integers.size(), "integers");
      return Tensor::from(from.integers, shape);
    case DType::kI32:
      expect(from.integers.size(), "integers");
      return converted<int32_t>(from.integers, shape);
    case DType::kU8:
      expect(from.integers.size(), "integers");
      return converted<uint8_t>(from.integers, shape);
    case DType::kBF16:
      break;
  }
  at.fail_here("a tensor of bfloat16 that is not in raw_data");
}

TensorProto tensor_from(WireReader in) {
  TensorProto tensor;
  Elements elements;
  std::vector<int64_t> sizes;
  auto type = ElementType::kUndefined;
  while (in.next()) {
    switch (in.field()) {
      case 1:
        in.add_integers(sizes);
        break;
      case 2:
        type = static_cast<ElementType>(in.integer());
        break;
      case 4:
        in.add_reals(elements.reals);
        break;
      case 5:  // int32_data
      case 7:  // int64_data
        in.add_integers(elements.integers);
        break;
      case 8:
        tensor.name = in.text();
        break;
      case 9:
        elements.raw = in.bytes();
        elements.has_raw = true;
        break;
      case 10:
        in.add_doubles(elements.doubles);
        break;
      case 13:
      case 14:
        if (in.field() == 13 || in.integer() != 0)
          in.fail_here(fmt::format("the tensor '{}' is in another file, which is not supported", tensor.name));
        break;
      default:
        break;
    }
  }
  const DType dtype = dtype_of(type, fmt::format("the tensor '{}'", tensor.name));
  tensor.is_bool = type == ElementType::kBool;
  tensor.value = tensor_of(in, elements, dtype, shape_of(in, sizes));
  return tensor;
}

GraphProto graph_from(WireReader in);

Attribute attribute_from(WireReader in) {
  Attribute attribute;
  int64_t type = 0, integer = 0;
  float real = 0;
  std::string text;
  TensorProto tensor;
  std::shared_ptr<const GraphProto> graph;
  std::vector<int64_t> integers;
  std::vector<float> reals;
  std::vector<std::string> texts;
  while (in.next()) {
    switch (in.field()) {
      case 1:
        attribute.name = in.text();
        break;
      case 2:
        real = in.real();
        break;
      case 3:
        integer = in.integer();
        break;
      case 4:
        text = in.text();
        break;
      case 5:
        tensor = tensor_from(in.message());
        break;
      case 6:
        graph = std::make_shared<const GraphProto>(graph_from(in.message()));
        break;
      case 7:
        in.add_reals(reals);
        break;
      case 8:
        in.add_integers(integers);
        break;
      case 9:
        texts.push_back(in.text());
        break;
      case 20:
        type = in.integer();
        break;
      default:
        break;
    }
  }
  switch (type) {
    case 1:
      attribute.value = real;
      break;
    case 2:
      attribute.value = integer;
      break;
    case 3:
      attribute.value = std::move(text);
      break;
    case 4:
      if (!tensor.value.defined()) in.fail_here(fmt::format("attribute '{}' lacks its tensor", attribute.name));
      attribute.value = std::move(tensor);
      break;
    case 5:
      if (graph == nullptr) in.fail_here(fmt::format("attribute '{}' lacks its graph", attribute.name));
      attribute.value = std::move(graph);
      break;
    case 6:
      attribute.value = std::move(reals);
      break;
    case 7:
      attribute.value = std::move(integers);
      break;
    case 8:
      attribute.value = std::move(texts);
      break;
    default:
      in.fail_here(fmt::format("attribute '{}' is of type {}, which is not supported", attribute.name, type));
  }
  return attribute;
}

NodeProto node_from(WireReader in) {
  NodeProto node;
  while (in.next()) {
    switch (in.field()) {
      case 1:
        node.inputs.push_back(in.text());
        break;
      case 2:
        node.outputs.push_back(in.text());
        break;
      case 3:
        node.name = in.text();
        break;
      case 4:
        node.op = in.text();
        break;
      case 5:
        node.attributes.push_back(attribute_from(in.message()));
        break;
      case 7:
        node.domain = in.text();
        break;
      default:
        break;
    }
  }
  return node;
}

Dimension dimension_from(WireReader in) {
  Dimension dimension;
  while (in.next()) {
    if (in.field() == 1) dimension.size = in.integer();
    if (in.field() == 2) dimension.axis = in.text();
  }
  return dimension;
}

void read_type(WireReader in, ValueInfo& value) {
  while (in.next()) {
    if (in.field() != 1) continue;  // a sequence, map, ...: its type stays undefined
    WireReader tensor = in.message();
    while (tensor.next()) {
      if (tensor.field() == 1) value.type = static_cast<ElementType>(tensor.integer());
      if (tensor.field() != 2) continue;
      value.shape.emplace();
      WireReader shape = tensor.message();
      while (shape.next())
        if (shape.field() == 1) value.shape->push_back(dimension_from(shape.message()));
    }
  }
}

ValueInfo value_from(WireReader in) {
  ValueInfo value;
  while (in.next()) {
    if (in.field() == 1) value.name = in.text();
    if (in.field() == 2) read_type(in.message(), value);
    if (in.field() == 3) value.doc = in.text();
  }
  return value;
}

GraphProto graph_from(WireReader in) {
  GraphProto graph;
  while (in.next()) {
    switch (in.field()) {
      case 1:
        graph.nodes.push_back(node_from(in.message()));
        break;
      case 2:
        graph.name = in.text();
        break;
      case 5:
        graph.initializers.push_back(tensor_from(in.message()));
        break;
      case 11:
        graph.inputs.push_back(value_from(in.message()));
        break;
      case 12:
        graph.outputs.push_back(value_from(in.message()));
        break;
      case 15:
        in.fail_here("sparse tensors are not supported");
      default:
        break;
    }
  }
  return graph;
}

void read_opset(WireReader in, ModelProto& model) {
  std::string domain;
  int64_t version = 0;
  while (in.next()) {
    if (in.field() == 1) domain = in.text();
    if (in.field() == 2) version = in.integer();
  }
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

void read_metadata(WireReader in, ModelProto& model) {
  std::string key, value;
  while (in.next()) {
    if (in.field() == 1) key = in.text();
    if (in.field() == 2) value = in.text();
  }
  model.metadata[key] = value;
}

}  // namespace

ElementType element_type(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return ElementType::kFloat;
    case DType::kF64:
      return ElementType::kDouble;
    case DType::kBF16:
      return ElementType::kBfloat16;
    case DType::kI32:
      return ElementType::kInt32;
    case DType::kI64:
      return ElementType::kInt64;
    case DType::kU8:
      return ElementType::kUint8;
  }
  return ElementType::kUndefined;
}

DType dtype_of(ElementType type, const std::string& what) {
  switch (type) {
    case ElementType::kFloat:
      return DType::kF32;
    case ElementType::kDouble:
      return DType::kF64;
    case ElementType::kBfloat16:
      return DType::kBF16;
    case ElementType::kInt32:
      return DType::kI32;
    case ElementType::kInt64:
      return DType::kI64;
    case ElementType::kUint8:
    case ElementType::kBool:
      return DType::kU8;
    case ElementType::kUndefined:
      break;
  }
  constexpr const char* kNames[] = {"no type", "FLOAT",  "UINT8",     "INT8",       "UINT16",  "INT16",
                                    "INT32",   "INT64",  "STRING",    "BOOL",       "FLOAT16", "DOUBLE",
                                    "UINT32",  "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"};
  const auto number = static_cast<int32_t>(type);
  const bool known = number >= 0 && number < static_cast<int32_t>(std::size(kNames));
  fail("onnx: {} has {}, which is not supported", what,
       known ? std::string(kNames[number]) : fmt::format("elements of type {}", number));
}

TensorProto read_tensor(std::span<const std::byte> bytes, std::string_view file) {
  return tensor_from(WireReader(bytes, file));
}

ModelProto read_model(std::span<const std::byte> bytes, std::string_view file) {
  WireReader in(bytes, file);
  ModelProto model{.ir_version = 0, .opset = 0};
  bool has_graph = false;
  while (in.next()) {
    switch (in.field()) {
      case 1:
        model.ir_version = in.integer();
        break;
      case 2:
        model.producer = in.text();
        break;
      case 3:
        model.producer_version = in.text();
        break;
      case 6:
        model.doc = in.text();
        break;
      case 7:
        model.graph = graph_from(in.message());
        has_graph = true;
        break;
      case 8:
        read_opset(in.message(), model);
        break;
      case 14:
        read_metadata(in.message(), model);
        break;
      case 25:
        in.fail_here("functions of a model's own are not supported");
      default:
        break;
    }
  }
  if (!has_graph) fail("{}: not an ONNX model: it has no graph", file);
  return model;
}

ModelProto read_model(const std::filesystem::path& path) {
  const MappedFile file(path);
  return read_model(file.bytes(), path.string());
}

}  // namespace recur::onnx
