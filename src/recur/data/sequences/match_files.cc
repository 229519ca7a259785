#include "recur/data/sequences/match_files.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <string_view>

#include "recur/data/files/natural_order.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/string_map.h"

namespace recur::internal {
namespace {

namespace fs = std::filesystem;

// The last folders and the name of a path.
std::string tail(const std::string& path, int parts) {
  fs::path out;
  const fs::path whole = fs::path(path).lexically_normal();
  for (auto at = whole.end(); at != whole.begin() && parts > 0; --parts) {
    --at;
    out = out.empty() ? *at : *at / out;
  }
  return out.string();
}

// Without ".csv", or ".csv.gz".
std::string without_extension(const std::string& path) {
  fs::path out(path);
  const std::string last = lower_ascii(out.extension().string());
  if (last == ".gz" || last == ".xz" || last == ".zst") out.replace_extension();
  return out.replace_extension().string();
}

// The digits of a number, without zeros before them: "12" of "012"; "" of anything else.
std::string digits_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return "";
  const size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
  return std::string(text.substr(first));
}

// The last number of each name, where all that stands around it is the same; empty otherwise.
std::vector<std::string> numbers_in(const std::vector<std::string>& files) {
  std::vector<std::string> numbers;
  std::set<std::pair<std::string, std::string>> around;
  for (const std::string& file : files) {
    const std::string name = without_extension(tail(file, 1));
    const size_t last = name.find_last_of("0123456789");
    if (last == std::string::npos) return {};
    const size_t before = name.find_last_not_of("0123456789", last);
    const size_t first = before == std::string::npos ? 0 : before + 1;
    numbers.push_back(digits_of(std::string_view(name).substr(first, last + 1 - first)));
    around.emplace(name.substr(0, first), name.substr(last + 1));
    if (around.size() > 1) return {};
  }
  return numbers;
}

using Key = std::function<std::string(const std::string&)>;

std::vector<std::string> keys_of(const std::vector<std::string>& names, const Key& key) {
  std::vector<std::string> out(names.size());
  std::ranges::transform(names, out.begin(), key);
  return out;
}

// Nothing where keys of files are not different, or one of them is there twice among the cells.
std::optional<FileRows> match_keys(const std::vector<std::string>& files, const std::vector<std::string>& cells) {
  StringMap<size_t> file_of;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].empty() || !file_of.emplace(files[i], i).second) return std::nullopt;
  }
  FileRows out{.row_of = std::vector<std::optional<size_t>>(files.size()), .kind = {}};
  for (size_t row = 0; row < cells.size(); ++row) {
    const auto at = file_of.find(cells[row]);
    if (at == file_of.end()) continue;
    if (out.row_of[at->second]) return std::nullopt;
    out.row_of[at->second] = row;
  }
  return out;
}

}  // namespace

size_t FileRows::matched() const {
  return static_cast<size_t>(std::ranges::count_if(row_of, [](const auto& row) { return row.has_value(); }));
}

std::optional<FileRows> match_files(const std::vector<std::string>& files, const std::vector<std::string>& cells) {
  constexpr int kMostParts = 4;
  std::optional<FileRows> best;
  const auto offer = [&](std::optional<FileRows> found, const char* kind) {
    if (!found || found->matched() * 2 < files.size() || found->matched() == 0) return;
    if (best && best->matched() >= found->matched()) return;
    best = std::move(found);
    best->kind = kind;
  };
  for (int parts = 1; parts <= kMostParts; ++parts) {
    const Key whole = [parts](const std::string& path) { return tail(path, parts); };
    const Key stem = [parts](const std::string& path) { return without_extension(tail(path, parts)); };
    const std::vector<std::string> own = keys_of(files, whole), stems = keys_of(files, stem);
    offer(match_keys(own, keys_of(cells, whole)), "file names");
    offer(match_keys(stems, keys_of(cells, whole)), "file names");
    offer(match_keys(stems, keys_of(cells, stem)), "file names");
  }
  if (best && best->matched() == files.size()) return best;
  const std::vector<std::string> numbers = numbers_in(files);
  if (!numbers.empty()) offer(match_keys(numbers, keys_of(cells, digits_of)), "numbers in the file names");
  return best;
}

std::optional<Neighbours> out_of_order(const std::vector<std::string>& files) {
  const auto at = std::ranges::adjacent_find(files, [](const auto& a, const auto& b) { return natural_less(b, a); });
  if (at == files.end()) return std::nullopt;
  return Neighbours{*at, *(at + 1)};
}

}  // namespace recur::internal
