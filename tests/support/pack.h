// Compressed data for tests, made by the libraries that read it back.
#pragma once

#include <string>
#include <string_view>

namespace recur {

std::string gzip(std::string_view text);
std::string xz(std::string_view text);
std::string zstd(std::string_view text);
std::string deflated(std::string_view text);  // without header, as in zip files

}  // namespace recur
