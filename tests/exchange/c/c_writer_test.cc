#include "recur/exchange/c/c_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "recur/base/random.h"
#include "recur/data/text/tokenizer.h"
#include "recur/exchange/found_layers.h"
#include "recur/tasks/lm/lm_trained.h"
#include "recur/tasks/network/network_trained.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::c {
namespace {

using namespace recur::testing;
using ::testing::HasSubstr;

// A network with parameters drawn at random, not so small that errors would hide.
std::unique_ptr<NetworkTrained> network(int64_t input, const std::vector<std::string>& stack, float spread = 1) {
  NetworkOptions options;
  options.model.input = input;
  options.model.stack = stack;
  auto trained = std::make_unique<NetworkTrained>(options);
  Random random(3);
  for (NamedTensor each : trained->network().state()) {
    const float range = spread / std::sqrt(static_cast<float>(each.value.size(each.value.rank() - 1)));
    for (int64_t i = 0; i < each.value.numel(); ++i) {
      each.value.data<float>()[i] = range * static_cast<float>(random.normal());
    }
  }
  return trained;
}

bool has_command(const std::string& name) { return std::system(("command -v " + name + " >/dev/null").c_str()) == 0; }

std::string output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

class CWriter : public ::testing::Test {
 protected:
  // Compiles the model's program strictly, runs its own test with two states in turn, and gives the largest difference.
  double self_test(const Trained& trained, const std::string& compiler = "gcc") {
    const Footprint footprint = export_c(trained, scratch_ / "m.c");
    scratch_.put("main.c", R"(
#include <stdio.h>
#include "m.h"
static m_state a, b;
int main(void) {
  m_reset(&b);
  printf("%.17g %d %d\n", (double)m_self_test(&a), (int)sizeof(m_state), M_RAM_BYTES);
  printf("%.17g\n", (double)m_self_test(&a) + (double)m_self_test(&b));
  return 0;
}
)");
    const std::string folder = scratch_.folder().string();
    const std::string flags = " -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -O2 ";
    EXPECT_EQ(std::system(("cd " + folder + " && " + compiler + flags + "-c m.c && " + compiler + flags +
                           "-o run main.c m.o 2>errors")
                              .c_str()),
              0)
        << read_bytes(scratch_ / "errors");
    std::istringstream out(output_of(folder + "/run"));
    double first = -1, again = -1;
    int64_t size = 0, stated = 0;
    out >> first >> size >> stated >> again;
    EXPECT_EQ(size, stated);
    EXPECT_EQ(size, footprint.ram);
    EXPECT_EQ(again, 2 * first);
    return first;
  }

