// Any bytes are an HDF5 file with numbers and texts, or an Error: never a crash or an overrun. libhdf5 itself is not
// instrumented, but its allocations are the sanitizer's.
#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/base/error.h"
#include "recur/exchange/keras/hdf5_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = recur::keras::Hdf5File::from_memory("input", {reinterpret_cast<const char*>(data), size});
    for (const char* name : {"model_config", "keras_version"}) file.attribute(name);
    for (const std::string& path : file.datasets()) file.read(path);
  } catch (const recur::Error&) {
  }
  return 0;
}
