#include "recur/data/text/ngram.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int kLongestOrder = 16;
constexpr size_t kBlock = 1 << 16;  // symbols read at a time

// Hashes of the last 0, 1, 2, ... symbols of a sequence; never 0.
using SuffixHashes = std::array<uint64_t, kLongestOrder + 1>;

uint64_t mix(uint64_t hash, int32_t symbol) {
  // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014) spreads every bit over the whole word.
  hash += 0x9E3779B97F4A7C15u * (static_cast<uint64_t>(static_cast<uint32_t>(symbol)) + 1);
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  hash ^= hash >> 31;
  return hash == 0 ? 1 : hash;
}

// hashes[k] is that of the last k of `symbols`, for k up to `longest`.
SuffixHashes suffix_hashes(std::span<const int32_t> symbols, size_t longest) {
  SuffixHashes hashes{};
  hashes[0] = 1;
  for (size_t k = 1; k <= longest; ++k) hashes[k] = mix(hashes[k - 1], symbols[symbols.size() - k]);
  return hashes;
}

// Calls visit(part) for the symbols [begin, end) of the corpus in order.
template <class Visit>
void for_each_part(const Corpus& corpus, int64_t begin, int64_t end, Visit visit) {
  std::vector<int32_t> part;
  for (int64_t at = begin; at < end; at += static_cast<int64_t>(part.size())) {
    part.resize(std::min(kBlock, static_cast<size_t>(end - at)));
    corpus.read(at, part);
    visit(std::span<const int32_t>(part));
  }
}

}  // namespace

template <class Value>
size_t NgramModel::Table<Value>::place(uint64_t key) const {
  size_t at = key & (slots_.size() - 1);
  while (slots_[at].key != 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  return at;
}

template <class Value>
void NgramModel::Table<Value>::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.key != 0) slots_[place(slot.key)] = slot;
  }
}

template <class Value>
Value* NgramModel::Table<Value>::find_or_add(uint64_t key, bool may_add) {
  size_t at = place(key);
  if (slots_[at].key == key) return &slots_[at].value;
  if (!may_add) return nullptr;
  if (++used_ > slots_.size() / 2) {
    grow();
    at = place(key);
  }
  slots_[at].key = key;
  return &slots_[at].value;
}

template <class Value>
const Value* NgramModel::Table<Value>::find(uint64_t key) const {
  const Slot& slot = slots_[place(key)];
  return slot.key == key ? &slot.value : nullptr;
}

template <class Value>
template <class Visit>
void NgramModel::Table<Value>::for_each(Visit visit) const {
  for (const Slot& slot : slots_) {
    if (slot.key != 0) visit(slot.value);
  }
}

NgramModel::NgramModel(int order, int32_t vocabulary, size_t max_entries)
    : order_(order), vocabulary_(vocabulary), max_entries_(max_entries), levels_(static_cast<size_t>(order)) {
  if (order < 1 || order > kLongestOrder)
    fail_usage("ngram: expected an order of 1 to {}, got {}", kLongestOrder, order);
}

// Counts one n-gram; true when it is new.
bool NgramModel::count(size_t length, uint64_t gram, uint64_t context) {
  Level& level = levels_[length - 1];
  uint32_t* counted = level.counts.find_or_add(gram, entries_ < max_entries_);
  if (counted == nullptr) return false;
  const uint32_t before = (*counted)++;
  Context& following = *level.contexts.find_or_add(context, true);
  ++following.total;
  if (before < 3) ++following.kinds[before];
  if (before > 0 && before < 3) --following.kinds[before - 1];
  if (before == 0) ++entries_;
  return before == 0;
}

