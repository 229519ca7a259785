// Decompression of a stream. For data_file.cc alone.
#pragma once

#include <memory>
#include <string>

#include "recur/data/files/data_file.h"

namespace recur::internal {

// The stream itself, or one that unpacks it when `head`, its first bytes, are those of gzip, xz or zstd. `head` has
// been read from `packed` already.
std::unique_ptr<ByteStream> unpacked(std::unique_ptr<ByteStream> packed, std::string head, std::string name);

// What raw deflate data, as in zip archives, hold.
std::unique_ptr<ByteStream> inflated(std::unique_ptr<ByteStream> packed, std::string name);

constexpr size_t kMagicBytes = 6;  // what `head` must hold, unless the stream is shorter

}  // namespace recur::internal
