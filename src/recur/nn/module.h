// The base of layers and models: named parameters, buffers and children.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recur/nn/parameter.h"
#include "recur/tensor/named_tensors.h"

namespace recur {

// A Module is a handle, as Tensor is: a copy has the same parameters. A layer derives from it, keeps its parameters
// (parameter.h), buffers and children as members, and names them in its constructor:
//
//   Tagger(...) { register_module("embedding", embedding_); register_module("rnn", rnn_); }
class Module {
 public:
  virtual ~Module() = default;

  // In the order of registration, children's in place. A tensor reached under several names (tied weights) is listed
  // once, under its first.
  NamedTensors named_parameters() const;
  Tensors parameters() const;
  // Of each of named_parameters(): what its learning rate is multiplied by, as the layer that registered it asks.
  std::vector<double> rate_factors() const;
  // Tensors that belong to the model but are not trained by gradients: running statistics, masks.
  NamedTensors named_buffers() const;
  // Parameters, then buffers: what a model file holds.
  NamedTensors state() const;
  int64_t parameter_count() const;

  // Overwrites the parameters and buffers with the tensors of the same names, converting the dtype. Throws, having
  // changed nothing, when a name is missing, unknown or repeated, or a shape differs.
  void load_state(const NamedTensors& state);

  // Whether recurrent layers, including those of children, compute with weights rounded to 8-bit integers in evaluation
  // mode without a graph. Set it before other threads use the module. The parameters are not changed.
  void infer_in_int8(bool on = true);
  bool infers_in_int8() const { return registry_->int8; }

  // Converts parameters and buffers, in place, to f32 or f64 (for gradient checks); drops accumulated gradients.
  void to(DType dtype);

 protected:
  Module() : registry_(std::make_shared<Registry>()) {}
  Module(const Module&) = default;
  Module& operator=(const Module&) = default;

  // Both fail on a name that is empty, has a dot or is taken. A parameter is made to require a gradient; an undefined
  // one (no bias) is passed over.
  void register_parameter(const std::string& name, const Parameter& parameter, double rate_factor = 1);
  void register_buffer(const std::string& name, Tensor value);
  // Children may be built before or after; later registrations within the child count.
  void register_module(const std::string& name, const Module& child);
  // A child without a name of its own: what it holds stands among this module's, each name followed by `suffix`
  // ("weight_ih" and "_l0": "weight_ih_l0").
  void register_part(const std::string& suffix, const Module& part);

 private:
  struct Registry;
  struct Entry {
    std::string name;                      // of a part: its suffix
    Tensor value = {};                     // of a parameter or buffer
    std::shared_ptr<Registry> child = {};  // of a child
    bool is_buffer = false;
    bool is_part = false;
    double rate_factor = 1;  // of a parameter
  };
  struct Registry {
    std::vector<Entry> entries;
    bool int8 = false;
  };

  // What stands before and behind the names.
  struct Around {
    std::string prefix = {}, suffix = {};
  };
  struct Found {
    NamedTensors tensors;
    std::vector<double> rate_factors;
  };
  static void collect(const Registry& registry, bool buffers, const Around& around, Found& out);
  Found collect(bool buffers) const;
  static void set_int8(Registry& registry, bool on);
  void add(Entry entry);

  std::shared_ptr<Registry> registry_;
};

// The parameters of several modules, each tensor once.
template <class... Modules>
Tensors parameters(const Modules&... modules) {
  Tensors result;
  (internal::append_new(result, modules.parameters()), ...);
  return result;
}

}  // namespace recur