void NgramModel::add(std::span<const int32_t> symbols) {
  const auto longest = static_cast<size_t>(order_);
  std::vector<int32_t> text = recent_;
  text.insert(text.end(), symbols.begin(), symbols.end());
  for (size_t end = recent_.size() + 1; end <= text.size(); ++end) {
    const std::span<const int32_t> seen(text.data(), end);
    const size_t length = std::min(end, longest);
    const SuffixHashes contexts = suffix_hashes(seen.first(end - 1), length - 1);
    // A shorter n-gram counts how many symbols it was seen behind: one more for each longer one that is new.
    for (size_t k = length; k >= 1; --k) {
      const bool is_new = count(k, mix(contexts[k - 1], ~seen.back()), contexts[k - 1]);
      if (!is_new) break;
    }
  }
  recent_.assign(text.end() - static_cast<int64_t>(std::min(text.size(), longest - 1)), text.end());
}

void NgramModel::finish() {
  for (Level& level : levels_) {
    double of[5] = {};  // how many n-grams were counted 1, 2, 3, 4 times
    level.counts.for_each([&](uint32_t count) {
      if (count <= 4) of[count] += 1;
    });
    // Chen and Goodman's estimate; where the text is too short for it, their plain one discount, or a half.
    const double share = of[1] + of[2] > 0 ? of[1] / (of[1] + 2 * of[2]) : 0.5;
    for (int i = 1; i <= 3; ++i) {
      const double estimate = of[i] > 0 ? i - (i + 1) * share * of[i + 1] / of[i] : share;
      level.discounts[i - 1] = std::clamp(estimate, 0.05, i - 0.05);
    }
  }
}

double NgramModel::probability(std::span<const int32_t> history, int32_t next) const {
  const size_t longest = std::min(history.size(), static_cast<size_t>(order_) - 1);
  const SuffixHashes contexts = suffix_hashes(history, longest);
  double p = 1.0 / vocabulary_;
  for (size_t k = 0; k <= longest; ++k) {
    const Level& level = levels_[k];
    const Context* context = level.contexts.find(contexts[k]);
    // A longer context ends with this one, so that it is unknown as well.
    if (context == nullptr) break;
    const uint32_t* counted = level.counts.find(mix(contexts[k], ~next));
    double left = 0;
    for (int i = 0; i < 3; ++i) left += level.discounts[i] * context->kinds[i];
    const double kept = counted == nullptr ? 0 : *counted - level.discounts[std::min<uint32_t>(*counted, 3) - 1];
    p = (kept + left * p) / context->total;
  }
  return p;
}

double unigram_nats(const Corpus& train, const Corpus& valid) {
  std::vector<int64_t> counts(static_cast<size_t>(train.tokenizer().size()), 1);
  for_each_part(train, 0, train.size(), [&](std::span<const int32_t> part) {
    for (const int32_t id : part) ++counts[static_cast<size_t>(id)];
  });
  const double total = static_cast<double>(train.size()) + static_cast<double>(counts.size());
  double nats = 0;
  for_each_part(valid, 0, valid.size(), [&](std::span<const int32_t> part) {
    for (const int32_t id : part) nats -= std::log(static_cast<double>(counts[static_cast<size_t>(id)]) / total);
  });
  return nats / static_cast<double>(valid.size());
}

double ngram_nats(const Corpus& train, const Corpus& valid, int order, int64_t most_symbols) {
  NgramModel model(order, train.tokenizer().size());
  for_each_part(train, std::max<int64_t>(train.size() - most_symbols, 0), train.size(),
                [&](std::span<const int32_t> part) { model.add(part); });
  model.finish();
  const auto longest = static_cast<size_t>(order - 1);
  double nats = 0;
  std::vector<int32_t> text;  // the end of the last part, then this one
  const int64_t predicted = std::min(valid.size(), std::max<int64_t>(most_symbols / 4, 1));
  for_each_part(valid, 0, predicted, [&](std::span<const int32_t> part) {
    const size_t start = text.size();
    text.insert(text.end(), part.begin(), part.end());
    const std::span<const int32_t> all(text);
    for (size_t i = start; i < text.size(); ++i) nats -= std::log(model.probability(all.first(i), text[i]));
    text.erase(text.begin(), text.end() - static_cast<int64_t>(std::min(text.size(), longest)));
  });
  return nats / static_cast<double>(predicted);
}

}  // namespace recur
