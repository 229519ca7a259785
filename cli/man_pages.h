// Man pages of the program, in the macros of man(7).
#pragma once

#include <string>
#include <vector>

#include "cli/command_pages.h"

namespace recur::cli {

struct ManPage {
  std::string file;  // "recur-train.1"
  std::string text;
};

// recur(1), and one of each command. `date` stands in their headings: "2026-11-27", or "" for none.
std::vector<ManPage> man_pages(const std::vector<CommandPage>& pages, const std::string& date);

}  // namespace recur::cli
