#include "recur/base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::Scratch;
using testing::write_bytes;

struct ModelOptions {
  std::string cell = "lstm";
  std::vector<int> hidden = {128};
  bool bidirectional = false;
  float dropout = 0.1f;

  template <class Visitor>
  void visit(Visitor& v) {
    v("cell", cell, "Recurrent cell", OneOf{"rnn", "lstm", "gru"});
    v("hidden", hidden, "Hidden units of each layer", Range{1, 65536});
    v("bidirectional", bidirectional, "Read both ways");
    v("dropout", dropout, "Share of units dropped", Range{.min = 0, .max = 1, .open_max = true});
  }
};

struct TrainOptions {
  int batch_size = 50;
  std::int64_t seed = 1;
  std::uint8_t small = 3;
  double lr = 1e-3;
  std::optional<double> clip = 1.0;
  std::optional<Seconds> time;
  std::vector<std::string> tags;
  std::string note;

  template <class Visitor>
  void visit(Visitor& v) {
    v("batch_size", batch_size, "Sequences in a batch", Range{.min = 1});
    v("seed", seed, "Seed of all random numbers");
    v("small", small, "A byte");
    v("lr", lr, "Learning rate", Range{.min = 0, .open_min = true});
    v("clip", clip, "Largest norm of the gradient");
    v("time", time, "Stop after this long");
    v("tags", tags, "Words for a table | of runs");
    v("note", note, "Any text");
  }
};

struct RunOptions {
  ModelOptions model;
  TrainOptions train;
  int epochs = 10;

  template <class Visitor>
  void visit(Visitor& v) {
    v("epochs", epochs, "Passes over the data");
    v.section("Model", model);
    v.section("Training", train);
  }
};

// What goes wrong when reading this TOML, as a UsageError says it.
std::string toml_error(const std::string& text) {
  RunOptions options;
  Config config(options);
  return message_of<UsageError>([&] { config.parse_toml(text, "run.toml"); });
}

std::string override_error(const std::string& assignment) {
  RunOptions options;
  Config config(options);
  return message_of<UsageError>([&] { config.apply_override(assignment); });
}

TEST(Config, ReadsEveryTypeFromToml) {
  RunOptions options;
  Config config(options);
  config.parse_toml(R"(
    epochs = 1_000   # a comment
    cell = "gru"
    hidden = [512, 256]
    bidirectional = true
    dropout = 0.25
    seed = -9223372036854775808
    lr = 1
    clip = "none"
    time = "1h30m"
    tags = ["a", 'b']
    note = """
two
lines"""
  )",
                    "run.toml");
  EXPECT_EQ(options.epochs, 1000);
  EXPECT_EQ(options.model.cell, "gru");
  EXPECT_THAT(options.model.hidden, ElementsAre(512, 256));
  EXPECT_TRUE(options.model.bidirectional);
  EXPECT_EQ(options.model.dropout, 0.25f);
  EXPECT_EQ(options.train.seed, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(options.train.lr, 1.0);
  EXPECT_EQ(options.train.clip, std::nullopt);
  EXPECT_EQ(options.train.time, Seconds(5400));
  EXPECT_THAT(options.train.tags, ElementsAre("a", "b"));
  EXPECT_EQ(options.train.note, "two\nlines");
  EXPECT_EQ(options.train.batch_size, 50);
  EXPECT_TRUE(config.find("lr")->given);
  EXPECT_FALSE(config.find("batch_size")->given);
}

TEST(Config, NamesNumbersThatAreNotFinite) {
  EXPECT_THAT(toml_error("lr = inf"), HasSubstr("got number inf"));
  EXPECT_THAT(toml_error("lr = nan"), ::testing::EndsWith("got number nan"));
}

