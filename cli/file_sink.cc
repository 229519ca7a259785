#include "cli/file_sink.h"

#include <filesystem>
#include <system_error>

#include "cli/output.h"
#include "recur/base/error.h"

namespace recur::cli {
namespace {

// Whether the path is another name of the standard output.
bool is_output(const std::string& path) { return path.empty() || path == "-" || path == "/dev/stdout"; }

}  // namespace

FileSink::FileSink(const std::string& path, bool json)
    : file_(is_output(path) ? nullptr : std::make_unique<AtomicFile>(path)),
      rows_(make_row_writer([this](std::string_view text) { write(text); }, json)) {}

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
  const std::filesystem::path folder = std::filesystem::path(picture.name).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) fail("{}: cannot make the folder: {}", folder.string(), error.message());
  write_file_atomic(picture.name, picture.bytes);
}

void FileSink::flush() {
  if (!file_) flush_output();
}

void FileSink::commit() {
  if (file_) file_->commit();
}

}  // namespace recur::cli
