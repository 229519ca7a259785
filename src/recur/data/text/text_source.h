// Text as files give it: one or several files and folders, read in order as if they were one long file, a block at a
// time, so that a text may be longer than the memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// Bytes [begin, end) of a TextSource.
struct TextRange {
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end - begin; }
  bool operator==(const TextRange&) const = default;
};

// A part of one file, handed out by TextSource::for_each_block; valid during the call.
struct TextBlock {
  std::string_view text;   // ends after a line if it can, else after a space, else after a code point
  std::string_view name;   // the file, for messages
  int64_t offset = 0;      // of the block in the file, in bytes
  bool ends_file = false;  // nothing of the range follows in this file
};

class TextSource {
 public:
  // Files are taken as they are given, one at least; folders give the text files below them in the order of their
  // paths, without hidden ones and without those that look binary, each of which is logged. Throws Error when a path is
  // missing, a named file is binary or empty, or a folder has no text.
  explicit TextSource(const std::vector<DataFile>& files);

  // A text in memory, under a name for messages.
  static TextSource from_text(std::string name, std::string text);

  int64_t size() const { return size_; }  // in bytes
  TextRange all() const { return {0, size_}; }
  size_t files() const { return files_.size(); }

  // Calls visit for the blocks of the range in order, until it returns false. Memory of passed blocks is given back to
  // the system. Throws Error when a file has changed its length since.
  void for_each_block(TextRange range, const std::function<bool(const TextBlock&)>& visit) const;

  // The same for who needs UTF-8: throws Error naming file and offset where the text is not. The range must begin and
  // end between code points.
  void for_each_utf8_block(TextRange range, const std::function<bool(const TextBlock&)>& visit) const;

 private:
  struct File {
    std::string name;
    int64_t begin = 0;  // in the source
    int64_t size = 0;
    std::shared_ptr<const std::string> memory;  // the text itself when it is not in a file
  };

  TextSource() = default;
  void add_path(const std::filesystem::path& path);
  void add_folder(const std::filesystem::path& folder);
  void add_file(const std::filesystem::path& path, bool named);
  void add(File file);

  std::vector<File> files_;
  int64_t size_ = 0;
};

// A text cut in two: the last part is held out for validation.
struct TextSplit {
  TextRange train, valid;
};

enum class SplitUnit { kByte, kCodePoint, kLine };

// Holds out the last `fraction` of the text, 0 < fraction < 1. By bytes and code points, floor(n (1 - fraction)) of
// n units train; by lines, the cut is the first line start at or behind that share of the bytes, or the first place
// after a space when no line starts there (some corpora are one long line). Throws Error when either part would be
// empty.
TextSplit split_text(const TextSource& source, double fraction, SplitUnit unit);

}  // namespace recur
