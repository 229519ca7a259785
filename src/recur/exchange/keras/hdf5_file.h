// An HDF5 file: its datasets by their paths, as numbers, and texts among its attributes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recur/exchange/keras/hdf5_library.h"
#include "recur/tensor/tensor.h"

namespace recur::keras {

// All of it is read at once, in a process of its own, since a hostile file can crash libhdf5. What reaches out of the
// file, links and data in other files, is refused.
class Hdf5File {
 public:
  // Both throw Error for what is no HDF5 file, for one on which libhdf5 crashes or works longer than two minutes, and
  // in a build without it.
  static Hdf5File open(const std::string& path);
  static Hdf5File from_memory(std::string name, const std::string& bytes);

  // Paths of all datasets, "layers/lstm/cell/vars/0", in the order of their names.
  const std::vector<std::string>& datasets() const { return paths_; }
  // A dataset as f32; throws Error, naming file and path, for what holds no numbers.
  Tensor read(const std::string& path) const;
  // One of kHdf5Attributes; nothing where there is none.
  std::optional<std::string> attribute(const std::string& name) const;

 private:
  Hdf5File(std::string name, Hdf5Content content);

  std::string name_;
  Hdf5Content content_;
  std::vector<std::string> paths_;
};

}  // namespace recur::keras
