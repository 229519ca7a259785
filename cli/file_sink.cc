#include "cli/file_sink.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/output.h"
#include "recur/base/error.h"
#include "recur/data/audio/wave_writer.h"

namespace recur::cli {
namespace {

// Whether the path is another name of the standard output.
bool is_output(const std::string& path) { return path.empty() || path == "-" || path == "/dev/stdout"; }

void make_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) fail("{}: cannot make the folder: {}", folder.string(), error.message());
}

std::string true_place(const std::string& path) {
  std::error_code error;
  const std::filesystem::path place = std::filesystem::weakly_canonical(path, error);
  return error ? path : place.string();
}

}  // namespace

FileSink::FileSink(const std::string& path, bool json, Inputs inputs)
    : inputs_(std::move(inputs)),
      path_(is_output(path) ? "" : path),
      file_(path_.empty() ? nullptr : std::make_unique<AtomicFile>(path)),
      rows_(make_row_writer([this](std::string_view text) { write(text); }, json)) {
  if (file_) written_.insert(true_place(path));
}

void FileSink::prepare(const std::string& path) {
  inputs_.check(path);
  if (!written_.insert(true_place(path)).second) fail_usage("{}: two outputs would be written to this file", path);
  make_folder_of(path);
}

void FileSink::check_rows() const {
  if (!path_.empty()) inputs_.check(path_);
}

// Most tasks have read their data by now, so that nothing is computed in vain.
void FileSink::columns(const std::vector<std::string>& names) {
  check_rows();
  rows_->columns(names);
}

void FileSink::write(std::string_view text) {
  if (file_) {
    file_->write(text);
  } else {
    print(text);
  }
}

bool FileSink::text(std::string_view piece) {
  write(piece);
  flush();
  return true;
}

void FileSink::picture(const Picture& picture) {
  prepare(picture.name);
  write_file_atomic(picture.name, picture.bytes);
}

void FileSink::sound(const Sound& sound) {
  prepare(sound.name);
  clipped_.add(sound.samples);
  write_file_atomic(sound.name, wave_file(sound.samples, static_cast<int64_t>(sound.rate), sound.channels));
}

void FileSink::flush() {
  if (!file_) flush_output();
}

void FileSink::commit() {
  clipped_.note();
  check_rows();
  if (file_) file_->commit();
}

}  // namespace recur::cli
