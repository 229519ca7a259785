// Any bytes are a state dict of PyTorch, in an archive or as its pickle alone, or an Error: never a crash or an
// overrun.
#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/base/error.h"
#include "recur/data/files/zip_archive.h"
#include "recur/exchange/torch/pickle.h"
#include "recur/exchange/torch/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    recur::torch::Pickle::parse(bytes, "input");
  } catch (const recur::Error&) {
  }
  try {
    constexpr std::size_t kInMemory = 1 << 24;
    const auto members = recur::raw_zip_members(recur::DataFile::from_memory("input", bytes), kInMemory);
    if (recur::torch::is_torch_archive(members)) recur::torch::read_state_dict("input", members, "");
  } catch (const recur::Error&) {
  }
  return 0;
}
