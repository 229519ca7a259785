// Every kind of layer in every task: trains, evaluates, predicts, and comes back from its file.
#include "recur/nn/layers/layer_kinds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/nn/cells/cell.h"
#include "recur/tasks/trained.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

class EveryTask : public ::testing::TestWithParam<TinyTask> {};

TEST_P(EveryTask, TakesEveryKindOfLayer) {
  const Scratch scratch;
  for (const LayerKind& kind : layer_kinds().subspan(cells().size()))
    for (const std::string block : {"none", "feed_forward", "residual", "xlstm", "xlstm_up"}) {
      SCOPED_TRACE(kind.name + " " + block);
      TinyTask tiny = GetParam();
      tiny.options.push_back("cell=" + kind.name);
      tiny.options.push_back("block=" + block);
      if (block == "residual") tiny.options.emplace_back("block_conv=4");
      const DataFiles data = tiny_files(tiny, scratch);
      const auto taught = teach(make_tiny(tiny), tiny_training_data(data, 0.3), 2);
      taught.training->validate();
      taught.trained().save(scratch / "model.recur");
      const auto loaded = load_trained(scratch / "model.recur");
      const Evaluation own = taught.trained().evaluate(data), back = loaded->evaluate(data);
      ASSERT_EQ(own.metrics.size(), back.metrics.size());
      for (size_t k = 0; k < own.metrics.size(); ++k) {
        if (std::isnan(own.metrics[k].value)) continue;
        EXPECT_EQ(own.metrics[k].value, back.metrics[k].value) << own.metrics[k].name;
      }
      if (tiny.task == "lm") {
        Kept written;
        loaded->generate({.prompt = "the ", .length = 20}, written);
        EXPECT_FALSE(written.written().empty());
      } else {
        Kept predicted;
        loaded->predict(data, predicted);
        EXPECT_FALSE(predicted.rows().empty() && predicted.written().empty());
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Tasks, EveryTask, ::testing::ValuesIn(tiny_tasks()), name_of_tiny);

}  // namespace
}  // namespace recur
