#include "recur/exchange/import_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/base/file.h"
#include "recur/base/json.h"
#include "recur/tasks/network/network_trained.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string golden(const std::string& name) { return std::string(RECUR_TEST_DATA) + "/golden/import/" + name; }

Tensor matrix_of(const Json& rows) {
  std::vector<float> values;
  for (const Json& row : rows) {
    for (const Json& value : row) values.push_back(static_cast<float>(value.get<double>()));
  }
  return Tensor::from(values,
                      {static_cast<int64_t>(rows.size()), 1, static_cast<int64_t>(values.size() / rows.size())});
}

const NetworkModel& network_of(const ImportedModel& model) {
  return dynamic_cast<const NetworkTrained&>(*model.trained).network();
}

std::string import_error(const std::string& name, const ImportOptions& options = {}) {
  return message_of([&] { import_model(golden(name), options); });
}
std::string import_question(const std::string& name, const ImportOptions& options = {}) {
  return message_of<UsageError>([&] { import_model(golden(name), options); });
}

struct ImportCase {
  std::string file, run;  // NAME.json of what its own tool computed
  std::string layers = {}, key = {};
  double bound = 1e-6;
  std::vector<std::string> inputs = {};
};
std::ostream& operator<<(std::ostream& out, const ImportCase& each) { return out << each.file; }

class EveryImport : public ::testing::TestWithParam<ImportCase> {};

TEST_P(EveryImport, ComputesWhatItsOwnToolDoesAndStreamsTheSame) {
  const ImportCase& each = GetParam();
  const ImportedModel imported =
      import_model(golden(each.file), {.layers = each.layers, .key = each.key, .inputs = each.inputs});
  const NetworkModel& network = network_of(imported);
  const auto run = parse_json(read_file(golden(each.run + ".json")), 3);
  ASSERT_TRUE(run);
  const Tensor x = matrix_of(run->at("x")), want = matrix_of(run->at("y"));
  const Tensor y = network(x);
  ASSERT_EQ(y.shape(), want.shape());
  for (int64_t i = 0; i < y.numel(); ++i) {
    EXPECT_NEAR(y.data<float>()[i], want.data<float>()[i], each.bound) << "output " << i;
  }
  if (!network.is_causal()) return;
  NetworkStream stream(network);
  for (int64_t t = 0; t < x.size(0); ++t) {
    const auto out = stream.step({x.data<float>() + t * x.size(2), static_cast<size_t>(x.size(2))});
    for (int64_t o = 0; o < y.size(2); ++o) {
      EXPECT_NEAR(out[static_cast<size_t>(o)], y.data<float>()[t * y.size(2) + o], 1e-6) << "step " << t;
    }
  }
}

const std::vector<ImportCase>& import_cases() {
  static const std::vector<ImportCase> cases{
      {"lstm_two.pt", "lstm_two"},
      {"lstm_two.safetensors", "lstm_two"},
      {"checkpoint.pt", "lstm_two"},
      {"two_models.pt", "lstm_two", "", "critic"},
      {"double.pt", "lstm_two"},
      {"half.pt", "lstm_two", "", "", 1e-3},
      {"brain.pt", "lstm_two", "", "", 1e-2},
      {"lstm_both.pt", "lstm_both"},
      {"lstm_projected.pt", "lstm_projected"},
      {"gru_plain.pt", "gru_plain"},
      {"rnn_relu.pt", "rnn_relu", "rnn:rnn_relu,fc"},
      {"sentence.pt", "sentence", "embed,norm,gru,last,hidden,batch_norm,relu,out,log_softmax"},
      {"strided.pt", "strided"},
      {"keras_lstm.keras", "keras_lstm"},
      {"keras_gru.keras", "keras_gru"},
      {"keras_gru.h5", "keras_gru"},
      {"keras_both.keras", "keras_both"},
      {"keras_both.h5", "keras_both"},
      {"keras_text.keras", "keras_text"},
      {"keras_text.h5", "keras_text"},
      {"keras_conv.keras", "keras_conv"},
      {"keras_functional.keras", "keras_functional"},
      {"weights_only.weights.h5", "keras_lstm", "lstm,lstm_1,dense,sigmoid"},
      {"onnx_both.onnx", "onnx_both"},
      {"onnx_conv.onnx", "onnx_conv"},
      {"onnx_last_state.onnx", "onnx_last_state"},
      {"onnx_lstm_apart.onnx", "onnx_lstm_apart"},
      {"onnx_reverse.onnx", "onnx_reverse"},
      {"onnx_stacked.onnx", "onnx_stacked"},
      {"onnx_step.onnx", "onnx_step", "", "", 1e-6, {"sr=16000", "x=1x12"}},
      {"onnx_states.onnx", "onnx_states"},
      {"onnx_symbols.onnx", "onnx_symbols"},
      {"onnx_two_nodes.onnx", "onnx_two_nodes"},
      {"torch_sentence.onnx", "torch_sentence"},
      {"torch_series.onnx", "torch_series"},
      {"torch_lstm_cell.onnx", "torch_lstm_cell"},
      {"torch_gru_cell.onnx", "torch_gru_cell"},
      {"torch_new_sentence.onnx", "torch_new_sentence"},
      {"torch_new_series.onnx", "torch_new_series"},
      {"torch_new_lstm_cell.onnx", "torch_new_lstm_cell"},
      {"torch_new_gru_cell.onnx", "torch_new_gru_cell"},
      {"torch_rnn_cell.onnx", "torch_rnn_cell"},
      {"torch_new_rnn_cell.onnx", "torch_new_rnn_cell"},
      {"torch_scaled.onnx", "torch_scaled"},
  };
  return cases;
}

