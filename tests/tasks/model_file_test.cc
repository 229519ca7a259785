#include <gtest/gtest.h>

#include <limits>

#include "recur/io/sealed_file.h"
#include "recur/tasks/lm/lm_trained.h"
#include "tests/support/throws.h"
#include "tests/tasks/lm/lm_text.h"

namespace recur {
namespace {

using namespace testing;

class ModelFileTest : public ::testing::TestWithParam<const char*> {
 protected:
  Taught<LmTask> taught(const std::string& tokens) const {
    write_bytes(scratch_ / "text.txt", small_text(300));
    LmOptions options = tiny_lm(tokens);
    options.data.tokens.vocabulary = tokens == "subwords" ? 285 : 0;
    auto taught = started(options, {.files = {scratch_ / "text.txt"}});
    descend(*taught.training, 20, 0.5);
    return taught;
  }

  Scratch scratch_;
};

class ModelFileOf : public ModelFileTest {};

TEST_P(ModelFileOf, IsCompleteByItself) {
  const auto taught = this->taught(GetParam());
  const Trained& trained = taught.trained();
  write_bytes(scratch_ / "test.txt", small_text(50, 9));
  const Evaluation before = trained.evaluate({scratch_ / "test.txt"});
  const std::string text = written(trained, {.length = 50});
  trained.save(scratch_ / "model.recur", {{"step", "20"}});

  const auto loaded = load_trained(scratch_ / "model.recur");
  const Evaluation after = loaded->evaluate({scratch_ / "test.txt"});
  EXPECT_EQ(after.examples, before.examples);
  for (const Metric& each : before.metrics) EXPECT_EQ(after.at(each.name), each.value) << each.name;
  EXPECT_EQ(written(*loaded, {.length = 50}), text);
  EXPECT_EQ(loaded->info().name, "lm");
  EXPECT_EQ(loaded->options_toml(), trained.options_toml());
  EXPECT_EQ(read_model_facts(scratch_ / "model.recur"), (Assets{{"step", "20"}}));
}
INSTANTIATE_TEST_SUITE_P(Tokens, ModelFileOf, ::testing::Values("bytes", "chars", "words", "subwords"));

TEST_F(ModelFileTest, TheFolderOfARunStandsForItsModel) {
  taught("chars").trained().save(scratch_ / "model.recur");
  EXPECT_EQ(load_trained(scratch_.folder())->info().name, "lm");
}

TEST_F(ModelFileTest, TensorsHavePytorchsNames) {
  taught("chars").trained().save(scratch_ / "model.recur");
  const SafetensorsFile file = open_sealed(scratch_ / "model.recur", "model");
  for (const char* name :
       {"embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "decoder.weight"})
    EXPECT_NE(file.find(name), nullptr) << name;
}

TEST_F(ModelFileTest, DoublePrecisionStaysDouble) {
  const auto taught = this->taught("chars");
  taught.training->module().to(DType::kF64);
  taught.trained().save(scratch_ / "model.recur");
  const auto loaded = load_trained(scratch_ / "model.recur");
  EXPECT_EQ(loaded->module().parameters()[0].dtype(), DType::kF64);
  const auto test = scratch_.put("test.txt", small_text(20, 3));
  const double loss = taught.trained().evaluate({test}).at("loss");
  EXPECT_EQ(loaded->evaluate({test}).at("loss"), loss);
  EXPECT_GT(loss, 0);
}

TEST_F(ModelFileTest, Int8IsAQuarterOfTheSizeAndLosesLittle) {
  const auto taught = this->taught("chars");
  const Trained& trained = taught.trained();
  write_bytes(scratch_ / "test.txt", small_text(50, 9));
  const double loss = trained.evaluate({scratch_ / "test.txt"}).at("loss");
  trained.save_int8(scratch_ / "small.recur", {{"step", "20"}});
  const auto loaded = load_trained(scratch_ / "small.recur");
  EXPECT_NEAR(loaded->evaluate({scratch_ / "test.txt"}).at("loss"), loss, 0.02);
  EXPECT_EQ(written(*loaded, {.length = 50}).size(), written(trained, {.length = 50}).size());
  EXPECT_TRUE(loaded->module().infers_in_int8());
  EXPECT_EQ(loaded->module().parameter_count(), trained.module().parameter_count());
  EXPECT_EQ(read_model_facts(scratch_ / "small.recur"), (Assets{{"step", "20"}}));
  EXPECT_ERROR(loaded->save_int8(scratch_ / "again.recur"), "already int8");
}

// The file of a small model with one thing changed.
class BrokenModelTest : public ModelFileTest {
 protected:
  void change(const std::function<void(Assets& metadata, std::vector<TensorView>& tensors)>& edit) const {
    taught("chars").trained().save(scratch_ / "model.recur");
    const SafetensorsFile file = open_sealed(scratch_ / "model.recur", "model");
    std::vector<TensorView> tensors = file.tensors();
    Assets metadata;
    for (const auto& [key, value] : file.metadata())
      if (!key.starts_with("recur.")) metadata[key] = value;
    edit(metadata, tensors);
    write_sealed(scratch_ / "broken.recur", "model", tensors, metadata);
  }
  void load() const { load_trained(scratch_ / "broken.recur"); }
};

TEST_F(BrokenModelTest, ErrorsNameFileAndCause) {
  change([](Assets& metadata, auto&) { metadata.erase("task"); });
  EXPECT_ERROR(load(), "broken.recur: the metadata lack \"task\"");
  change([](Assets& metadata, auto&) { metadata["task"] = "ml"; });
  EXPECT_ERROR(load(), "unknown task 'ml'");
  change([](Assets& metadata, auto&) { metadata["config"] += "\nhiden = 3\n"; });
  EXPECT_ERROR(load(), "hiden");
  change([](Assets& metadata, auto&) { metadata.erase("assets.vocabulary"); });
  EXPECT_ERROR(load(), "lacks 'vocabulary'");
  change([](Assets& metadata, auto&) { metadata["assets.vocabulary"] = "{}"; });
  EXPECT_ERROR(load(), "broken.recur");
  change([](Assets&, auto& tensors) { tensors.pop_back(); });
  EXPECT_ERROR(load(), "decoder.bias' is missing");
  change([](Assets& metadata, auto&) {
    metadata["config"].replace(metadata["config"].find("hidden = 12"), 11, "hidden = 13");
  });
  EXPECT_ERROR(load(), "expected shape");
}

TEST_F(BrokenModelTest, AModelLargerThanItsFileIsNotBuilt) {
  change([](Assets& metadata, auto&) {
    std::string& config = metadata["config"];
    config.replace(config.find("hidden = 12"), 11, "hidden = 1000000");
  });
  EXPECT_ERROR(load(), "at least 1000001");
}

TEST_F(BrokenModelTest, ACorruptFileIsNotLoaded) {
  taught("chars").trained().save(scratch_ / "model.recur");
  std::string bytes = read_bytes(scratch_ / "model.recur");
  bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
  write_bytes(scratch_ / "broken.recur", bytes);
  EXPECT_ERROR(load(), "broken.recur");
  write_bytes(scratch_ / "broken.recur", bytes.substr(0, bytes.size() / 2));
  EXPECT_ERROR(load(), "broken.recur");
  EXPECT_ERROR(load_trained(scratch_ / "nothing.recur"), "nothing.recur");
}

TEST(Tasks, AreFoundByName) {
  ASSERT_FALSE(tasks().empty());
  for (const TaskInfo& each : tasks()) {
    EXPECT_EQ(make_task(each.name)->info().name, each.name);
    EXPECT_FALSE(each.summary.empty() || each.unit.empty());  // act reads no data
  }
  EXPECT_ERROR(make_task("lmm"), "did you mean 'lm'");
}

TEST_F(ModelFileTest, SaysWhatItCannotDo) {
  class Mute : public LmTrained {
   public:
    explicit Mute(const LmTrained& trained) : LmTrained(trained) {}
    void predict(const DataFiles& data, Sink& out) const override { Trained::predict(data, out); }
    void generate(const GenerateOptions& options, Sink& out) const override { Trained::generate(options, out); }
  };
  const auto taught = this->taught("chars");
  const Mute mute(dynamic_cast<const LmTrained&>(taught.trained()));
  Kept out;
  EXPECT_ERROR(mute.predict({}, out), "'lm' cannot predict");
  EXPECT_ERROR(mute.generate({}, out), "'lm' cannot generate");
  EXPECT_ERROR(mute.adapt({}), "expected a model that has learnt to adapt");
  EXPECT_ERROR(mute.predict_edited({}, {}, out), "expected a model that reads texts");
  EXPECT_EQ(mute.session(), nullptr);
}

TEST_F(ModelFileTest, AWeightThatIsNoNumberIsRefusedByItsName) {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const auto taught = this->taught("chars");
    for (const auto& [name, value] : taught.training->module().named_parameters()) {
      if (name == "decoder.bias") Tensor(value).data<float>()[1] = bad;
    }
    taught.trained().save(scratch_ / "model.recur");
    EXPECT_ERROR(load_trained(scratch_ / "model.recur"),
                 "model.recur: tensor decoder.bias: a value is NaN or infinite");
  }
}

}  // namespace
}  // namespace recur
