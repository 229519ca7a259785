// Recur's own safetensors files: they state their kind and contain a checksum of their content.
//
// The metadata's keys beginning with "recur." are reserved for that:
//   recur.kind      "checkpoint", "model", ...
//   recur.version   of the layout of that kind, "1" so far
//   recur.checksum  "crc32c:" and eight hexadecimal digits; docs/formats.md describes what it covers
// Any program that reads safetensors reads them too.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "recur/io/safetensors.h"

namespace recur {

// Writes the tensors and the metadata, to which the three keys are added. As write_safetensors(): whole or not at all,
// so that an older file of this name stays until the new one is on the disk.
void write_sealed(const std::filesystem::path& path, std::string_view kind, std::span<const TensorView> tensors,
                  std::map<std::string, std::string, std::less<>> metadata);

// Opens such a file and reads all of it once for the checksum. Throws Error for another kind, a newer version, and a
// file in which a bit has changed.
SafetensorsFile open_sealed(const std::filesystem::path& path, std::string_view kind);

// The checks of open_sealed() alone, for a file that is open already or in memory.
void check_seal(const SafetensorsFile& file, std::string_view kind);

}  // namespace recur
