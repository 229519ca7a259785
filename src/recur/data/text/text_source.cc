#include "recur/data/text/text_source.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/files/pipe.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = 1 << 20;
constexpr size_t kProbeBytes = 64 << 10;  // what is looked at to tell text from binary data

std::optional<std::string> packed_reason(std::string_view bytes) {
  if (bytes.starts_with("\x1F\x8B")) return "it is compressed (gzip); unpack it first";
  if (bytes.starts_with("\xFD\x37zXZ")) return "it is compressed (xz); unpack it first";
  return std::nullopt;
}

// Why the bytes are not text, or nothing.
std::optional<std::string> binary_reason(std::string_view bytes, bool utf8) {
  const std::string_view probe = bytes.substr(0, kProbeBytes);
  if (auto reason = packed_reason(probe)) return reason;
  if (const size_t at = probe.find('\0'); at != kNoPosition) return fmt::format("NUL byte at offset {}", at);
  if (!utf8) return std::nullopt;
  const size_t at = bytes.size() > kProbeBytes ? find_invalid_utf8_in_prefix(probe) : find_invalid_utf8(probe);
  if (at == kNoPosition) return std::nullopt;
  return fmt::format("invalid UTF-8 at offset {}", at);
}

// How much of the text makes the next block.
size_t block_length(std::string_view text) {
  if (text.size() <= kBlockBytes) return text.size();
  const std::string_view head = text.substr(0, kBlockBytes);
  if (const size_t line_end = head.rfind('\n'); line_end != kNoPosition) return line_end + 1;
  if (const size_t space = head.rfind(' '); space != kNoPosition) return space + 1;
  size_t length = kBlockBytes;
  // A code point has at most three continuation bytes; more of them are not UTF-8 and may be cut anywhere.
  for (int i = 0; i < 3 && is_continuation(text[length]); ++i) --length;
  return is_continuation(text[length]) ? kBlockBytes : length;
}

int64_t count_all_code_points(const TextSource& source) {
  int64_t count = 0;
  source.for_each_utf8_block(source.all(), [&](const TextBlock& block) {
    count += count_code_points(block.text);
    return true;
  });
  return count;
}

// Where code point number `index` starts, in bytes.
int64_t code_point_position(const TextSource& source, int64_t index) {
  int64_t position = 0;
  source.for_each_block(source.all(), [&](const TextBlock& block) {
    if (const int64_t count = count_code_points(block.text); count <= index) {
      index -= count;
      position += static_cast<int64_t>(block.text.size());
      return true;
    }
    for (const char c : block.text) {
      if (!is_continuation(c) && index-- == 0) break;
      ++position;
    }
    return false;
  });
  return position;
}

// The first line start at or behind `position`; the start of a file is one.
int64_t line_start(const TextSource& source, int64_t position) {
  if (position == 0) return 0;
  // From the byte before, so that a position that is a line start is found itself.
  int64_t at = position - 1;
  source.for_each_block({at, source.size()}, [&](const TextBlock& block) {
    const size_t line_end = block.text.find('\n');
    at += static_cast<int64_t>(line_end == kNoPosition ? block.text.size() : line_end + 1);
    return line_end == kNoPosition && !block.ends_file;
  });
  return at;
}

// The first place at or behind `position` that follows a space; the end when there is none.
int64_t word_start(const TextSource& source, int64_t position) {
  int64_t at = std::max<int64_t>(position - 1, 0);
  source.for_each_block({at, source.size()}, [&](const TextBlock& block) {
    const size_t space = block.text.find(' ');
    at += static_cast<int64_t>(space == kNoPosition ? block.text.size() : space + 1);
    return space == kNoPosition;
  });
  return at;
}

// Where lines may be cut, or words when the rest of the text is one line.
int64_t line_or_word_start(const TextSource& source, int64_t position) {
  const int64_t line = line_start(source, position);
  return line < source.size() ? line : word_start(source, position);
}

}  // namespace

TextSource::TextSource(const std::vector<DataFile>& files) {
  if (files.empty()) fail("text: no file given");
  constexpr size_t kMostOfPipe = size_t{4} << 30;
  for (const DataFile& file : files) {
    std::shared_ptr<const std::string> text = file.memory();
    if (text == nullptr && is_pipe(file.name())) text = std::make_shared<const std::string>(file.content(kMostOfPipe));
    if (text == nullptr) {
      add_path(file.name());
      continue;
    }
    if (text->empty()) fail("text: {} is empty", file.name());
    if (const auto reason = packed_reason(*text)) fail("text: {} is not text: {}", file.name(), *reason);
    add({.name = file.name(), .size = static_cast<int64_t>(text->size()), .memory = text});
  }
}

