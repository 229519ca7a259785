// Model files: a sealed safetensors file that is complete by itself.
//
//   metadata  task      "lm"
//             config    the task's options, TOML
//             assets.*  vocabularies, scalers
//             facts.*   where it comes from: step, metrics
//   tensors   parameters and buffers, by PyTorch's names; matrices may be I8 with scales (io/int8_tensors.h) and
//             without their blocks of zeros (io/sparse_tensors.h)
#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/io/int8_tensors.h"
#include "recur/io/sealed_file.h"
#include "recur/kernels/kernels.h"
#include "recur/optim/clip.h"
#include "recur/tasks/task.h"

namespace recur {
namespace {

constexpr std::string_view kKind = "model";
const std::string kAssets = "assets.", kFacts = "facts.";

void put(Assets& metadata, const std::string& prefix, const Assets& texts) {
  for (const auto& [name, text] : texts) metadata[prefix + name] = text;
}

Assets take(const SafetensorsFile& file, const std::string& prefix) {
  Assets result;
  for (const auto& [name, text] : file.metadata()) {
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = text;
  }
  return result;
}

const std::string& need(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) fail("{}: the metadata lack \"{}\"", file.name(), key);
  return found->second;
}

// A run that diverged, or a file that was tampered with: no prediction could be right.
void check_weights(NamedTensors tensors) {
  std::erase_if(tensors, [](const NamedTensor& each) {
    return each.value.dtype() != DType::kF32 && each.value.dtype() != DType::kF64;
  });
  const std::string name = first_non_finite(tensors);
  if (!name.empty()) fail("tensor {}: a value is NaN or infinite", name);
}

std::unique_ptr<Trained> load(const SafetensorsFile& file) {
  const auto task = make_task(need(file, "task"));
  Config config;
  task->declare(config);
  config.parse_toml(need(file, "config"), "config");
  auto trained = task->restore(take(file, kAssets), elements_of(file));
  const NamedTensors tensors = read_tensors(file);
  check_weights(tensors);
  Module& module = trained->module();
  if (!tensors.empty() && tensors.front().value.dtype() == DType::kF64) module.to(DType::kF64);
  module.load_state(tensors);
  module.infer_in_int8(has_int8(file));
  return trained;
}

}  // namespace

Assets Trained::metadata(const Assets& facts) const {
  Assets metadata{{"task", info().name}, {"config", options_toml()}};
  put(metadata, kAssets, assets());
  put(metadata, kFacts, facts);
  return metadata;
}

void Trained::save(const std::filesystem::path& path, const Assets& facts) const {
  const StoredTensors tensors(module().state());
  write_sealed(path, kKind, tensors.views(), metadata(facts));
}

void Trained::save_int8(const std::filesystem::path& path, const Assets& facts) const {
  if (module().infers_in_int8()) fail("the weights of the model are already int8");
  const Int8Tensors tensors(module().state(), true);
  write_sealed(path, kKind, tensors.views(), metadata(facts));
}

std::filesystem::path model_path(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? path / "model.recur" : path;
}

std::unique_ptr<Trained> load_trained(const std::filesystem::path& path) {
  const SafetensorsFile file = open_sealed(model_path(path), kKind);
  // What the environment asks for in vain is no fault of the file.
  kernels::description();
  threads();
  try {
    return load(file);
  } catch (const Error& error) {  // of what the file holds, whatever the cause: not the user's command
    const std::string_view message = error.what();
    if (message.starts_with(file.name())) throw Error(error.what());
    fail("{}: {}", file.name(), message);
  }
}

Assets read_model_facts(const std::filesystem::path& path) {
  return take(open_sealed(model_path(path), kKind), kFacts);
}

}  // namespace recur
