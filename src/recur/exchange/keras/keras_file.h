// Keras's files: .keras (a zip archive with config.json and model.weights.h5) and .h5 (HDF5 with the configuration as
// an attribute, or weights alone). HDF5 is read by libhdf5, which is optional: without it these files are refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/zip_archive.h"
#include "recur/exchange/found_layers.h"

namespace recur::keras {

struct Model {
  int64_t input = 0;  // F
  FoundStack stack;
};

bool is_keras_archive(std::span<const ZipMember> members);
Model read_archive(const std::string& file, std::span<const ZipMember> members);

struct Hdf5Contents {
  std::optional<Model> model;      // where the file has a configuration
  std::vector<FoundLayer> layers;  // else: by the names of the weights
};
Hdf5Contents read_hdf5(const std::string& file);

}  // namespace recur::keras
