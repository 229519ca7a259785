#include "recur/data/text/vocabulary.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {
constexpr size_t kMostDistinct = 4'000'000;
}

Vocabulary::Vocabulary(std::vector<std::string> words) : words_(std::move(words)) {
  if (words_.size() > std::numeric_limits<int32_t>::max()) fail("vocabulary: {} words are too many", words_.size());
  ids_.reserve(words_.size());
  for (const auto& word : words_) {
    if (!ids_.emplace(word, static_cast<int32_t>(ids_.size())).second) fail("vocabulary: '{}' is there twice", word);
  }
}

std::optional<int32_t> Vocabulary::find(std::string_view word) const {
  const auto found = ids_.find(word);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

void WordCounter::add(std::string_view word, int64_t count) {
  total_ += count;
  if (const auto found = counts_.find(word); found != counts_.end()) {
    found->second += count;
    return;
  }
  counts_.emplace(word, count);
  while (counts_.size() > kMostDistinct) drop_rarest();
}

int64_t WordCounter::count(std::string_view word) const {
  const auto found = counts_.find(word);
  return found == counts_.end() ? 0 : found->second;
}

void WordCounter::drop_rarest() {
  std::erase_if(counts_, [this](const auto& entry) { return entry.second <= dropped_below_; });
  ++dropped_below_;
}

std::vector<WordCounter::Entry> WordCounter::ranked(int64_t min_count) const {
  std::vector<Entry> entries;
  for (const auto& [word, count] : counts_) {
    if (count >= min_count) entries.push_back({word, count});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.count != b.count ? a.count > b.count : a.word < b.word; });
  return entries;
}

}  // namespace recur