TEST(Config, RefusesKeysOfManyDotsBeforeTheyExhaustTheStack) {
  std::string dots = "a";
  for (int i = 0; i < 200'000; ++i) dots += ".a";
  EXPECT_THAT(toml_error("epochs = 1\n" + dots + " = 1"), HasSubstr("run.toml:2: expected key = value"));
  EXPECT_THAT(toml_error("[" + dots + "]"), HasSubstr("run.toml:1: "));
  EXPECT_THAT(toml_error("note = {" + dots + " = 1}"), HasSubstr("run.toml:1: "));
  std::string nested = "a = 1";
  for (int i = 0; i < 250; ++i) nested.insert(0, "a.a.a.a.a.a.a.a.a={").append("}");
  EXPECT_THAT(toml_error(nested), HasSubstr("keys are not grouped"));
}

TEST(Config, ReadsTextsAndCommentsWithManyDots) {
  RunOptions options;
  Config config(options);
  const std::string dots(100, '.');
  config.parse_toml(
      "note = \"\\\"" + dots + "\" # " + dots + "'\ntags = ['" + dots + "', \"\"\"\n\"" + dots + "\"\"\"]", "run.toml");
  EXPECT_EQ(options.train.note, "\"" + dots);
  EXPECT_THAT(options.train.tags, ElementsAre(dots, "\"" + dots));
}

TEST(Config, TakesOneValueForAListAndSecondsForATime) {
  RunOptions options;
  Config config(options);
  config.parse_toml("hidden = 64\ntime = 12.5\ntags = 'x'", "run.toml");
  EXPECT_THAT(options.model.hidden, ElementsAre(64));
  EXPECT_EQ(options.train.time, Seconds(12.5));
  EXPECT_THAT(options.train.tags, ElementsAre("x"));
}

TEST(Config, UnknownKeysAreNamedWithPositionAndNearestKey) {
  EXPECT_EQ(toml_error("epochs = 1\n  hiden = 3"), "run.toml:2:3: unknown key \"hiden\"; did you mean 'hidden'?");
  EXPECT_EQ(toml_error("zzzzzz = 3"), "run.toml:1:1: unknown key \"zzzzzz\"");
  EXPECT_THAT(toml_error("[model]\nhidden = 3"), HasSubstr("got a table \"model\""));
  EXPECT_THAT(toml_error("model.hidden = 3"), HasSubstr("got a table \"model\""));
}

TEST(Config, ReportsTheFirstMistakeOfTheFile) {
  EXPECT_THAT(toml_error("zz = 1\naa = 2"), HasSubstr("run.toml:1:1: unknown key \"zz\""));
}

TEST(Config, WrongTypesAreNamedWithPositionExpectedAndGot) {
  EXPECT_EQ(toml_error("epochs = \"x\""), "run.toml:1:10: epochs: expected integer, got string \"x\"");
  EXPECT_THAT(toml_error("epochs = 1.0"), HasSubstr("expected integer, got number 1.0"));
  EXPECT_THAT(toml_error("lr = true"), HasSubstr("lr: expected number > 0, got boolean true"));
  EXPECT_THAT(toml_error("lr = inf"), HasSubstr("got number inf"));
  EXPECT_THAT(toml_error("lr = nan"), HasSubstr("got number nan"));
  EXPECT_THAT(toml_error("bidirectional = 1"), HasSubstr("expected boolean, got integer 1"));
  EXPECT_THAT(toml_error("note = 2024-01-01"), HasSubstr("expected text, got a date or time"));
  EXPECT_THAT(toml_error("note = []"), HasSubstr("expected text, got an array"));
  EXPECT_THAT(toml_error("epochs = {a = 1}"), HasSubstr("expected integer, got a table"));
  EXPECT_THAT(toml_error("hidden = [1, \"2\"]"), HasSubstr("expected list of integers in [1, 65536], got an array"));
  EXPECT_THAT(toml_error("time = \"soon\""), HasSubstr("expected duration (optional), got string \"soon\""));
  EXPECT_THAT(toml_error("time = -1"), HasSubstr("got integer -1"));
  EXPECT_THAT(toml_error("seed = \"none\""), HasSubstr("expected integer, got string \"none\""));
  EXPECT_LT(toml_error("epochs = \"" + std::string(5000, 'x') + "\"").size(), 200u);
}

TEST(Config, LimitsAndChoicesAreChecked) {
  EXPECT_EQ(toml_error("hidden = [8, 0]"), "run.toml:1:10: hidden: expected list of integers in [1, 65536], got 0");
  EXPECT_THAT(toml_error("batch_size = 0"), HasSubstr("expected integer >= 1, got 0"));
  EXPECT_THAT(toml_error("batch_size = 2147483648"), HasSubstr("in [-2147483648, 2147483647], got 2147483648"));
  EXPECT_THAT(toml_error("small = 256"), HasSubstr("in [0, 255], got 256"));
  EXPECT_THAT(toml_error("lr = 0"), HasSubstr("expected number > 0, got 0"));
  EXPECT_THAT(toml_error("dropout = 1.0"), HasSubstr("expected number in [0, 1), got 1"));
  EXPECT_THAT(toml_error("dropout = 0.99999999999"), HasSubstr("in [0, 1)"));
  EXPECT_THAT(toml_error("cell = \"lstn\""),
              HasSubstr("cell: expected one of rnn, lstm, gru, got \"lstn\"; did you mean 'lstm'?"));
}

TEST(Config, BrokenTomlIsNamedWithPosition) {
  EXPECT_THAT(toml_error("epochs = 1\nlr = = 2"), HasSubstr("run.toml:2:6: "));
  EXPECT_THAT(toml_error("epochs = 1\nepochs = 2"), HasSubstr("run.toml:2:"));
  EXPECT_NE(toml_error("note = \"\xFF\""), "");
  EXPECT_NE(toml_error("hidden = " + std::string(100000, '[')), "");
  EXPECT_NE(toml_error("a" + std::string(100000, '.')), "");
}

TEST(Config, ReadsAFileAndNamesItWhenMissing) {
  const Scratch scratch;
  write_bytes(scratch / "run.toml", "epochs = 3\n");
  RunOptions options;
  Config config(options);
  config.read_file(scratch / "run.toml");
  EXPECT_EQ(options.epochs, 3);
  EXPECT_THAT(message_of([&] { config.read_file(scratch / "absent.toml"); }), HasSubstr("absent.toml"));
}

TEST(Config, OverridesAreReadLikeFlags) {
  RunOptions options;
  Config config(options);
  config.apply_override("hidden=512,256");
  config.apply_override("batch-size=8");
  config.apply_override("note=a=b");
  config.apply_override("time=2h");
  config.apply_override("clip=none");
  config.set_from_string("bidirectional", "true");
  EXPECT_THAT(options.model.hidden, ElementsAre(512, 256));
  EXPECT_EQ(options.train.batch_size, 8);
  EXPECT_EQ(options.train.note, "a=b");
  EXPECT_EQ(options.train.time, Seconds(7200));
  EXPECT_EQ(options.train.clip, std::nullopt);
  EXPECT_TRUE(options.model.bidirectional);
}

TEST(Config, OverridesAreCheckedLikeFiles) {
  EXPECT_EQ(override_error("hiden=3"), "--set hiden: unknown key \"hiden\"; did you mean 'hidden'?");
  EXPECT_EQ(override_error("epochs=ten"), "--set epochs: expected integer, got \"ten\"");
  EXPECT_EQ(override_error("epochs"), "--set: expected key=value, got \"epochs\"");
  EXPECT_EQ(override_error("=3"), "--set: expected key=value, got \"=3\"");
  EXPECT_THAT(override_error("lr=-1"), HasSubstr("--set lr: expected number > 0, got -1"));
  EXPECT_THAT(override_error("dropout=1e39"), HasSubstr("in [0, 1)"));
  EXPECT_THAT(override_error("epochs=none"), HasSubstr("expected integer, got \"none\""));
  RunOptions options;
  Config config(options);
  EXPECT_EQ(message_of<UsageError>([&] { config.set_from_string("lr", "x", "--lr"); }),
            "--lr: expected number > 0, got \"x\"");
}

TEST(Config, WritesEverythingWithHelpAndLimits) {
  ModelOptions options;
  EXPECT_EQ(Config(options).to_toml(),
            R"(# Recurrent cell (one of rnn, lstm, gru; default lstm)
cell = "lstm"

# Hidden units of each layer (list of integers in [1, 65536]; default 128)
hidden = [128]

# Read both ways (boolean; default false)
bidirectional = false

# Share of units dropped (number in [0, 1); default 0.1)
dropout = 0.1
)");
  RunOptions run;
  EXPECT_THAT(Config(run).to_toml(), AllOf(HasSubstr("\n\n## Model\n\n# Recurrent cell"), HasSubstr("\n## Training\n"),
                                           HasSubstr("\ntime = \"none\"\n"), HasSubstr("\nclip = 1.0\n")));
}

TEST(Config, WhatIsWrittenReadsBackToTheBit) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    RunOptions options;
    options.model.dropout = std::generate_canonical<float, 24>(random);
    options.train.lr = std::generate_canonical<double, 53>(random) * 1e-6 + std::numeric_limits<double>::denorm_min();
    options.train.seed = static_cast<std::int64_t>(random());
    options.train.time = Seconds(std::generate_canonical<double, 53>(random) * 1e5);
    options.train.clip = std::nullopt;
    options.train.note = "\"quotes\"\\ \x7F\x01\t\n# \xE2\x82\xAC\xF0\x9F\x98\x80";
    options.train.tags = {"a b", "", "]"};
    const std::string text = Config(options).to_toml();
    RunOptions read;
    Config(read).parse_toml(text, "run.toml");
    EXPECT_EQ(read.model.dropout, options.model.dropout);
    EXPECT_EQ(read.train.lr, options.train.lr);
    EXPECT_EQ(read.train.seed, options.train.seed);
    EXPECT_EQ(read.train.time, options.train.time);
    EXPECT_EQ(read.train.clip, std::nullopt);
    EXPECT_EQ(read.train.note, options.train.note);
    EXPECT_EQ(read.train.tags, options.train.tags);
    EXPECT_EQ(Config(read).to_toml(), text);
  }
}

