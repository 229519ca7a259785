#include "recur/tasks/output_places.h"

#include <system_error>
#include <unordered_set>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// The file itself, without links; "" if there is none.
std::string true_path(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::canonical(path, error);
  return error ? "" : found.string();
}

}  // namespace

OutputPlaces::OutputPlaces(std::string option, std::string folder)
    : option_(std::move(option)), folder_(std::move(folder)) {
  std::error_code ignored;
  if (fs::exists(folder_, ignored) && !fs::is_directory(folder_, ignored)) {
    fail_usage("{}: expected a folder, {} is a file", option_, folder_);
  }
}

void OutputPlaces::add(const fs::path& name, const std::string& source, bool shared) {
  places_.push_back(fs::path(folder_) / name);
  const auto [at, is_new] = sources_.emplace(places_.back().lexically_normal().string(), source);
  if (!is_new && !(shared && at->second == source)) {
    fail_usage("{}: {} and {} would both be written to {}", option_, at->second, source, at->first);
  }
}

void OutputPlaces::check_sources() const {
  std::unordered_set<std::string> read;
  for (const std::string& source : protected_) read.insert(true_path(source));
  for (const auto& [place, source] : sources_) read.insert(true_path(source));
  for (const auto& [place, source] : sources_) {
    const std::string target = true_path(place);
    if (!target.empty() && read.contains(target)) {
      fail_usage("{}: expected a folder other than that of the data, {} would be overwritten", option_, place);
    }
  }
}

}  // namespace recur