  Scratch scratch_;
};

TEST_F(CWriter, EveryCellComputesWhatRecurDoes) {
  for (const char* cell : {"lstm", "gru", "rnn", "rnn_relu", "lstm_peephole", "lstm_coupled", "gru_reset_before"}) {
    const auto trained = network(3, {fmt::format("{} 9 layers=2", cell), "dense 2"});
    EXPECT_LT(self_test(*trained), 1e-6) << cell;
  }
}

constexpr const char* kRecurrences[] = {"mingru", "minlstm",        "qrnn",     "indrnn", "sru",
                                        "lru",    "rg_lru",         "griffin",  "slstm",  "mlstm",
                                        "delta",  "delta_negative", "attention"};

// Parameters as they begin, so that factors are near 1 where they are to be, but for the scales of norms.
LmTrained language_model(const RecurrentOptions& rnn) {
  LmOptions options;
  options.model.rnn = rnn;
  options.model.embedding = 5;
  const std::shared_ptr<const Tokenizer> tokenizer =
      Tokenizer::deserialize(R"({"kind": "chars", "symbols": [97, 98, 99, 100, 101, 102, 103]})");
  Random random(1);
  LmTrained trained(options, tokenizer, random);
  for (const NamedTensor& each : trained.module().named_parameters()) {
    const auto has = [&](const char* part) { return each.name.find(part) != std::string::npos; };
    const bool starts_at_one = has("norm.") || has("weight_heads") || (has("weight_skip") && !has("inner."));
    if (!starts_at_one) continue;
    Tensor value = each.value;
    for (int64_t i = 0; i < value.numel(); ++i) value.data<float>()[i] += 0.3F * static_cast<float>(random.normal());
  }
  return trained;
}

TEST_F(CWriter, SoDoesEveryRecurrence) {
  for (const std::string kind : kRecurrences) {
    SCOPED_TRACE(kind);
    EXPECT_LT(self_test(*network(3, {kind + " 9 layers=2", "dense 2"})), 1e-6);
    EXPECT_LT(self_test(*network(9, {kind + " 9 no_bias"}, 0.5F)), 1e-6);
    EXPECT_LT(self_test(language_model({.cell = kind, .hidden = 12, .layers = 2, .memory_heads = 3})), 1e-6);
  }
}

TEST_F(CWriter, SoDoBlocks) {
  for (const char* block : {"residual", "feed_forward", "xlstm", "xlstm_up"}) {
    for (const char* kind : {"lstm", "gru_reset_before", "mingru", "griffin", "delta"}) {
      SCOPED_TRACE(fmt::format("{} {}", block, kind));
      EXPECT_LT(self_test(language_model({.cell = kind, .hidden = 12, .layers = 2, .block = block})), 1e-6);
      EXPECT_LT(self_test(language_model({.cell = kind, .hidden = 12, .layers = 2, .block = block, .block_conv = 4})),
                1e-6);
    }
  }
  EXPECT_LT(
      self_test(language_model({.hidden = 8, .layers = 3, .cells = {"slstm", "gru", "lru"}, .block = "residual"})),
      1e-6);
  EXPECT_LT(
      self_test(language_model({.cell = "slstm", .hidden = 12, .bias = false, .block = "xlstm", .memory_heads = 3})),
      1e-6);
  EXPECT_LT(self_test(language_model({.hidden = 12, .projection = 6, .block = "xlstm", .memory_heads = 3})), 1e-6);
}

TEST_F(CWriter, LargeInputsDoNotOverflowExponentialGates) {
  for (const char* kind : {"slstm 6", "mlstm 6", "delta 6", "minlstm 6", "rg_lru 6"}) {
    const auto trained = network(3, {kind, "dense 2"}, 30);
    const std::vector<float> outputs = model_of(*trained).test_outputs;
    const float largest = std::abs(*std::ranges::max_element(outputs, {}, [](float y) { return std::abs(y); }));
    EXPECT_LT(self_test(*trained), 1e-5F * largest) << kind;
  }
}

TEST_F(CWriter, RecurrencesMultiplyIntegersAsNumbers) {
  for (const std::string kind : kRecurrences) {
    SCOPED_TRACE(kind);
    const LmTrained trained = language_model({.cell = kind, .hidden = 24, .block = "xlstm", .memory_heads = 2});
    trained.save_int8(scratch_ / "int8.recur");
    const auto loaded = load_trained(scratch_ / "int8.recur");
    EXPECT_LT(self_test(*loaded), 2e-6);
    EXPECT_THAT(read_bytes(scratch_ / "m.c"), HasSubstr("weight_ih_scale"));
    EXPECT_LT(footprint_of(model_of(*loaded)).flash, footprint_of(model_of(trained)).flash * 2 / 3);
  }
}

TEST_F(CWriter, WideLayersAddUpShortSums) {
  EXPECT_LT(self_test(*network(257, {"lstm 32", "dense 20", "sigmoid"})), 1e-6);
}

TEST_F(CWriter, SoDoOptionsOfTheLayers) {
  EXPECT_LT(self_test(*network(3, {"lstm 9 projection=4", "lstm_coupled 5 no_bias", "dense 2 no_bias"})), 1e-6);
  EXPECT_LT(self_test(*network(3, {"conv 4 kernel=3 before=4 dilation=2", "relu", "gru 5 no_bias"})), 1e-6);
  EXPECT_LT(
      self_test(*network(1, {"embedding 4 vocabulary=11", "layer_norm", "gru 5", "scale", "dense 11", "log_softmax"})),
      2e-6);
  EXPECT_LT(self_test(*network(3, {"gru 5", "last", "dense 4", "tanh"})), 1e-6);
  EXPECT_LT(self_test(*network(6, {"dense 3"})), 1e-6);
}

TEST_F(CWriter, SoDoActivations) {
  for (const char* kind : {"tanh", "sigmoid", "relu", "softmax", "log_softmax", "softplus", "hard_sigmoid", "silu",
                           "elu slope=0.7", "leaky_relu"}) {
    EXPECT_LT(self_test(*network(3, {"dense 8", kind}, 4)), 2e-6) << kind;
  }
}

TEST_F(CWriter, LargeInputsSaturateWithoutOverflow) {
  EXPECT_LT(self_test(*network(3, {"lstm 6", "dense 2"}, 60)), 1e-4);
  EXPECT_LT(self_test(*network(3, {"dense 8", "softplus"}, 300)), 1e-3);
}

TEST_F(CWriter, WeightsOfIntegersMultiplyIntegers) {
  for (const char* cell : {"lstm 24", "gru 24", "gru_reset_before 24", "lstm 24 projection=8"}) {
    const auto trained = network(5, {cell, "dense 50", "tanh", "dense 2"});
    trained->save_int8(scratch_ / "int8.recur");
    const auto loaded = load_trained(scratch_ / "int8.recur");
    // Where the two round a number between two integers differently, the difference is larger than that of sums.
    EXPECT_LT(self_test(*loaded), 2e-3) << cell;
    EXPECT_THAT(read_bytes(scratch_ / "m.c"), HasSubstr("static const int8_t m_0_weight_ih["));
    EXPECT_LT(footprint_of(model_of(*loaded)).flash, footprint_of(model_of(*trained)).flash * 2 / 3);
  }
}

TEST_F(CWriter, ALanguageModelSharesItsTable) {
  LmOptions options;
  options.model.rnn.hidden = 12;
  options.model.tie = true;
  options.model.embedding = 12;
  const std::shared_ptr<const Tokenizer> tokenizer =
      Tokenizer::deserialize(R"({"kind": "chars", "symbols": [97, 98, 99, 100, 101, 102, 103]})");
  Random random(1);
  const LmTrained trained(options, tokenizer, random);
  EXPECT_LT(self_test(trained), 1e-5);
  EXPECT_THAT(read_bytes(scratch_ / "m.h"), HasSubstr("int32_t symbol"));
  EXPECT_THAT(read_bytes(scratch_ / "m.c"), ::testing::Not(HasSubstr("m_2_weight")));
}

TEST_F(CWriter, TheObjectNeedsNoOtherFunction) {
  self_test(*network(3, {"lstm 9", "layer_norm", "dense 4", "softmax"}));
  const std::string undefined = output_of("nm -u " + (scratch_ / "m.o").string());
  EXPECT_THAT(undefined, ::testing::Not(HasSubstr("alloc")));
  EXPECT_THAT(undefined, ::testing::Not(HasSubstr("expf")));
  EXPECT_THAT(undefined, ::testing::Not(HasSubstr("tanh")));
}

TEST_F(CWriter, ClangTakesItToo) {
  if (!has_command("clang")) return;  // gcc has seen the same
  EXPECT_LT(self_test(*network(3, {"gru 9", "dense 2"}), "clang -Wno-unused-command-line-argument"), 1e-6);
}

TEST_F(CWriter, CountsWhatADeviceNeeds) {
  const Footprint footprint = footprint_of(model_of(*network(3, {"lstm 4", "dense 2"})));
  EXPECT_EQ(footprint.flash, 4 * (16 * 3 + 16 * 4 + 2 * 16 + 2 * 4 + 2));
  EXPECT_EQ(footprint.products, 16 * 3 + 16 * 4 + 2 * 4);
  const Footprint lru = footprint_of(model_of(*network(3, {"lru 4"})));  // factor and scale are computed beforehand
  EXPECT_EQ(lru.flash, 4 * (8 * 3 + 4 * 8 + 4 * 3 + 8 + 4));
  EXPECT_EQ(lru.products, 8 * 3 + 4 * 8 + 4 * 3);
}

TEST_F(CWriter, SaysWhatHasNoCode) {
  const auto error = [&](const Trained& trained, const char* name = "m.c") {
    return message_of([&] { export_c(trained, scratch_ / name); });
  };
  EXPECT_THAT(error(*network(3, {"lstm 4 bidirectional"})), HasSubstr("bidirectional layers"));
  EXPECT_THAT(error(*network(3, {"reverse", "lstm 4"})), HasSubstr("layer 'reverse'"));
  EXPECT_THAT(error(*network(3, {"dense 4", "gelu"})), HasSubstr("the activation gelu, only for tanh"));
  EXPECT_THAT(error(*network(3, {"conv 4 kernel=3 before=1 after=1"})),
              HasSubstr("layer 'conv 4 kernel=3 before=1 after=1'"));
  EXPECT_THAT(error(*network(3, {"dense 4"}), "m.cc"), HasSubstr("ends in .c"));
  EXPECT_THAT(error(*network(3, {"dense 4"}), "1m.c"), HasSubstr("not beginning with a digit"));
}

}  // namespace
}  // namespace recur::c
