#include "recur/decode/symbol_trie.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(SymbolTrie, WalksSequencesThatShareTheirBeginnings) {
  const std::vector<std::vector<int32_t>> list{{5, 1}, {5, 3, 2}, {5}, {4}};
  const SymbolTrie trie = SymbolTrie::one_of(list);
  EXPECT_FALSE(trie.is_free(trie.start()));
  EXPECT_FALSE(trie.may_end(trie.start()));
  const auto first = trie.children(trie.start());
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].first, 4);
  EXPECT_EQ(first[1].first, 5);
  const auto five = trie.next(trie.start(), 5);
  EXPECT_TRUE(trie.may_end(five));
  EXPECT_FALSE(trie.may_end(trie.next(five, 3)));
  const auto end = trie.next(trie.next(five, 3), 2);
  EXPECT_TRUE(trie.may_end(end));
  EXPECT_TRUE(trie.children(end).empty());
  EXPECT_ERROR(trie.next(five, 2), "symbol 2 may not follow");
}

TEST(SymbolTrie, BehindAPrefixAnythingMayFollow) {
  const SymbolTrie trie = SymbolTrie::begins_with(std::vector<int32_t>{7, 7});
  const auto once = trie.next(trie.start(), 7);
  EXPECT_FALSE(trie.is_free(once));
  EXPECT_FALSE(trie.may_end(once));
  const auto done = trie.next(once, 7);
  EXPECT_TRUE(trie.is_free(done));
  EXPECT_TRUE(trie.may_end(done));
  EXPECT_TRUE(trie.is_free(trie.next(done, 3)));
}

TEST(SymbolTrie, NeedsSomething) {
  EXPECT_ERROR(SymbolTrie::one_of({}), "got none");
  EXPECT_ERROR(SymbolTrie::begins_with({}), "at least one symbol");
}

}  // namespace
}  // namespace recur
