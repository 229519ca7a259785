// The JSON header of a safetensors file, parsed strictly. Used by safetensors.cc alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace recur::internal {

struct HeaderEntry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // first byte of the tensor, counted from the end of the header
  std::uint64_t end = 0;    // one past its last byte
};

struct Header {
  std::map<std::string, std::string, std::less<>> metadata;
  std::vector<HeaderEntry> entries;  // in the order of the file
};

// Parses the header as the format allows it and nothing else: no unknown or repeated keys, no nesting beyond
// that of the format, no sizes below 0. Whether types, sizes and offsets make sense is left to the caller.
// Throws Error naming `file` and, where there is one, the tensor.
Header parse_header(std::string_view json, std::string_view file);

// The header of these entries as JSON without any spaces; metadata first, then the entries in their order.
// Throws Error naming `file` when a text is not UTF-8.
std::string format_header(const Header& header, std::string_view file);

// A name from a file, made printable for an error message: control characters replaced, at most 80 bytes of it.
std::string printable(std::string_view name);

}  // namespace recur::internal
