// libhdf5, which reads HDF5. Version 1.10 of Debian frees memory that it does not own on files that are made for that:
// it is used in a process of its own, by Hdf5File.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur::keras {

// Attributes of the root that Keras writes.
inline constexpr std::array kHdf5Attributes{"model_config", "keras_version"};

struct Hdf5Dataset {
  std::string path;        // "layers/lstm/cell/vars/0"
  Tensor values;           // f32; undefined where it cannot be read as numbers
  std::string error = {};  // and then why not, with file and path
};

struct Hdf5Content {
  std::vector<Hdf5Dataset> datasets = {};              // all, in the order of their names
  std::map<std::string, std::string> attributes = {};  // those of kHdf5Attributes that are texts
};

// Throws Error for what is no HDF5 file, for links to elsewhere, and in a build without libhdf5. `name` stands for the
// file in errors.
Hdf5Content read_with_library(const std::string& name, const std::string& bytes);

}  // namespace recur::keras
