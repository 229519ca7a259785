// An HDF5 file, read by libhdf5: its datasets by their paths, as numbers, and texts among its attributes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur::keras {

// One thread at a time uses libhdf5, whatever file it has. What reaches out of the file, links and data in other files,
// is refused.
class Hdf5File {
 public:
  // Both throw Error for what is no HDF5 file, and in a build without libhdf5.
  static Hdf5File open(const std::string& path);
  static Hdf5File from_memory(std::string name, std::string bytes);
  Hdf5File(Hdf5File&&) noexcept;
  ~Hdf5File();

  // Paths of all datasets, "layers/lstm/cell/vars/0", in the order of their names.
  const std::vector<std::string>& datasets() const;
  // A dataset as f32; throws Error, naming file and path, for what holds no numbers.
  Tensor read(const std::string& path) const;
  // The text of an attribute of the root; nothing where there is none.
  std::optional<std::string> attribute(const std::string& name) const;

 private:
  struct Handle;
  explicit Hdf5File(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace recur::keras
