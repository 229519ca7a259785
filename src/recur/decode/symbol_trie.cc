#include "recur/decode/symbol_trie.h"

#include <algorithm>

#include "recur/base/error.h"

namespace recur {
namespace {

// The first child that is not before the symbol.
auto place_of(auto& children, int32_t symbol) {
  return std::ranges::lower_bound(children, symbol, {}, [](const auto& child) { return child.first; });
}

}  // namespace

SymbolTrie SymbolTrie::one_of(std::span<const std::vector<int32_t>> sequences) {
  if (sequences.empty()) fail("search: expected a sequence that may be written, got none");
  SymbolTrie trie;
  trie.nodes_.emplace_back();
  for (const std::vector<int32_t>& sequence : sequences) {
    size_t at = 0;
    for (const int32_t symbol : sequence) {
      auto& children = trie.nodes_[at].children;
      auto place = place_of(children, symbol);
      if (place == children.end() || place->first != symbol) {
        place = children.insert(place, {symbol, static_cast<State>(trie.nodes_.size())});
        at = static_cast<size_t>(place->second);
        trie.nodes_.emplace_back();  // `children` is not valid any more
      } else {
        at = static_cast<size_t>(place->second);
      }
    }
    trie.nodes_[at].ends = true;
  }
  return trie;
}

SymbolTrie SymbolTrie::begins_with(std::span<const int32_t> prefix) {
  SymbolTrie trie;
  for (size_t i = 0; i < prefix.size(); ++i) {
    const bool last = i + 1 == prefix.size();
    trie.nodes_.push_back({.children = {{prefix[i], last ? kFree : static_cast<State>(i + 1)}}, .ends = false});
  }
  if (prefix.empty()) fail("search: expected a prefix of at least one symbol");
  return trie;
}

SymbolTrie::State SymbolTrie::next(State state, int32_t symbol) const {
  if (is_free(state)) return kFree;
  const auto& children = nodes_[static_cast<size_t>(state)].children;
  const auto place = place_of(children, symbol);
  if (place == children.end() || place->first != symbol) fail("search: symbol {} may not follow", symbol);
  return place->second;
}

}  // namespace recur
