// Any bytes, read as labelled texts or tagged sentences, are UTF-8 with as many tags as tokens, or an Error. The first
// byte chooses the format.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/tagged_text.h"
#include "recur/data/text/text_rows.h"

namespace {

using Files = std::vector<recur::DataFile>;

void check_utf8(const std::string& text) {
  if (recur::find_invalid_utf8(text) != recur::kNoPosition) __builtin_trap();
}

// With memory for everything or, so that they come back from disk, for nothing.
std::int64_t memory(bool on_disk) { return on_disk ? 1 : std::int64_t{1} << 30; }

void read_texts(const Files& files, const char* format, bool labels, bool on_disk) {
  const recur::TextRows data =
      recur::read_text_rows(files, {.format = format, .need_labels = labels, .memory_bytes = memory(on_disk)});
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const auto row = data.load(i);
    check_utf8(row->text);
    check_utf8(row->label);
  }
}

void read_tagged(const Files& files, const char* format, bool tags, bool on_disk) {
  const recur::TaggedText data =
      recur::read_tagged_text(files, {.format = format, .need_tags = tags, .memory_bytes = memory(on_disk)});
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const auto loaded = data.load(i);
    const recur::TaggedSentence& sentence = *loaded;
    if (data.tagged && sentence.tags.size() != sentence.tokens.size()) __builtin_trap();
    if (sentence.line_of.size() != sentence.tokens.size() || sentence.tokens.empty()) __builtin_trap();
    for (const std::string& token : sentence.tokens) check_utf8(token);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<const char*, 4> kTexts{"csv", "tsv", "jsonl", "lines"};
  static constexpr std::array<const char*, 4> kTagged{"conll", "conllu", "plain", ""};
  if (size == 0) return 0;
  const Files files{
      recur::DataFile::from_memory("input", std::string(reinterpret_cast<const char*>(data) + 1, size - 1))};
  const bool needed = (data[0] & 8) != 0, on_disk = (data[0] & 16) != 0;
  try {
    (data[0] & 4) != 0 ? read_texts(files, kTexts[data[0] & 3], needed, on_disk)
                       : read_tagged(files, kTagged[data[0] & 3], needed, on_disk);
  } catch (const recur::Error&) {
  }
  return 0;
}
