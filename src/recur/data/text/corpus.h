// A text as a long sequence of symbols, readable at any position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "recur/data/text/text_source.h"
#include "recur/data/text/tokenizer.h"

namespace recur {

struct CorpusOptions {
  int64_t memory_bytes = 64 << 20;   // texts up to this long are held in memory, longer ones in a scratch file
  std::filesystem::path scratch_in;  // the folder of the scratch file; empty: $TMPDIR or /tmp
};

// Symbols take 1, 2 or 4 bytes each, as the vocabulary needs. The scratch file has no name any more once it is open, so
// that nothing of it is left however the process ends.
class Corpus {
 public:
  // Encodes the range of the source. Line ends are written also for files that do not end with one, where the
  // tokenizer has them. Throws Error: invalid UTF-8 with file and offset, no symbols, a full disk.
  Corpus(const TextSource& source, TextRange range, std::shared_ptr<const Tokenizer> tokenizer,
         const CorpusOptions& options = {});

  Corpus(Corpus&&) noexcept;
  Corpus& operator=(Corpus&&) noexcept;
  ~Corpus();

  int64_t size() const { return size_; }  // symbols
  int64_t text_bytes() const { return text_bytes_; }
  int64_t text_characters() const { return text_characters_; }  // code points; bytes where the tokenizer takes bytes
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const std::shared_ptr<const Tokenizer>& shared_tokenizer() const { return tokenizer_; }

  // The symbols [position, position + out.size()), which must be within the corpus. Any number of threads may read.
  void read(int64_t position, std::span<int32_t> out) const;

 private:
  class Store;

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<Store> store_;
  int64_t size_ = 0, text_bytes_ = 0, text_characters_ = 0;
};

// The two sides of a training run over one text. The vocabulary is that of the training part alone, or of `known`, a
// tokenizer of an earlier text.
struct CorpusPair {
  Corpus train, valid;
};
CorpusPair split_corpus(const TextSource& source, double valid_fraction, const TokenizerOptions& tokenizer,
                        const CorpusOptions& options = {}, std::shared_ptr<const Tokenizer> known = nullptr);

}  // namespace recur
