// What a search may write: one of a list of sequences, or anything that begins in a certain way.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace recur {

class SymbolTrie {
 public:
  using State = int32_t;

  // One of the sequences, at least one; from its end on nothing but the end is allowed.
  static SymbolTrie one_of(std::span<const std::vector<int32_t>> sequences);
  // Anything that begins with the prefix.
  static SymbolTrie begins_with(std::span<const int32_t> prefix);

  State start() const { return 0; }
  // Whether every symbol, and the end, may follow.
  bool is_free(State state) const { return state == kFree; }
  bool may_end(State state) const { return is_free(state) || nodes_[static_cast<size_t>(state)].ends; }
  // The symbols that may follow, ascending, and the states behind them. REQUIRES: !is_free(state)
  std::span<const std::pair<int32_t, State>> children(State state) const {
    return nodes_[static_cast<size_t>(state)].children;
  }
  // REQUIRES: the symbol may follow.
  State next(State state, int32_t symbol) const;

 private:
  static constexpr State kFree = -1;
  struct Node {
    std::vector<std::pair<int32_t, State>> children;
    bool ends = false;
  };

  std::vector<Node> nodes_;
};

}  // namespace recur
