// Runs that make their models smaller: sparse weights, and training for int8.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/io/int8_tensors.h"
#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

double zeros_of(const NamedTensors& tensors, const std::string& name) {
  for (const NamedTensor& each : tensors) {
    if (each.name != name) continue;
    const auto values = each.value.values<float>();
    return static_cast<double>(std::ranges::count(values, 0.0f)) / static_cast<double>(values.size());
  }
  return -1;
}

class Compression : public ::testing::Test {
 protected:
  Compression() { write_bytes(scratch_ / "text.txt", small_text(120)); }

  TrainResult train(const std::string& folder, std::vector<std::string> overrides, Witness& witness) {
    overrides.insert(overrides.end(), {"hidden=32", "batch=8", "steps=40", "validate_every=8"});
    return small_run(scratch_ / "text.txt", overrides)->train(scratch_ / folder, false, witness.context());
  }

  Scratch scratch_;
};

TEST_F(Compression, TheModelIsSparseAndChosenAmongSparseOnes) {
  Witness witness, dense;
  const TrainResult result =
      train("sparse", {"sparsity=0.9", "sparse_block=4x16", "sparse_begin=0", "sparse_end=0.7"}, witness);
  train("dense", {}, dense);
  ASSERT_EQ(witness.messages.size(), 1U);
  EXPECT_EQ(witness.messages[0], "step 28: 90 % of the recurrent layers' weights are pruned, in blocks of 4x16");
  EXPECT_EQ(witness.validated_at, (std::vector<int64_t>{8, 16, 24, 32, 40}));
  EXPECT_GE(result.best_step, 28);
  const std::unique_ptr<Trained> model = load_trained(scratch_ / "sparse");
  EXPECT_NEAR(zeros_of(model->module().state(), "rnn.weight_hh_l0"), 0.9, 0.04);
  EXPECT_LT(std::filesystem::file_size(scratch_ / "sparse/model.recur"),
            std::filesystem::file_size(scratch_ / "dense/model.recur") * 2 / 3);
  const SafetensorsFile file = SafetensorsFile::open(scratch_ / "sparse/model.recur");
  EXPECT_NE(file.find("rnn.weight_hh_l0.sparse"), nullptr);
  EXPECT_EQ(elements_of(file), elements_of(SafetensorsFile::open(scratch_ / "dense/model.recur")));
}

TEST_F(Compression, NothingToPruneIsSaid) {
  Witness witness;
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"hidden=4", "embedding=3", "sparsity=0.5", "steps=2"})
                   ->train(scratch_ / "run", false, witness.context()),
               "sparsity: there is nothing to prune");
}

TEST_F(Compression, Int8TrainingValidatesAsTheQuantisedModelDoes) {
  const auto valid = scratch_ / "valid.txt";
  write_bytes(valid, small_text(20));
  Witness witness, again;
  const TrainResult result = train("run", {"int8_training=true", "valid=" + valid.string()}, witness);
  ASSERT_TRUE(result.best);
  const std::unique_ptr<Trained> model = load_trained(scratch_ / "run");
  model->save_int8(scratch_ / "small.recur");
  const double validated = result.best->at("loss");
  EXPECT_NEAR(load_trained(scratch_ / "small.recur")->evaluate({valid}).at("loss"), validated, 1e-5);
  EXPECT_GT(std::abs(model->evaluate({valid}).at("loss") - validated), 1e-5);
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"int8_training=true", "precision=bf16"})
                   ->train(scratch_ / "half", false, again.context()),
               "int8_training: expected precision f32, got bf16");
}

}  // namespace
}  // namespace recur
