// Noisy data and the clean ones that belong to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/trained.h"

namespace recur {

// Whether noisy data and clean ones are a folder each, whose files have names to compare.
bool are_two_folders(const DataFiles& noisy, const DataFile& clean);

// Files of two folders, as paths in these, belong together by their order: throws Error, with `one` for what a file is,
// where their paths differ by more than the endings, or one folder has more.
void check_same_files(std::string_view one, const std::vector<std::string>& noisy,
                      const std::vector<std::string>& clean);

}  // namespace recur
