// The three things that can be inspected.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace recur::cli {

struct InspectOptions {
  bool json = false;
  bool baselines = false;
};

void inspect_text(const std::vector<std::string>& paths, const InspectOptions& options);  // files and folders
void inspect_tensors(const std::filesystem::path& path, const InspectOptions& options);   // a file of tensors
void inspect_run(const std::filesystem::path& folder, const InspectOptions& options);

}  // namespace recur::cli
