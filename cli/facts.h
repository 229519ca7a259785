// What a task says of itself, shown.
#pragma once

#include <string>
#include <string_view>

#include "cli/json.h"
#include "recur/tasks/table.h"

namespace recur::cli {

std::string spaced(std::string_view name);         // "bits per character" of bits_per_character
std::string cell_text(const TableCell& cell);      // for people
std::string facts_text(const Description& facts);  // a line each
Json cell_json(const TableCell& cell);
Json facts_json(const Description& facts);

}  // namespace recur::cli
