// Arrays of numbers from NumPy's .npy and .npz files and the IDX files of MNIST.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// Which of the formats the first bytes are: "npy", "npz", "idx", or "" for none.
std::string array_format(const DataFile& file);

struct ArrayLimits {
  int64_t max_values = int64_t{1} << 31;
  int64_t memory_bytes = int64_t{256} << 20;  // of arrays that must be put into another order; the rest goes to disk
};

// What the elements of an array are in its file: 'f' floats, 'i' signed or 'u' unsigned integers, 'b' truth values, of
// so many bytes.
struct ArrayElement {
  char kind = 'f';
  int bytes = 4;
};

// An array read from front to back, in row-major order whatever the file has. Floats of 2, 4 and 8 bytes, integers of 1
// to 8 bytes and booleans, in both byte orders and both array orders. Throws Error for other types, sizes that do not
// fit the file, infinite values, and more than max_values.
class ArrayReader {
 public:
  // Of an .npy or IDX file.
  explicit ArrayReader(const DataFile& file, const ArrayLimits& limits = {});
  ~ArrayReader();

  const std::vector<int64_t>& shape() const { return shape_; }  // at most 8 axes
  int64_t size() const { return size_; }
  ArrayElement element_type() const { return element_; }

  // The next elements, of which there must be as many; NaN where the file has it, never infinite.
  void read(std::span<double> out);

 private:
  class Source;
  class Elements;
  class RowMajor;

  std::vector<int64_t> shape_;
  int64_t size_ = 0;
  ArrayElement element_;
  std::unique_ptr<Source> source_;
};

struct NumberArray {
  std::vector<int64_t> shape;
  std::vector<double> values;  // row-major
};
NumberArray read_array(const DataFile& file, const ArrayLimits& limits = {});

struct NamedArray {
  std::string name;  // of the member, without ".npy"
  DataFile file;     // it
};
std::vector<NamedArray> npz_arrays(const DataFile& file, const ArrayLimits& limits = {});

// The beginning of an .npy file of little-endian elements in row-major order, which follow it.
std::string npy_header(const std::vector<int64_t>& shape, const ArrayElement& element);

}  // namespace recur
