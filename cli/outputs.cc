#include "cli/outputs.h"

#include <filesystem>
#include <system_error>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/read_files.h"
#include "recur/tasks/trained.h"
#include "recur/train/run_folder.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

// By device and inode, so that links are seen through. A file that is missing is no other.
bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Whether the file is there and in the folder, or in one of those inside.
bool lies_in(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  for (fs::path at = fs::canonical(file, error); !error && at.has_relative_path(); at = at.parent_path()) {
    if (same_file(at.parent_path(), folder)) return true;
  }
  return false;
}

// Whether a write to the path would replace the input, of which - is what the standard input comes from.
bool would_replace(const fs::path& output, const fs::path& input) {
  std::error_code ignored;
  if (input != "-") return same_file(output, input);
  return fs::is_regular_file(output, ignored) && same_file(output, "/dev/stdin");
}

void check_input(const Output& output, const fs::path& input) {
  std::error_code ignored;
  if (would_replace(output.path, input)) {
    fail_usage("{}: would overwrite {}, which this command reads ({})", output.option, output.path, input.string());
  }
  if (fs::is_directory(input, ignored) && lies_in(output.path, input)) {
    fail_usage("{}: {} is one of the files of {}, which this command reads", output.option, output.path,
               input.string());
  }
}

void check_model(const Output& output, const fs::path& model) {
  const fs::path file = model_path(model);
  if (same_file(output.path, file))
    fail_usage("{}: expected a file other than the model, got {}", output.option, output.path);
  // A link is followed by what writes, so it is the file behind it that counts.
  std::error_code error;
  const fs::path target =
      fs::is_symlink(output.path, error) ? fs::weakly_canonical(output.path, error) : fs::path(output.path);
  if (RunFolder::holds(target) && same_file(folder_of(target), folder_of(file))) {
    fail_usage("{}: {} is a file of the model's run", output.option, output.path);
  }
}

// Known once the data have been read: lists and folders name files of their own.
void check_not_read(const std::string& output) {
  if (has_been_read(output)) fail_usage("{}: this command has read this file, and would overwrite it", output);
}

}  // namespace

void Inputs::check(const std::string& output) const {
  std::error_code ignored;
  if (!fs::exists(output, ignored)) return;
  if (!model.empty()) check_model({"output", output}, model);
  for (const std::string& input : data) {
    if (would_replace(output, input)) fail_usage("{} would overwrite {}, which this command reads", output, input);
  }
  check_not_read(output);
}

void write_output(const std::string& path, std::string_view bytes) {
  check_not_read(path);
  write_file_atomic(path, bytes);
}

std::vector<Output> output_files(const Config& config) {
  std::vector<Output> outputs;
  for (const ConfigField& field : config.fields()) {
    if (field.writes == Writes::kFile) outputs.push_back({field.flag(), std::get<std::string>(field.get())});
  }
  return outputs;
}

void check_outputs(const std::vector<Output>& outputs, const std::string& model,
                   const std::vector<std::string>& inputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Output& output = outputs[i];
    if (output.path.empty()) continue;
    if (!model.empty()) check_model(output, model);
    for (const std::string& input : inputs) check_input(output, input);
    for (size_t k = 0; k < i; ++k) {
      const fs::path other = outputs[k].path;
      if (other.empty()) continue;
      std::error_code ignored;
      if (fs::weakly_canonical(output.path, ignored) == fs::weakly_canonical(other, ignored))
        fail_usage("{} and {}: expected two files, got {} for both", outputs[k].option, output.option, output.path);
    }
  }
}

}  // namespace recur::cli
