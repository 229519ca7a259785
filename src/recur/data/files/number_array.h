// Arrays of numbers from NumPy's .npy and .npz files and the IDX files of MNIST.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

struct NumberArray {
  std::string name;            // of the member in an .npz, without ".npy"; else empty
  std::vector<int64_t> shape;  // at most 8 axes
  std::vector<double> values;  // row-major, whatever the file has; NaN where it has it, never infinite
};

// Which of the formats the first bytes are: "npy", "npz", "idx", or "" for none.
std::string array_format(const DataFile& file);

// Floats of 2, 4 and 8 bytes, integers of 1 to 8 bytes and booleans, in both byte orders and both array orders. Throws
// Error for other types, sizes that do not fit the file, infinite values, and more than max_values in all.
NumberArray read_npy(const DataFile& file, int64_t max_values);
NumberArray read_idx(const DataFile& file, int64_t max_values);
std::vector<NumberArray> read_npz(const DataFile& file, int64_t max_values);

}  // namespace recur
