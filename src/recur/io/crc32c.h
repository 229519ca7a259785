// CRC-32C, the Castagnoli checksum (polynomial 0x1EDC6F41, reflected): of event files' records and of checkpoints.
// It finds every error of up to 32 adjacent bits, so any single flipped bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace recur {

// The checksum of `bytes`, or of what came before followed by `bytes` when `crc` is the checksum of what came before.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);
std::uint32_t crc32c(std::string_view text, std::uint32_t crc = 0);

}  // namespace recur