TEST(Config, RefusesToWriteTextThatTomlCannotHold) {
  TrainOptions options;
  options.note = "\xFF";
  EXPECT_THAT(message_of([&] { Config(options).to_toml(); }), HasSubstr("note"));
}

TEST(Config, FieldsTellFlagsTypesAndDefaults) {
  RunOptions options;
  options.train.batch_size = 7;
  const Config config(options);
  const ConfigField* field = config.find("batch_size");
  ASSERT_NE(field, nullptr);
  EXPECT_EQ(field->flag(), "--batch-size");
  EXPECT_EQ(field->section, "Training");
  EXPECT_EQ(field->value_text(), "7");
  EXPECT_EQ(field->default_text(), "50");
  EXPECT_EQ(config.find("time")->type_text(), "duration (optional)");
  EXPECT_EQ(config.find("time")->default_text(), "none");
  EXPECT_EQ(config.find("epochs")->section, "");
  EXPECT_EQ(config.find("dropout")->default_text(), "0.1");
  EXPECT_EQ(config.fields().size(), 13u);
  EXPECT_EQ(config.find("nothing"), nullptr);
}

TEST(Config, JoinsSeveralStructs) {
  ModelOptions model;
  TrainOptions train;
  Config config;
  config.add(model, "Model");
  config.add(train, "Training");
  config.parse_toml("hidden = 3\nlr = 0.5", "run.toml");
  EXPECT_THAT(model.hidden, ElementsAre(3));
  EXPECT_EQ(train.lr, 0.5);
  EXPECT_EQ(config.find("lr")->default_text(), "0.001");
  EXPECT_EQ(config.find("hidden")->section, "Model");
}

TEST(Config, DocumentsItselfInMarkdown) {
  RunOptions options;
  EXPECT_THAT(Config(options).to_markdown(),
              AllOf(HasSubstr("| Key | Type | Default | Meaning |\n|---|---|---|---|\n| `epochs` | integer | `10` |"),
                    HasSubstr("\n\n### Model\n\n| Key"), HasSubstr("| Words for a table \\| of runs |\n")));
}

}  // namespace
}  // namespace recur