TextSource TextSource::from_text(std::string name, std::string text) {
  return TextSource({DataFile::from_memory(std::move(name), std::move(text))});
}

void TextSource::add_path(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    add_folder(path);
  } else {
    add_file(path, true);
  }
}

void TextSource::add_folder(const fs::path& folder) {
  std::vector<fs::path> paths;
  try {
    for (fs::recursive_directory_iterator at(folder), end; at != end; ++at) {
      const bool hidden = at->path().filename().string().starts_with('.');
      if (hidden) at.disable_recursion_pending();
      std::error_code error;
      if (!hidden && at->is_regular_file(error)) paths.push_back(at->path());
    }
  } catch (const fs::filesystem_error& error) {
    fail("text: cannot read the folder {}: {}", folder.string(), error.code().message());
  }
  std::sort(paths.begin(), paths.end());
  const size_t before = files_.size();
  for (const auto& path : paths) add_file(path, false);
  if (files_.size() == before) fail("text: the folder {} has no text files", folder.string());
}

void TextSource::add_file(const fs::path& path, bool named) {
  const MappedFile map(path);
  if (named && map.size() == 0) fail("text: {} is empty", path.string());
  // A named file may be in any encoding of bytes; whoever needs UTF-8 finds out when reading.
  const auto reason = binary_reason(map.text(), !named);
  if (reason && named) fail("text: {} is not text: {}", path.string(), *reason);
  if (reason) {
    log_info("{}: skipped, it is not text: {}", path.string(), *reason);
    return;
  }
  add({.name = path.string(), .size = static_cast<int64_t>(map.size()), .memory = nullptr});
}

void TextSource::add(File file) {
  if (file.size == 0) return;
  file.begin = size_;
  size_ += file.size;
  files_.push_back(std::move(file));
}

void TextSource::for_each_block(TextRange range, const std::function<bool(const TextBlock&)>& visit) const {
  for (const File& file : files_) {
    const int64_t begin = std::max<int64_t>(range.begin - file.begin, 0);
    const int64_t end = std::min(range.end - file.begin, file.size);
    if (begin >= end) continue;
    const MappedFile map = file.memory ? MappedFile() : MappedFile(file.name);
    const std::string_view text = file.memory ? std::string_view(*file.memory) : map.text();
    if (static_cast<int64_t>(text.size()) != file.size) fail("text: {} has changed while it was read", file.name);
    const std::string_view wanted = text.substr(0, static_cast<size_t>(end));
    for (auto at = static_cast<size_t>(begin); at < wanted.size();) {
      const size_t length = block_length(wanted.substr(at));
      const bool last = at + length == wanted.size();
      if (!visit({wanted.substr(at, length), file.name, static_cast<int64_t>(at), last})) return;
      // From a little before: the block before ended within a page.
      map.release(at - std::min(at, kProbeBytes), at + length);
      at += length;
    }
  }
}

void TextSource::for_each_utf8_block(TextRange range, const std::function<bool(const TextBlock&)>& visit) const {
  for_each_block(range, [&](const TextBlock& block) {
    const size_t at = find_invalid_utf8(block.text);
    if (at != kNoPosition) {
      fail("text: {}: invalid UTF-8 at offset {}; convert the file, or read it as bytes", block.name,
           block.offset + static_cast<int64_t>(at));
    }
    return visit(block);
  });
}

TextSplit split_text(const TextSource& source, double fraction, SplitUnit unit) {
  if (!(fraction > 0 && fraction < 1)) {
    fail_usage("text: the fraction held out must be between 0 and 1, got {}", fraction);
  }
  const int64_t units = unit == SplitUnit::kCodePoint ? count_all_code_points(source) : source.size();
  auto cut = static_cast<int64_t>(std::floor(static_cast<double>(units) * (1 - fraction)));
  if (unit == SplitUnit::kCodePoint) cut = code_point_position(source, cut);
  if (unit == SplitUnit::kLine) cut = line_or_word_start(source, cut);
  if (cut <= 0 || cut >= source.size()) {
    fail("text: {} bytes are too few to hold out the last {} of them for validation", source.size(), fraction);
  }
  return {{0, cut}, {cut, source.size()}};
}

}  // namespace recur
