#include "recur/exchange/arrange_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;

FoundLayer lstm(const std::string& name, int64_t input, int64_t size) {
  return {.name = name, .layer = {.kind = "lstm", .size = size}, .input = input};
}
FoundLayer dense(const std::string& name, int64_t input, int64_t size) {
  return {.name = name, .layer = {.kind = "dense", .size = size}, .input = input};
}
FoundLayer table(const std::string& name, int64_t symbols, int64_t size) {
  FoundLayer found = dense(name, size, symbols);
  found.layer.bias = false;
  found.may_be_embedding = true;
  return found;
}

std::vector<std::string> names(const FoundStack& stack) {
  std::vector<std::string> out;
  for (const FoundLayer& each : stack) out.push_back(each.name);
  return out;
}
std::string question(const std::vector<FoundLayer>& found, bool in_order = false) {
  return message_of<UsageError>([&] { arrange(found, {.file = "a.pt", .in_order = in_order}); });
}

TEST(ArrangeLayers, SizesPutLayersInTheOneOrderThatFits) {
  const FoundStack stack = arrange({dense("fc", 16, 2), lstm("a", 3, 8), lstm("b", 8, 16)}, {.file = "a"});
  EXPECT_EQ(names(stack), (std::vector<std::string>{"a", "b", "fc"}));
  EXPECT_EQ(input_of(stack), 3);
}

TEST(ArrangeLayers, TheOrderOfTheFileCountsWhereItFits) {
  const std::vector<FoundLayer> twins{lstm("b", 8, 8), lstm("a", 8, 8)};
  EXPECT_EQ(names(arrange(twins, {.file = "a", .in_order = true})), (std::vector<std::string>{"b", "a"}));
  EXPECT_THAT(question(twins), HasSubstr("--layers \"b,a\" or --layers \"a,b\""));
}

TEST(ArrangeLayers, AsksForAFunctionBetweenLinearLayers) {
  EXPECT_THAT(question({lstm("a", 3, 8), dense("f", 8, 4), dense("g", 4, 2)}, true),
              HasSubstr("as in --layers \"a,f,relu,g\", or \"a,f,g\" if there is none"));
}

TEST(ArrangeLayers, AMatrixWithoutBiasIsAnEmbeddingWhereThatAloneFits) {
  const FoundStack stack = arrange({table("words", 100, 8), lstm("a", 8, 4)}, {.file = "a", .in_order = true});
  EXPECT_EQ(text_of(stack.front().layer), "embedding 8 vocabulary=100");
  EXPECT_EQ(input_of(stack), 1);
  EXPECT_THAT(question({table("words", 8, 8), lstm("a", 8, 4)}, true),
              HasSubstr("\"words:dense,a\" or --layers \"words:embedding,a\""));
}

TEST(ArrangeLayers, WordsOfTheUserDecide) {
  const FoundStack stack = arrange({table("words", 8, 8), lstm("a", 8, 4), dense("fc", 4, 1), dense("other", 9, 9)},
                                   {.file = "a", .layers = "words:embedding, a, last, fc, sigmoid"});
  EXPECT_EQ(names(stack), (std::vector<std::string>{"words", "a", "last", "fc", "sigmoid"}));
  EXPECT_THAT(message_of<UsageError>([] { arrange({lstm("a", 8, 4)}, {.file = "f", .layers = "a:wrong=1"}); }),
              HasSubstr("unexpected word 'wrong=1'"));
}

TEST(ArrangeLayers, WhatCannotBeReadMayBeLeftOut) {
  const std::vector<FoundLayer> found{lstm("a", 3, 8), {.name = "odd", .unknown = "f: odd: no module that is known"}};
  EXPECT_THAT(question(found, true), HasSubstr("odd: no module that is known; to leave it out"));
  EXPECT_EQ(names(arrange(found, {.file = "f", .layers = "a"})), (std::vector<std::string>{"a"}));
  EXPECT_ERROR(arrange(found, {.file = "f", .layers = "a,odd"}), "no module that is known");
}

TEST(ArrangeLayers, SaysWhatDoesNotFit) {
  EXPECT_THAT(question({lstm("a", 3, 8), dense("fc", 9, 2)}, true),
              HasSubstr("no order of the layers fits their sizes: a (3 to lstm 8), fc (9 to dense 2)"));
}

}  // namespace
}  // namespace recur
