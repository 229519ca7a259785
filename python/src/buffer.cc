#include "buffer.h"

#include <cstring>

namespace recur::python {
namespace {

bool is_float32(const char* format) {
  if (format == nullptr) return false;
  if (*format == '@' || *format == '=' || *format == '<') ++format;
  return std::strcmp(format, "f") == 0;
}

}  // namespace

Floats::Floats(nb::handle array, const char* argument, Use use) {
  const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (use == Use::kWrite ? PyBUF_WRITABLE : 0);
  if (PyObject_GetBuffer(array.ptr(), &view_, flags) != 0) throw nb::python_error();
  if (is_float32(view_.format)) return;
  const std::string got = view_.format == nullptr ? "bytes" : view_.format;
  PyBuffer_Release(&view_);
  throw nb::type_error((std::string(argument) + ": expected a row-major array of float32, got elements of '" + got +
                        "'; numpy.asarray(x, numpy.float32) makes one")
                           .c_str());
}

}  // namespace recur::python
