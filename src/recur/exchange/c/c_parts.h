// The texts that C programs are made of.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace recur::c {

// `text` with each @NAME@ replaced by its value.
using Values = std::initializer_list<std::pair<std::string_view, std::string>>;
std::string fill(std::string_view text, const Values& values);

// Functions that a program includes when it calls them, in the order in which they may stand.
struct Helper {
  std::string_view name;  // called as name(
  std::string_view text;
};
extern const std::initializer_list<Helper> kHelpers;

// The helpers that `body` calls, and those that these call.
std::string helpers_for(const std::string& body);

// The gates of a cell for units 0 .. H - 1, from x[] and r[], the products with biases, into h[] and c[]; "" of a cell
// that has none. Of gru_reset_before it is the part behind its second product.
std::string_view gates_text(std::string_view cell);

}  // namespace recur::c
