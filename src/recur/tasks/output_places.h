// Where the files go that a prediction writes into a folder, one for each file of data that it reads.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace recur {

class OutputPlaces {
 public:
  // `option` names the folder in errors. Throws UsageError if `folder` is a file.
  OutputPlaces(std::string option, std::string folder);

  // The next output: `name` below the folder, made from `source`, a path of a file or another name for the reader.
  // With `shared`, several outputs of one source are parts of one file. Throws UsageError if two sources lead to one
  // file.
  void add(const std::filesystem::path& name, const std::string& source, bool shared = false);

  // One more file that is read, of which nothing is made.
  void protect(const std::string& source) { protected_.push_back(source); }

  // Throws UsageError if a file would be written over one that is read, links seen through.
  void check_sources() const;

  const std::filesystem::path& operator[](size_t i) const { return places_[i]; }

 private:
  std::string option_, folder_;
  std::vector<std::filesystem::path> places_;
  std::map<std::string, std::string> sources_;  // of each place
  std::vector<std::string> protected_;
};

}  // namespace recur
