#include "recur/tasks/network/stack_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

TEST(StackLayer, IsReadAndWrittenInTheSameWords) {
  for (const char* text : {"lstm 64", "gru 8 layers=2 bidirectional", "lstm 8 projection=3 no_bias", "dense 8",
                           "dense 2 no_bias", "tanh", "last", "scale", "layer_norm", "layer_norm epsilon=0.001",
                           "embedding 4 vocabulary=100", "conv 8 kernel=3 dilation=2 before=4", "leaky_relu",
                           "leaky_relu slope=0.2", "elu", "magnitude", "add back=3", "multiply back=1"}) {
    EXPECT_EQ(text_of(parse_stack_layer(text)), text);
  }
  EXPECT_EQ(parse_stack_layer("  dense   8 "), parse_stack_layer("dense 8"));
}

TEST(StackLayer, SaysWhatItDoesNotKnow) {
  const auto error = [](const char* text) { return message_of<UsageError>([&] { parse_stack_layer(text); }); };
  EXPECT_THAT(error(""), HasSubstr("a layer is empty"));
  EXPECT_THAT(error("lsmt 8"), HasSubstr("layer 'lsmt 8': unknown kind 'lsmt'; did you mean 'lstm'"));
  EXPECT_THAT(error("lstm"), HasSubstr("its size: expected an integer in [1, 16777216], got ''"));
  EXPECT_THAT(error("dense 0"), HasSubstr("got '0'"));
  EXPECT_THAT(error("dense 8 bidirectional"), HasSubstr("unexpected word 'bidirectional'; dense has no_bias"));
  EXPECT_THAT(error("tanh 8"), HasSubstr("tanh has none"));
  EXPECT_THAT(error("conv 8 kernel"), HasSubstr("expected kernel=NUMBER"));
  EXPECT_THAT(error("conv 8 kernel=x"), HasSubstr("kernel: expected an integer"));
  EXPECT_THAT(error("elu slope=-1"), HasSubstr("slope: expected a number"));
  EXPECT_THAT(error("embedding 4"), HasSubstr("vocabulary=V is missing"));
  EXPECT_THAT(error("add"), HasSubstr("back=N is missing"));
  EXPECT_THAT(error("multiply back=0"), HasSubstr("back: expected an integer in [1, "));
}

TEST(StackLayer, SaysItsFeatures) {
  EXPECT_EQ(features_after(parse_stack_layer("lstm 8 projection=3 bidirectional"), 5), 6);
  EXPECT_EQ(features_after(parse_stack_layer("tanh"), 5), 5);
  EXPECT_EQ(features_after(parse_stack_layer("conv 7"), 5), 7);
  EXPECT_THAT(message_of([] { features_after(parse_stack_layer("embedding 4 vocabulary=9"), 5); }),
              HasSubstr("got 5 features"));
}

}  // namespace
}  // namespace recur
