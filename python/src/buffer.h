// Numbers in the memory of NumPy arrays, reached with as little as there is in between: a stream's step takes less than
// a microsecond.
#pragma once

#include <span>
#include <string>

#include "binding.h"

namespace recur::python {

// The elements of a row-major array of float32, of whatever shape, as long as this lives.
class Floats {
 public:
  enum class Use { kRead, kWrite };

  // Throws TypeError, naming the argument, where the object is none, and BufferError where it cannot be written.
  Floats(nb::handle array, const char* argument, Use use);
  Floats(const Floats&) = delete;
  Floats& operator=(const Floats&) = delete;
  ~Floats() { PyBuffer_Release(&view_); }

  std::span<float> span() const {
    return {static_cast<float*>(view_.buf), static_cast<size_t>(view_.len) / sizeof(float)};
  }

 private:
  Py_buffer view_{};
};

}  // namespace recur::python
