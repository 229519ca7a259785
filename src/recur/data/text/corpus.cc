#include "recur/data/text/corpus.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/scratch_file.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

template <class T>
void append_as(std::span<const int32_t> ids, std::vector<std::byte>& out) {
  const size_t before = out.size();
  out.resize(before + ids.size() * sizeof(T));
  for (size_t i = 0; i < ids.size(); ++i) {
    const T id = static_cast<T>(ids[i]);
    std::memcpy(out.data() + before + i * sizeof(T), &id, sizeof(T));
  }
}

template <class T>
void widen_from(const std::byte* bytes, std::span<int32_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    T id;
    std::memcpy(&id, bytes + i * sizeof(T), sizeof(T));
    out[i] = static_cast<int32_t>(id);
  }
}

}  // namespace

// Symbols packed to `width` bytes, in memory or in a file.
class Corpus::Store {
 public:
  Store(int32_t vocabulary, bool in_file, const CorpusOptions& options)
      : width_(vocabulary <= 1 << 8    ? 1
               : vocabulary <= 1 << 16 ? 2
                                       : 4) {
    if (in_file) file_.emplace("corpus: cannot keep the symbols", options.scratch_in);
  }

  void append(std::span<const int32_t> ids) {
    switch (width_) {
      case 1:
        append_as<uint8_t>(ids, bytes_);
        break;
      case 2:
        append_as<uint16_t>(ids, bytes_);
        break;
      default:
        append_as<int32_t>(ids, bytes_);
    }
    if (file_) empty_into_file();
  }

  void finish() {
    if (file_) file_->flush();
    bytes_.shrink_to_fit();
  }

  void read(int64_t position, std::span<int32_t> out) const {
    const auto begin = static_cast<size_t>(position) * static_cast<size_t>(width_);
    if (!file_) return widen(bytes_.data() + begin, out);
    std::byte piece[4096];
    const size_t most = sizeof(piece) / static_cast<size_t>(width_);
    for (size_t done = 0; done < out.size();) {
      const size_t count = std::min(most, out.size() - done);
      file_->read(static_cast<int64_t>(begin + done * static_cast<size_t>(width_)),
                  {piece, count * static_cast<size_t>(width_)});
      widen(piece, out.subspan(done, count));
      done += count;
    }
  }

 private:
  void empty_into_file() {
    file_->append(bytes_);
    bytes_.clear();
  }

  void widen(const std::byte* bytes, std::span<int32_t> out) const {
    switch (width_) {
      case 1:
        return widen_from<uint8_t>(bytes, out);
      case 2:
        return widen_from<uint16_t>(bytes, out);
      default:
        return widen_from<int32_t>(bytes, out);
    }
  }

  int width_;
  std::optional<ScratchFile> file_;
  std::vector<std::byte> bytes_;  // all symbols, unless they are in the file
};

Corpus::Corpus(const TextSource& source, TextRange range, std::shared_ptr<const Tokenizer> tokenizer,
               const CorpusOptions& options)
    : tokenizer_(std::move(tokenizer)) {
  store_ = std::make_unique<Store>(tokenizer_->size(), range.size() > options.memory_bytes, options);
  std::vector<int32_t> ids;
  const auto encode = [&](const TextBlock& block) {
    ids.clear();
    tokenizer_->encode(block.text, ids);
    if (block.ends_file && !block.text.ends_with('\n') && tokenizer_->line_end())
      ids.push_back(*tokenizer_->line_end());
    store_->append(ids);
    size_ += static_cast<int64_t>(ids.size());
    text_bytes_ += static_cast<int64_t>(block.text.size());
    text_characters_ += std::count_if(block.text.begin(), block.text.end(),
                                      [&](char c) { return !tokenizer_->needs_utf8() || !is_continuation(c); });
    return true;
  };
  if (tokenizer_->needs_utf8()) {
    source.for_each_utf8_block(range, encode);
  } else {
    source.for_each_block(range, encode);
  }
  store_->finish();
  if (size_ == 0) fail("corpus: the text has no symbols");
}

Corpus::Corpus(Corpus&&) noexcept = default;
Corpus& Corpus::operator=(Corpus&&) noexcept = default;
Corpus::~Corpus() = default;

void Corpus::read(int64_t position, std::span<int32_t> out) const {
  assert(position >= 0 && static_cast<int64_t>(out.size()) <= size_ - position);
  store_->read(position, out);
}

CorpusPair split_corpus(const TextSource& source, double valid_fraction, const TokenizerOptions& options,
                        const CorpusOptions& corpus_options, std::shared_ptr<const Tokenizer> known) {
  const TextSplit split = split_text(source, valid_fraction, split_unit(options.kind));
  const std::shared_ptr<const Tokenizer> tokenizer =
      known ? std::move(known) : fit_tokenizer(source, split.train, options);
  return {Corpus(source, split.train, tokenizer, corpus_options),
          Corpus(source, split.valid, tokenizer, corpus_options)};
}

}  // namespace recur
