// ONNX models as functions of Recur's ops, and as graphs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/autograd/graph.h"
#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

class Program;

// A model that can be run. Its open axes have the names of the model (dim_param), or one made of input and place.
class ModelFunction {
 public:
  // Throws Error by name for operators, types and inputs that Recur has nothing for. `file` is for messages.
  ModelFunction(ModelProto model, std::string file);

  const std::vector<GraphInput>& inputs() const;
  std::vector<std::string> outputs() const;
  Tensors operator()(const Tensors& inputs) const;

  // The same as a graph, with the parameters by the names of the initializers. Throws Error where sizes that are open
  // decide which ops run.
  Graph graph() const;

 private:
  std::shared_ptr<const Program> program_;
};

// What Recur writes of each input beside what ONNX has a place for: GraphInput::below and lengths_of, as JSON.
inline constexpr const char* kInputsKey = "recur.inputs";
std::string inputs_text(const std::vector<GraphInput>& inputs);

}  // namespace recur::onnx
