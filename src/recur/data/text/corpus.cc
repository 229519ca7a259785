#include "recur/data/text/corpus.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 20;

fs::path scratch_folder(const CorpusOptions& options) {
  if (!options.scratch_in.empty()) return options.scratch_in;
  const char* set = ::getenv("TMPDIR");
  return set != nullptr && *set != '\0' ? fs::path(set) : fs::path("/tmp");
}

[[noreturn]] void fail_scratch(const fs::path& folder) {
  fail("corpus: cannot keep the symbols in a scratch file in {}: {} (TMPDIR names another folder)", folder.string(),
       std::generic_category().message(errno));
}

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
                                       : 4),
        folder_(scratch_folder(options)) {
    if (in_file) open_scratch();
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() {
    if (fd_ >= 0) ::close(fd_);
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
    if (fd_ >= 0 && bytes_.size() >= kBufferBytes) flush();
  }

  void finish() {
    if (fd_ >= 0) flush();
    bytes_.shrink_to_fit();
  }

  void read(int64_t position, std::span<int32_t> out) const {
    const auto begin = static_cast<size_t>(position) * static_cast<size_t>(width_);
    if (fd_ < 0) return widen(bytes_.data() + begin, out);
    // Reading rather than mapping: pages of the file never count as memory of this process.
    std::byte piece[4096];
    const size_t most = sizeof(piece) / static_cast<size_t>(width_);
    for (size_t done = 0; done < out.size();) {
      const size_t count = std::min(most, out.size() - done);
      read_file(begin + done * static_cast<size_t>(width_), {piece, count * static_cast<size_t>(width_)});
      widen(piece, out.subspan(done, count));
      done += count;
    }
  }

 private:
  void open_scratch() {
    std::string name = (folder_ / "recur-corpus-XXXXXX").string();
    fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd_ < 0) fail_scratch(folder_);
    ::unlink(name.c_str());
  }

  void flush() {
    for (size_t done = 0; done < bytes_.size();) {
      const ssize_t count = ::write(fd_, bytes_.data() + done, bytes_.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_scratch(folder_);
      done += static_cast<size_t>(count);
    }
    bytes_.clear();
  }

  void read_file(size_t offset, std::span<std::byte> out) const {
    for (size_t done = 0; done < out.size();) {
      const ssize_t count = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail_scratch(folder_);
      done += static_cast<size_t>(count);
    }
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
  fs::path folder_;
  int fd_ = -1;
  std::vector<std::byte> bytes_;  // all symbols, or those not yet in the file
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
                        const CorpusOptions& corpus_options) {
  const TextSplit split = split_text(source, valid_fraction, split_unit(options.kind));
  const std::shared_ptr<const Tokenizer> tokenizer = fit_tokenizer(source, split.train, options);
  return {Corpus(source, split.train, tokenizer, corpus_options),
          Corpus(source, split.valid, tokenizer, corpus_options)};
}

}  // namespace recur
