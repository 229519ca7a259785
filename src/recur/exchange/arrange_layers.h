// The order of layers that a file names but does not put in order, and what stands between them.
#pragma once

#include <string>
#include <vector>

#include "recur/exchange/found_layers.h"

namespace recur {

struct ArrangeOptions {
  std::string file;
  // Layers from the input to the output, between commas: names of the file, activations, "last". Words of a layer stand
  // behind its name, after colons: "embed:embedding,rnn:rnn_relu,conv:before=1:after=1,last,fc,sigmoid". "": found out.
  std::string layers = {};
  bool in_order = false;  // the file has them in the order of the module's definition
};

// Throws UsageError where several orders or kinds of layers are likely, saying which --layers decides; Error where none
// fits. What was taken is logged.
FoundStack arrange(std::vector<FoundLayer> found, const ArrangeOptions& options);

// F of the first layer.
int64_t input_of(const FoundStack& stack);

}  // namespace recur
