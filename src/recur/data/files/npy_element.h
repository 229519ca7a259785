// Elements of arrays as the bytes of an .npy file.
#pragma once

#include <string>

#include "recur/data/files/number_array.h"

namespace recur {

// The element that a value becomes, little-endian: floats of 4 or 8 bytes as they are, integers and truth values
// rounded to the nearest that there is. REQUIRES: `element` is no float of 2 bytes.
void append_element(std::string& out, double value, const ArrayElement& element);

// The element as append_element() can write it: floats of 2 bytes become such of 4.
ArrayElement written_element(ArrayElement element);

// The name of an .npy file that is made from an array's: of compressed arrays and IDX files, too.
std::string npy_name(const std::string& file);

}  // namespace recur
