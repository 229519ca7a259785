// Python's pickles as torch.save writes them: values, and tensors as descriptions of where their elements are. Nothing
// is executed: of a class, whatever it is, only the name is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recur::torch {

struct PickleValue;

// Elements in a member of the archive: key "0" is data/0.
struct PickledTensor {
  std::string key, dtype;  // "FloatStorage", ...
  int64_t stored = 0;      // elements of the storage
  int64_t offset = 0;      // elements
  std::vector<int64_t> shape, strides;
};

struct PickleValue {
  enum class Kind : uint8_t {
    kNone,
    kBoolean,
    kInteger,
    kReal,
    kText,
    kList,
    kDict,
    kClass,
    kObject,
    kStorage,
    kTensor
  };
  Kind kind = Kind::kNone;
  int64_t integer = 0;  // of a boolean too
  double real = 0;
  std::string text;                 // of a class and an object, the name: "torch.FloatStorage"
  std::vector<PickleValue*> items;  // of lists, tuples and sets
  std::vector<std::pair<PickleValue*, PickleValue*>> members;  // of dicts, in their order
  PickledTensor tensor;                                        // of a storage, its key, dtype and number of elements
};

// A document owns all its values.
class Pickle {
 public:
  // Throws Error, beginning with `name` and with the byte, for what is no pickle, or uses what torch.save does not.
  static Pickle parse(std::string_view bytes, const std::string& name);

  const PickleValue& root() const { return *root_; }

 private:
  friend class PickleReader;
  std::vector<std::unique_ptr<PickleValue>> values_;
  const PickleValue* root_ = nullptr;
};

}  // namespace recur::torch
