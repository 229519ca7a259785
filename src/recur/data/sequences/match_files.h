// Finds the rows of a table that belong to files by the files' names. For the readers' sources alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace recur::internal {

// Of each file its row; nothing for one without.
struct FileRows {
  std::vector<std::optional<size_t>> row_of;
  std::string kind;  // how names were compared: "file names", "numbers in the file names"

  size_t matched() const;
};

// `cells` are those of one column. A cell names a file by its path or the end of it, with or without an extension, or
// by the number in its name where all names are alike but for it. The first of these ways that finds most files;
// nothing when none finds half of them, or a cell that names a file is there twice.
std::optional<FileRows> match_files(const std::vector<std::string>& files, const std::vector<std::string>& cells);

// The first two neighbours that do not stand in natural order: {"10.csv", "2.csv"}.
struct Neighbours {
  std::string first, second;
};
std::optional<Neighbours> out_of_order(const std::vector<std::string>& files);

}  // namespace recur::internal
