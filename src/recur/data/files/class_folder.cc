#include "recur/data/files/class_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/natural_order.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

struct Entries {
  std::vector<fs::path> files, folders;
};

Entries entries_of(const fs::path& folder) {
  Entries out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with('.')) continue;
    std::error_code unreadable;
    const fs::file_status status = at->status(unreadable);
    if (fs::is_directory(status)) out.folders.push_back(at->path());
    if (fs::is_regular_file(status)) out.files.push_back(at->path());
  }
  if (error) fail("cannot read the folder {}: {}", folder.string(), error.message());
  const auto less = [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); };
  std::ranges::sort(out.files, less);
  std::ranges::sort(out.folders, less);
  return out;
}

// The files of a class, those of folders inside included.
void add_files(const fs::path& outer, const fs::path& folder, const std::string& label, int depth,
               std::vector<LabelledFile>& out) {
  constexpr int kDeepest = 16;  // links may lead around
  if (depth > kDeepest) fail("{}: more than {} folders inside each other", folder.string(), kDeepest);
  const Entries entries = entries_of(folder);
  for (const fs::path& file : entries.files) out.push_back({file, label, file.lexically_relative(outer).string()});
  for (const fs::path& inside : entries.folders) add_files(outer, inside, label, depth + 1, out);
}

}  // namespace

bool is_folder(const DataFile& file) {
  std::error_code error;
  return file.memory() == nullptr && fs::is_directory(file.name(), error);
}

ClassFolder read_class_folder(const DataFile& folder) {
  constexpr size_t kListed = 12;
  const fs::path outer(folder.name());
  const Entries entries = entries_of(outer);
  ClassFolder out;
  std::vector<std::string> classes;
  for (const fs::path& each : entries.folders) {
    const size_t before = out.files.size();
    const std::string label = each.filename().string();
    add_files(outer, each, label, 0, out.files);
    if (out.files.size() > before) classes.push_back(fmt::format("{} ({})", label, out.files.size() - before));
  }
  if (entries.folders.empty()) {
    for (const fs::path& file : entries.files) out.files.push_back({file, "", file.filename().string()});
    out.note = fmt::format("{}: {}", folder.name(), counted(std::ssize(out.files), "file", "files"));
  } else {
    out.note = fmt::format("{}: {} folders are classes, with these numbers of files: {}", folder.name(), classes.size(),
                           listed(classes, kListed));
    if (!entries.files.empty()) {
      out.note += fmt::format("; {} skipped",
                              counted(std::ssize(entries.files), "file next to them is", "files next to them are"));
    }
  }
  if (out.files.empty()) fail("{}: no files in the folder", folder.name());
  return out;
}

}  // namespace recur
