// The safetensors format: named tensors and text metadata in one file. It is opened without copying, and its
// content is treated as untrusted input.
//
//   8 bytes   N, the length of the header, little endian
//   N bytes   JSON: {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0,
//   24]}} the rest  the tensors' elements, row-major, little endian, without a gap; offsets count from here
//
// docs/formats.md says what Recur's own files hold in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/file.h"

namespace recur {

// The longest header read or written, in bytes: the limit of the format's reference implementation.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

// Bytes an element takes, or nothing for a name the format does not know. Recur writes F32, F64, BF16, I32, I64 and U8;
// the others (F16, I8, BOOL, ...) are known so that files of other programs can be read.
std::optional<std::size_t> safetensors_item_size(std::string_view dtype);

// One tensor. The data belongs to someone else: to the caller when writing, to the SafetensorsFile when reading, where
// it need not be aligned to its elements (copy with memcpy).
struct TensorView {
  std::string name;                 // any text but "__metadata__"
  std::string dtype;                // "F32", "F64", "BF16", "I32", "I64", "U8", ...
  std::vector<std::int64_t> shape;  // sizes >= 0, outermost first; empty: a scalar
  std::span<const std::byte> data;  // row-major, little endian
};

// An open file. Copies share the file's bytes; views stay valid as long as a copy lives.
class SafetensorsFile {
 public:
  // Maps the file and checks all of its header: every view lies inside the file and has the size that its type and
  // shape ask for, tensors neither overlap nor leave gaps. Throws Error naming file, tensor, expected and got.
  static SafetensorsFile open(const std::filesystem::path& path);

  // The same for bytes in memory, which must outlive the result. `name` stands for the file in errors.
  static SafetensorsFile parse(std::span<const std::byte> bytes, std::string name);

  const std::string& name() const { return name_; }
  const std::map<std::string, std::string, std::less<>>& metadata() const { return metadata_; }
  // In the order of the header.
  const std::vector<TensorView>& tensors() const { return tensors_; }

  // The tensor of this name, or null.
  const TensorView* find(std::string_view tensor) const;
  // The tensor of this name; throws Error, with the nearest name there is, when it is missing.
  const TensorView& at(std::string_view tensor) const;

 private:
  std::string name_;
  std::shared_ptr<const MappedFile> mapped_;  // null after parse()
  std::map<std::string, std::string, std::less<>> metadata_;
  std::vector<TensorView> tensors_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

// Writes a file, whole or not at all (AtomicFile). The bytes follow from the arguments alone: tensors in the order
// given, metadata by key. The first tensor begins at a multiple of 8 bytes, and so does every tensor whose predecessors
// take multiples of 8. Throws Error for a name that is repeated, reserved or not UTF-8, and for data that does not
// have the size of its type and shape.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string, std::less<>>& metadata = {});

}  // namespace recur
