// Notes and warnings of the library on their way to Python's logging.
#pragma once

#include <utility>

#include "binding.h"

namespace recur::python {

// Gives what the library has said since the last call to the logger "recur". REQUIRES: the GIL.
void deliver_messages() noexcept;

// Runs work without the GIL; what the library said meanwhile is delivered afterwards, also when the work fails. The
// library may speak from any thread while another one holds the GIL, so messages wait in a list.
template <class Work>
auto without_gil(Work&& work) {
  struct Deliver {
    Deliver() = default;
    Deliver(const Deliver&) = delete;
    Deliver& operator=(const Deliver&) = delete;
    ~Deliver() { deliver_messages(); }
  };
  const Deliver deliver;
  const nb::gil_scoped_release released;
  return std::forward<Work>(work)();
}

}  // namespace recur::python
