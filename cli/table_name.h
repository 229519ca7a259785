// The names of files for rows.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/audio/sound_file.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/image.h"

namespace recur::cli {

// Throws UsageError where an option names a file for rows like a sound or a picture.
inline void check_table_name(std::string_view option, const std::string& path) {
  const std::string extension = lower_ascii(std::filesystem::path(path).extension().string());
  const bool other = extension == ".svg" || extension == ".wave";
  if (!other && !is_sound_name(path) && !is_image_name(path)) return;
  fail_usage("{}: writes rows: expected a name such as rows.csv or rows.jsonl, got {}", option, path);
}

}  // namespace recur::cli
