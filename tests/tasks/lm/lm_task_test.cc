#include "recur/tasks/lm/lm_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/optim/adam.h"
#include "tests/support/throws.h"
#include "tests/tasks/lm/lm_text.h"

namespace recur {
namespace {

using namespace testing;

class LmTaskTest : public ::testing::Test {
 protected:
  LmTaskTest() : text_(scratch_ / "text.txt") { write_bytes(text_, small_text(200)); }

  Scratch scratch_;
  std::filesystem::path text_;
};

class LmTokens : public LmTaskTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(LmTokens, LearnsAShortTextByHeart) {
  LmOptions options = tiny_lm(GetParam());
  options.data.batch = 1;
  options.data.bptt = 40;
  options.data.tokens.vocabulary = options.data.tokens.kind == "subwords" ? 285 : 0;
  options.model.rnn.hidden = 48;
  const auto text =
      scratch_.put("short.txt", "to be or not to be, that is the question:\nwhether it is nobler in the mind\n");
  const auto task = started(options, text);
  Adam adam(task->model().parameters(), {.rate = 0.02});
  double loss = 0;
  for (int i = 0; i < 300; ++i) {
    const TrainingStep made = task->step(false);
    made.objective.backward();
    adam.step();
    adam.zero_grad();
    loss = made.loss;
  }
  EXPECT_LT(loss, 0.02);
  EXPECT_LT(task->evaluate({text}).at("loss"), 0.05);
  EXPECT_EQ(written(*task, {.prompt = "to be or not", .length = 4, .sampling = {.temperature = 0}}).substr(0, 4),
            " to ");
}
INSTANTIATE_TEST_SUITE_P(All, LmTokens, ::testing::Values("bytes", "chars", "words", "subwords"));

TEST_F(LmTaskTest, AnUntrainedModelKnowsNothing) {
  for (const bool tie : {false, true}) {
    LmOptions options = tiny_lm();
    options.model.tie = tie;
    const auto task = started(options, text_, "0.2");
    const double symbols = static_cast<double>(std::get<int64_t>(task->describe()[1].value));
    EXPECT_NEAR(task->validate().at("perplexity") / symbols, 1, 0.15) << "tie " << tie;
  }
}

TEST_F(LmTaskTest, MetricsAgreeWithEachOther) {
  const auto task = started(tiny_lm("words"), text_, "0.2");
  const Evaluation result = task->validate();
  EXPECT_NEAR(result.at("perplexity"), std::exp(result.at("loss")), 1e-9);
  const auto chars = started(tiny_lm(), text_, "0.2")->validate();
  EXPECT_NEAR(chars.at("bits_per_character"), chars.at("loss") / std::log(2.0), 1e-9);
  EXPECT_LT(result.at("bits_per_character"), result.at("loss") / std::log(2.0));  // words are longer than a character
}

TEST_F(LmTaskTest, EveryLineEndOfAWordTextCounts) {
  const auto text = scratch_.put("lines.txt", "a b\nc\nd e f\n");
  LmOptions options = tiny_lm("words");
  options.data.batch = 1;
  EXPECT_EQ(started(options, text)->evaluate({text}).examples, 8);  // 6 words and 3 <eos>, less the first
}

TEST_F(LmTaskTest, WindowsOfEvaluationDoNotChangeTheResult) {
  const auto task = started(tiny_lm(), text_, "0.2");
  task->options.use.steps = 7;
  const double narrow = task->validate().at("loss");
  task->options.use.steps = 1000;
  EXPECT_NEAR(task->validate().at("loss"), narrow, 1e-6);
}

TEST_F(LmTaskTest, ShortTextsAreEvaluatedInOneGo) {
  const auto task = started(tiny_lm(), text_, "0.1");
  task->options.use.batch = 1;
  const double exact = task->validate().at("loss");
  task->options.use.batch = 64;
  EXPECT_EQ(task->validate().at("loss"), exact);
}

TEST_F(LmTaskTest, ValidationDoesNotDisturbTraining) {
  LmOptions options = tiny_lm();
  options.model.dropout = 0.3f;
  const auto calm = started(options, text_, "0.2"), disturbed = started(options, text_, "0.2");
  for (int i = 0; i < 5; ++i) {
    disturbed->validate();
    EXPECT_EQ(calm->step(false).loss, disturbed->step(false).loss);
  }
}

TEST_F(LmTaskTest, TheSeedDecidesEverything) {
  const auto first = started(tiny_lm(), text_, "", 5), same = started(tiny_lm(), text_, "", 5);
  const auto other = started(tiny_lm(), text_, "", 6);
  const double loss = first->step(false).loss;
  EXPECT_EQ(same->step(false).loss, loss);
  EXPECT_NE(other->step(false).loss, loss);
}

TEST_F(LmTaskTest, StateIsCarriedAndResetAtTheStartOfAPass) {
  LmOptions options = tiny_lm();
  options.data.batch = 2;
  options.data.bptt = 5;
  const auto text = scratch_.put("t.txt", small_text(2));
  const auto task = started(options, text);
  std::vector<double> pass;
  do {
    pass.push_back(task->step(false).loss);
  } while (std::fmod(task->epoch(), 1) != 0);
  ASSERT_GT(pass.size(), 2U);
  for (const double loss : pass) EXPECT_EQ(task->step(false).loss, loss);  // nothing is left of the pass before
}

TEST_F(LmTaskTest, ZarembasScaleIsTheSumOverSteps) {
  LmOptions options = tiny_lm();
  const double mean = started(options, text_)->step(false).objective.item();
  options.loss.scale = "zaremba";
  const TrainingStep step = started(options, text_)->step(false);
  EXPECT_NEAR(step.objective.item(), mean * 10, 1e-4);
  EXPECT_NEAR(step.loss, mean, 1e-6);
}

TEST_F(LmTaskTest, PenaltiesAddToTheObjectiveAlone) {
  LmOptions options = tiny_lm();
  options.loss.activation_penalty = 2;
  options.loss.slowness_penalty = 1;
  const TrainingStep step = started(options, text_)->step(false);
  EXPECT_GT(step.objective.item(), step.loss);
}

TEST_F(LmTaskTest, EveryKindOfDropoutChangesTrainingButNotEvaluation) {
  const auto plain = started(tiny_lm(), text_, "0.2");
  const double loss = plain->step(false).loss, valid = plain->validate().at("loss");
  for (const char* key : {"dropout=0.5", "embedding_dropout=0.5", "recurrent_dropout=0.5", "weight_drop=0.5"}) {
    LmTask task;
    task.options = tiny_lm();
    Config config;
    task.declare(config);
    config.apply_override(key);
    task.start({.paths = {text_}, .valid = "0.2"}, 1);
    EXPECT_NE(task.step(false).loss, loss) << key;
    EXPECT_EQ(task.validate().at("loss"), valid) << key;
  }
}

TEST_F(LmTaskTest, TiedModelsHaveOneTable) {
  LmOptions options = tiny_lm();
  const int64_t apart = started(options, text_)->model().parameter_count();
  options.model.embedding = 12;
  options.model.tie = true;
  const auto tied = started(options, text_);
  EXPECT_LT(tied->model().parameter_count(), apart);
  options.model.embedding = 7;  // not the width of the layers: goes through a projection
  const auto projected = started(options, text_);
  EXPECT_LT(descend(*projected, 30, 0.5), projected->step(false).loss + 1);
  bool has_projection = false;
  for (const NamedTensor& each : projected->model().named_parameters())
    has_projection |= each.name == "projection.weight";
  EXPECT_TRUE(has_projection);
}

TEST_F(LmTaskTest, InitRangeBoundsEveryParameter) {
  LmOptions options = tiny_lm();
  options.model.init_range = 0.05;
  const auto task = started(options, text_);
  for (const NamedTensor& each : task->model().named_parameters()) {
    for (const float w : std::as_const(each.value).values<float>()) EXPECT_LE(std::abs(w), 0.05f) << each.name;
  }
}

TEST_F(LmTaskTest, TracesTheGradientBackThroughTime) {
  const auto task = started(tiny_lm(), text_);
  task->step(true).objective.backward();
  const auto trace = task->gradient_trace();
  ASSERT_EQ(trace.size(), 1U);
  ASSERT_EQ(trace[0].size(), 10U);
  for (const double norm : trace[0]) EXPECT_GT(norm, 0);
}

TEST_F(LmTaskTest, GenerationDependsOnSeedAndPromptAlone) {
  const auto task = started(tiny_lm(), text_);
  const GenerateOptions options{.prompt = "the ", .length = 60, .seed = 3};
  const std::string text = written(*task, options);
  EXPECT_EQ(text.size(), 60U);
  EXPECT_EQ(written(*task, options), text);
  EXPECT_NE(written(*task, {.prompt = "the ", .length = 60, .seed = 4}), text);
  EXPECT_EQ(written(*task, {.length = 0}), "");
  EXPECT_EQ(written(*task, {.length = 5}).size(), 5U);
}

TEST_F(LmTaskTest, GenerationRefusesAPromptThatIsNotUtf8) {
  const auto task = started(tiny_lm(), text_);
  EXPECT_ERROR(written(*task, {.prompt = "the \xFF"}), "prompt: invalid UTF-8 at offset 4");
  EXPECT_EQ(written(*started(tiny_lm("bytes"), text_), {.prompt = "the \xFF", .length = 3}).size(), 3U);
}

TEST_F(LmTaskTest, GenerationStopsWhenTheSinkHasEnough) {
  const auto task = started(tiny_lm(), text_);
  int pieces = 0;
  task->generate({.length = 100}, [&](std::string_view) { return ++pieces < 3; });
  EXPECT_EQ(pieces, 3);
}

TEST_F(LmTaskTest, NeverWritesTheUnknownSymbol) {
  const auto task = started(tiny_lm("words"), text_);
  EXPECT_EQ(written(*task, {.length = 300, .sampling = {.temperature = 50}}).find("<unk>"), std::string::npos);
}

struct Rows : RowSink {
  void columns(const std::vector<std::string>& all) override { names = all; }
  void row(std::span<const TableCell> cells) override { rows.emplace_back(cells.begin(), cells.end()); }
  std::vector<std::string> names;
  std::vector<std::vector<TableCell>> rows;
};

TEST_F(LmTaskTest, ScoresEachLineByItself) {
  const auto task = started(tiny_lm(), text_);
  descend(*task, 50, 0.5);
  Rows rows;
  task->predict({scratch_.put("lines.txt", "the cat\n\nxqz\nthe cat")}, rows);
  EXPECT_EQ(rows.names.size(), 4U);
  ASSERT_EQ(rows.rows.size(), 3U);
  EXPECT_EQ(rows.rows[0][1], TableCell(int64_t{8}));
  EXPECT_EQ(rows.rows[1][0], TableCell(int64_t{3}));
  EXPECT_EQ(rows.rows[2][1], TableCell(int64_t{7}));
  EXPECT_LT(std::get<double>(rows.rows[0][2]), std::get<double>(rows.rows[1][2]));
  Rows again;
  task->predict({scratch_.put("one.txt", "the cat\n")}, again);
  EXPECT_EQ(again.rows[0][2], rows.rows[0][2]);
}

TEST_F(LmTaskTest, DescribesAText) {
  LmTask task;
  const Description facts = task.describe_data({scratch_.put("d.txt", "aé b\nb\n")});
  ASSERT_EQ(facts.size(), 8U);
  EXPECT_EQ(std::get<int64_t>(facts[1].value), 8);  // bytes
  EXPECT_EQ(std::get<int64_t>(facts[4].value), 7);  // characters
  EXPECT_EQ(std::get<int64_t>(facts[6].value), 3);  // words
}

TEST_F(LmTaskTest, RefusesTextsThatTeachNothing) {
  EXPECT_ERROR(started(tiny_lm(), scratch_.put("one.txt", std::string(500, 'a'))),
               "expected at least two different symbols");
  EXPECT_ERROR(started(tiny_lm(), scratch_.put("few.txt", "abc")), "too few");
  EXPECT_ERROR(started(tiny_lm(), scratch_.put("empty.txt", "")), "empty.txt");
  EXPECT_ERROR(started(tiny_lm(), scratch_ / "missing.txt"), "missing.txt");
  EXPECT_ERROR(started(tiny_lm(), text_, "1.5"), "between 0 and 1");
  EXPECT_ERROR(started(tiny_lm(), text_, "nowhere.txt"), "nowhere.txt");
}

TEST_F(LmTaskTest, SaysWhatIsMissingBeforeItIsThere) {
  LmTask task;
  EXPECT_ERROR(task.model(), "no model yet");
  EXPECT_ERROR(task.step(false), "not been started");
  EXPECT_ERROR(started(tiny_lm(), text_)->validate(), "no validation text");
}

}  // namespace
}  // namespace recur
