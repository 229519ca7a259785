// A tiny model of every task, exported and read again.
#include <gtest/gtest.h>

#include "recur/exchange/formats.h"
#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/io/safetensors.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

struct Variant {
  const char *name, *tiny;
  std::vector<std::string> options = {};
  GraphRequest request = {};
};

std::ostream& operator<<(std::ostream& out, const Variant& variant) { return out << variant.name; }

TinyTask tiny_with(const std::string& name, const std::vector<std::string>& options) {
  TinyTask tiny = tiny_of(name);
  tiny.options.insert(tiny.options.end(), options.begin(), options.end());
  return tiny;
}

class ExportedTasks : public ::testing::TestWithParam<Variant> {};

TEST_P(ExportedTasks, ComputeWhatTheModelDoes) {
  const Scratch scratch;
  const Variant& variant = GetParam();
  const TinyTask tiny = tiny_with(variant.tiny, variant.options);
  const auto task = make_tiny(tiny);
  const auto training = task->train({.files = {DataFile(tiny_data(tiny, scratch).string())}}, {.seed = 1});
  train_by_hand(*training, 2);
  const std::filesystem::path out = scratch / "m.onnx";
  const ExportReport report = onnx::export_onnx(training->trained(), {.graph = variant.request, .checks = 2}, out);
  EXPECT_LT(*report.difference, 1e-5);
  const onnx::ModelProto model = onnx::read_model(out);
  EXPECT_EQ(model.metadata.at("recur.task"), tiny.task);
  EXPECT_EQ(model.graph.inputs.size() + model.graph.outputs.size(), report.values.size());
  for (const onnx::ValueInfo& input : model.graph.inputs) EXPECT_FALSE(input.doc.empty()) << input.name;
  for (const onnx::ValueInfo& output : model.graph.outputs) EXPECT_FALSE(output.doc.empty()) << output.name;
}

INSTANTIATE_TEST_SUITE_P(
    All, ExportedTasks,
    ::testing::Values(
        Variant{"lm", "lm"}, Variant{"lm_stateful", "lm", {"cell=gru", "layers=2"}, {.stateful = true}},
        Variant{"lm_projected", "lm", {"projection=3", "tie=true"}}, Variant{"classify", "classify"},
        Variant{"classify_attention", "classify", {"pooling=attention", "members=2", "ngrams=0", "positions=5"}},
        Variant{"classify_conv", "classify", {"pooling=mean", "conv=4", "stride=2", "ngrams=0"}}, Variant{"tag", "tag"},
        Variant{"tag_softmax", "tag", {"output=softmax", "characters=conv"}},
        Variant{"tag_words", "tag", {"output=crf", "characters=none"}}, Variant{"detect", "detect"},
        Variant{"detect_reconstruct", "detect", {"method=reconstruct"}},
        Variant{"detect_classify", "detect", {"method=classify", "bidirectional=true"}},
        Variant{"forecast", "forecast"}, Variant{"forecast_direct", "forecast", {"decoder=direct"}},
        Variant{"forecast_members", "forecast", {"decoder=direct", "members=3"}}, Variant{"diagnose", "diagnose"},
        Variant{"diagnose_decay", "diagnose", {"trainable_decay=true"}}, Variant{"encoder", "translate"},
        Variant{"decoder", "translate", {}, {.part = "decoder"}},
        Variant{"encoder_blocks", "translate", {"attention_blocks=1", "heads=2", "attention=multi_head"}},
        Variant{"decoder_coverage", "translate", {"coverage=3", "cell=gru"}, {.part = "decoder"}},
        Variant{"encoder_ensemble", "translate", {"members=2"}},
        Variant{"decoder_ensemble", "translate", {"members=2"}, {.part = "decoder"}},
        Variant{"decoder_heads", "translate", {"heads=2", "attention=multi_head"}, {.part = "decoder"}},
        Variant{"transcribe", "transcribe"}, Variant{"transcribe_minlstm", "transcribe", {"cell=minlstm"}},
        Variant{"lm_mlstm", "lm", {"cell=mlstm", "hidden=8", "memory_heads=2"}},
        Variant{"lm_griffin_stateful", "lm", {"cell=griffin", "layers=2", "block=feed_forward"}, {.stateful = true}},
        Variant{"classify_sru", "classify", {"cell=sru", "bidirectional=true"}},
        Variant{"tag_slstm", "tag", {"cell=slstm"}}, Variant{"detect_lru", "detect", {"cell=lru"}},
        Variant{"forecast_qrnn", "forecast", {"cell=qrnn"}}, Variant{"diagnose_mingru", "diagnose", {"cell=mingru"}},
        Variant{"encoder_delta", "translate", {"cell=delta"}},
        Variant{"decoder_rg_lru", "translate", {"cell=rg_lru"}, {.part = "decoder"}}),
    [](const auto& info) { return std::string(info.param.name); });

std::unique_ptr<Training> tiny_training(const std::string& name, const Scratch& scratch,
                                        const std::vector<std::string>& options = {}) {
  const TinyTask tiny = tiny_with(name, options);
  return make_tiny(tiny)->train({.files = {DataFile(tiny_data(tiny, scratch).string())}}, {.seed = 1});
}

TEST(ExportFormats, AreFoundByNameAndByEnding) {
  EXPECT_STREQ(find_export_format("onnx", "x").name, "onnx");
  EXPECT_STREQ(find_export_format("", "x.safetensors").name, "safetensors");
  EXPECT_ERROR(find_export_format("", "x.bin"), "--to is missing: expected onnx or safetensors or c");
  EXPECT_ERROR(find_export_format("onyx", "x"), "got 'onyx'");
}

TEST(ExportFormats, RefuseWhatThereIsNot) {
  const Scratch scratch;
  const auto training = tiny_training("classify", scratch);
  const Trained& model = training->trained();
  const auto to = [&](const char* format, GraphRequest request) {
    return find_export_format(format, "").write(model, {.graph = std::move(request)}, scratch / "out");
  };
  EXPECT_ERROR(to("onnx", {.stateful = true}), "stateful: a classifier reads whole sequences");
  EXPECT_ERROR(to("onnx", {.part = "decoder"}), "the network of the task 'classify' has one part only");
  EXPECT_ERROR(to("safetensors", {.part = "decoder"}), "tensors have neither parts nor states");
  EXPECT_FALSE(std::filesystem::exists(scratch / "out"));
  const auto translator = tiny_training("translate", scratch);
  EXPECT_ERROR(onnx::export_onnx(translator->trained(), {.graph = {.part = "middle"}}, scratch / "out"),
               "part: expected encoder or decoder, got 'middle'");
}

TEST(ExportFormats, PlainTensorsAreThoseOfTheModel) {
  const Scratch scratch;
  const auto training = tiny_training("lm", scratch);
  find_export_format("safetensors", "").write(training->trained(), {}, scratch / "m.safetensors");
  const SafetensorsFile file = SafetensorsFile::open(scratch / "m.safetensors");
  EXPECT_EQ(file.metadata().at("format"), "pt");
  const NamedTensors state = training->trained().module().state();
  ASSERT_EQ(file.tensors().size(), state.size());
  for (const NamedTensor& each : state) {
    const TensorView& view = file.at(each.name);
    EXPECT_TRUE(std::equal(view.data.begin(), view.data.end(), std::as_const(each.value).bytes()));
  }
}

}  // namespace
}  // namespace recur
