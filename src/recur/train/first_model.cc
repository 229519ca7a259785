#include "recur/train/first_model.h"

#include <algorithm>
#include <array>
#include <variant>

#include "recur/base/error.h"

namespace recur {
namespace {

template <size_t N>
bool holds(const std::array<std::string_view, N>& list, std::string_view key) {
  return std::ranges::count(list, key) > 0;
}

// How a model learns, and what it learns from: another run may do it in another way.
bool is_free(const ConfigField& field) {
  constexpr std::array<std::string_view, 10> kSections{
      "Augmentation", "Environment",     "Evaluation", "Groups",    "Learning",
      "Loss",         "Learning to act", "Noise",      "Threshold", "Windows",
  };
  constexpr std::array<std::string_view, 45> kKeys{
      // batches
      "batch", "batch_seconds", "batch_tokens", "bptt", "random_bptt", "recompute",
      // regularisation
      "balanced", "dropout", "embedding_dropout", "freeze_vectors", "input_dropout", "locked_dropout", "prenet_dropout",
      "recurrent_dropout", "subword_sample", "weight_drop", "word_dropout",
      // what validation chooses
      "blend",
      // which examples there are
      "augment", "most_seconds", "most_tokens", "patch", "queries", "rotate", "shots", "test", "valid_features",
      "valid_problems", "valid_target", "within",
      // how files are written
      "audio_column", "caption_columns", "decimal", "delimiter", "format", "header", "image_column", "missing",
      "repeats", "sort_time", "source_column", "speaker_column", "tag", "thousands", "token"};
  return holds(kSections, field.section) || holds(kKeys, field.key);
}

// What names files of the first model's data, or groups in them, or what its validation chose.
bool is_of_its_data(const ConfigField& field) {
  constexpr std::array<std::string_view, 5> kKeys{"blend", "normal_values", "valid_features", "valid_target",
                                                  "vectors"};
  return field.section == "Groups" || holds(kKeys, field.key);
}

// Whether a value leaves open what the program chooses.
bool is_open(const ConfigValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty() || *text == "auto";
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  return texts != nullptr && (texts->empty() || *texts == std::vector<std::string>{"auto"});
}

// A column that the model has found by itself may be named, as that of other data: whether it fits is for the task to
// say.
bool is_found_column(const ConfigField& field) {
  return (field.key.ends_with("_column") || field.key.ends_with("_columns")) && is_open(field.get());
}

}  // namespace

std::unique_ptr<Trained> load_first_model(const std::filesystem::path& path, std::string_view task) {
  std::unique_ptr<Trained> model = load_trained(path);
  if (model->info().name != task) {
    fail("from_model: {}: expected a model of the task '{}', got one of '{}'", path.string(), task, model->info().name);
  }
  if (model->module().infers_in_int8()) {
    fail("from_model: {}: expected weights in f32, got int8, which cannot be trained on", path.string());
  }
  return model;
}

void take_options(Config& config, const Trained& model, const std::string& name) {
  const std::unique_ptr<Task> task = make_task(model.info().name);
  Config theirs;
  task->declare(theirs);
  theirs.parse_toml(model.options_toml(), "options");
  for (const ConfigField& its : theirs.fields()) {
    const ConfigField& own = *config.find(its.key);
    const bool given = own.given && !is_open(own.get());
    if (given && !is_free(own) && !is_found_column(its) && own.value_text() != its.value_text()) {
      fail_usage("{}: expected {}, as the model {} has it, which training begins from, got {}", own.key,
                 its.value_text(), name, own.value_text());
    }
    if (!given && !is_of_its_data(own)) own.set(its.get());
  }
}

}  // namespace recur
