// A folder whose folders are classes: train/pos/1.txt, train/neg/1.txt.
#pragma once

#include <string>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

struct LabelledFile {
  DataFile file;
  std::string label;  // the folder it lies in, at any depth; empty for files that lie in none
  std::string id;     // its path from the outer folder: "pos/1.txt"
};

struct ClassFolder {
  std::vector<LabelledFile> files;  // class by class, in natural order
  std::string note;                 // what was found, in words
};

bool is_folder(const DataFile& file);

// Names that begin with a dot are passed over, and so are empty folders and files beside folders. Without folders, all
// files are taken and have no label. Throws Error for a folder that cannot be read or has no files.
ClassFolder read_class_folder(const DataFile& folder);

}  // namespace recur