std::string name_of_case(const ::testing::TestParamInfo<ImportCase>& info) {
  std::string name = info.param.file;
  std::ranges::replace(name, '.', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, EveryImport, ::testing::ValuesIn(import_cases()), name_of_case);

TEST(ImportModel, SavedAndLoadedItComputesTheSame) {
  const Scratch scratch;
  const ImportedModel imported = import_model(golden("keras_both.keras"));
  imported.trained->save(scratch / "model.recur");
  const auto loaded = load_trained(scratch / "model.recur");
  const Tensor x = Tensor::ones({4, 2, 3});
  const Tensor a = network_of(imported)(x), b = dynamic_cast<const NetworkTrained&>(*loaded).network()(x);
  EXPECT_TRUE(std::ranges::equal(a.values<float>(), b.values<float>()));
}

TEST(ImportModel, QuestionsNameTheOptionThatDecides) {
  EXPECT_THAT(import_question("two_models.pt"), HasSubstr("set --key to one of: generator, critic"));
  EXPECT_THAT(import_question("two_models.pt", {.key = "crtic"}), HasSubstr("there is no state dict"));
  EXPECT_THAT(import_question("sentence.pt"), HasSubstr("hidden and out are consecutive linear layers"));
  EXPECT_THAT(import_question("lstm_two.pt", {.layers = "rnn,fcc"}), HasSubstr("no layer 'fcc'; did you mean 'fc'"));
  EXPECT_THAT(import_question("keras_gru.keras", {.layers = "gru"}), HasSubstr("lists its layers in order"));
}

TEST(ImportModel, RefusesByNameWhatItDoesNotRead) {
  EXPECT_THAT(import_error("module.pt"), HasSubstr("a whole module of the class __main__.Tagger"));
  EXPECT_THAT(import_error("module.pt"), HasSubstr("model.state_dict()"));
  EXPECT_THAT(import_error("legacy.pt"), HasSubstr("before 1.6"));
  EXPECT_THAT(import_error("keras_branch.keras"), HasSubstr("(Add): reads"));
}

TEST(ImportModel, ReadsNothingOutsideOfTheFile) {
  EXPECT_THAT(import_error("outside.h5"), HasSubstr("dense/dense/bias:0: its elements are in another file"));
  EXPECT_THAT(import_error("linked.h5"), HasSubstr("dense/dense/bias:0: links, as to other files, are not followed"));
}

TEST(ImportModel, RefusesWhatIsNoModel) {
  const Scratch scratch;
  const auto error = [&](const std::string& name, std::string_view bytes) {
    return message_of([&] { import_model(scratch.put(name, bytes)); });
  };
  EXPECT_THAT(error("a.txt", "hello"), HasSubstr("not known as a model"));
  EXPECT_THAT(error("a.onnx", "\x08\x07"), HasSubstr("a.onnx"));
  EXPECT_THAT(error("a.pkl", "\x80\x04K\x01."), HasSubstr("a Python pickle"));
  EXPECT_THAT(error("a.json", "{\"layers\": [1"), HasSubstr("byte"));
  EXPECT_THAT(message_of([&] { import_model(scratch.folder()); }), HasSubstr("a folder"));
}

// Whatever is cut off or changed, the answer is an error or a model, never a crash.
TEST(ImportModel, DamagedFilesAreRefused) {
  const Scratch scratch;
  for (const char* name :
       {"lstm_two.pt", "checkpoint.pt", "keras_lstm.keras", "lstm_two.safetensors", "onnx_two_nodes.onnx",
        "onnx_stacked.onnx", "onnx_lstm_apart.onnx", "onnx_step.onnx", "torch_gru_cell.onnx"}) {
    ImportOptions options;
    if (name == std::string_view("onnx_step.onnx")) options.inputs = {"sr=16000", "x=1x12"};
    const std::string whole = read_bytes(golden(name));
    for (size_t part = 1; part < 8; ++part) {
      const auto path = scratch.put(name, std::string_view(whole).substr(0, whole.size() * part / 8));
      EXPECT_NE(message_of([&] { import_model(path, options); }), "") << name << " cut at " << part;
    }
    for (size_t at = 3; at < whole.size(); at += whole.size() / 61 + 1) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x5B);
      const auto path = scratch.put(name, changed);
      message_of([&] { import_model(path, options); });
    }
  }
}

}  // namespace
}  // namespace recur
