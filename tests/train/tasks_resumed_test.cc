// Every task can be stopped and resumed: the model is that of a run that was never stopped, to the bit.
#include <gtest/gtest.h>

#include "tests/tasks/tiny_tasks.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

std::vector<TinyTask> resumed_tasks() {
  std::vector<TinyTask> all = tiny_tasks();
  TinyTask subwords = tiny_of("translate");
  subwords.name = "translate_subwords";
  subwords.options.insert(subwords.options.end(), {"tokens=subwords", "vocabulary=270", "subword_model=bpe",
                                                   "subword_dropout=0.3", "members=2"});
  all.push_back(subwords);
  TinyTask changed = tiny_of("caption");
  changed.name = "caption_changed";
  changed.options.emplace_back("augment=shift,turn,mirror,light,jitter");
  all.push_back(changed);
  return all;
}

class TasksResumed : public ::testing::TestWithParam<TinyTask> {
 protected:
  std::unique_ptr<recur::Run> run() {
    auto run = std::make_unique<recur::Run>(GetParam().task);
    for (const std::string& each : GetParam().options) run->config().apply_override(each);
    run->config().apply_override("steps=7");
    if (GetParam().data != nullptr) {
      run->config().apply_override("data=" + tiny_data(GetParam(), scratch_).string());
      run->config().apply_override("valid=0.3");
    }
    return run;
  }

  Scratch scratch_;
};

TEST_P(TasksResumed, ToTheSameBits) {
  ASSERT_EQ(run()->train(scratch_ / "whole").end, TrainEnd::kFinished);
  Witness witness(3);
  ASSERT_EQ(run()->train(scratch_ / "parts", false, witness.context()).end, TrainEnd::kStopped);
  ASSERT_EQ(recur::Run::open(scratch_ / "parts")->resume({}).end, TrainEnd::kFinished);
  EXPECT_EQ(contents_of(scratch_ / "parts/last.ckpt"), contents_of(scratch_ / "whole/last.ckpt"));
  EXPECT_EQ(read_bytes(scratch_ / "parts/model.recur"), read_bytes(scratch_ / "whole/model.recur"));
}

INSTANTIATE_TEST_SUITE_P(All, TasksResumed, ::testing::ValuesIn(resumed_tasks()), name_of_tiny);

}  // namespace
}  // namespace recur
