#include "recur/audit/term_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

constexpr size_t kMostBytes = 1 << 20;  // of a file of pairs

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_part_of_word(char c) {
  return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::string all_upper(std::string text) {
  std::ranges::transform(text, text.begin(), upper);
  return text;
}

// `with` in the letters of `found`, which is written otherwise than `written`.
std::string in_letters_of(std::string_view found, std::string_view written, const std::string& with) {
  if (found == written) return with;
  const auto letters = std::ranges::count_if(found, [](char c) { return is_upper(c) || is_lower(c); });
  const auto capitals = std::ranges::count_if(found, is_upper);
  if (capitals == 0) return lower_ascii(with);
  if (capitals == letters && letters > 1) return all_upper(with);
  std::string out = with;
  if (is_upper(found.front()) && !out.empty()) out.front() = upper(out.front());
  return out;
}

TermPair pair_in(std::string_view line, const DataFile& file, int64_t number) {
  const char between = line.find('\t') != std::string::npos ? '\t' : ',';
  const size_t at = line.find(between);
  const auto fail_line = [&](std::string_view expected) {
    fail("{}:{}: {}, got {}", file.name(), number, expected, quoted_cell(line));
  };
  constexpr std::string_view kPair = "expected two terms with a tab or a comma between them";
  if (at == std::string::npos || line.find(between, at + 1) != std::string::npos) fail_line(kPair);
  TermPair pair{std::string(trimmed(line.substr(0, at))), std::string(trimmed(line.substr(at + 1)))};
  if (pair.first.empty() || pair.second.empty()) fail_line(kPair);
  if (lower_ascii(pair.first) == lower_ascii(pair.second)) fail_line("expected two different terms");
  return pair;
}

}  // namespace

TermPairs::TermPairs(std::vector<TermPair> pairs) : pairs_(std::move(pairs)) {
  std::set<size_t, std::greater<>> lengths;
  for (size_t i = 0; i < pairs_.size(); ++i) {
    const auto& [first, second] = pairs_[i];
    const auto pair = static_cast<int64_t>(i);
    partners_.emplace(lower_ascii(first), Partner{pair, true, first, second});
    partners_.emplace(lower_ascii(second), Partner{pair, false, second, first});
    lengths.insert({first.size(), second.size()});
  }
  lengths_.assign(lengths.begin(), lengths.end());
}

TermPairs TermPairs::read(const DataFile& file) {
  std::string text = file.content(kMostBytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::vector<TermPair> pairs;
  int64_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty() || line.front() == '#') continue;
    pairs.push_back(pair_in(line, file, number));
  }
  if (pairs.empty()) fail("{}: expected pairs of terms, one a line, got none", file.name());
  return TermPairs(std::move(pairs));
}

SwappedText TermPairs::swap(std::string_view text, std::optional<int64_t> only) const {
  const std::string small = lower_ascii(text);
  SwappedText out;
  std::set<int64_t> forward, backward;
  for (size_t at = 0; at < text.size();) {
    const Partner* found = nullptr;
    size_t length = 1;
    const bool begins = at == 0 || !is_part_of_word(text[at - 1]);
    for (const size_t each : lengths_) {
      if (!begins || at + each > text.size()) continue;
      if (at + each < text.size() && is_part_of_word(text[at + each])) continue;
      const auto partner = partners_.find(std::string_view(small).substr(at, each));
      if (partner == partners_.end()) continue;
      found = &partner->second;
      length = each;
      break;
    }
    if (found == nullptr || (only && found->pair != *only)) {
      out.text += text.substr(at, length);
      at += length;
      continue;
    }
    out.text += in_letters_of(text.substr(at, length), found->written, found->with);
    (found->forward ? forward : backward).insert(found->pair);
    at += length;
  }
  out.forward.assign(forward.begin(), forward.end());
  out.backward.assign(backward.begin(), backward.end());
  return out;
}

}  // namespace recur
