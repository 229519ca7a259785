// Numbers packed into text, as baselines are stored among a model's assets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// Whole numbers of 7 bits a byte, the lowest first, the highest bit set on all bytes of a number but its last (LEB128),
// then base64.
std::string pack(std::span<const uint64_t> numbers);
std::vector<uint64_t> unpack(std::string_view text);  // throws Error: it is untrusted input

}  // namespace recur
