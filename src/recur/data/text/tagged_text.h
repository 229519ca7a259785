// Sentences with a tag on every token: CoNLL columns (tabs or spaces, an empty line between sentences), CoNLL-U and
// CoNLL-U Plus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/byte_limits.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/loaded.h"
#include "recur/data/files/place.h"
#include "recur/data/files/record_file.h"

namespace recur {

struct TaggedSentence {
  std::vector<std::string> tokens;  // UTF-8
  std::vector<std::string> tags;    // as many, or none in a file without tags
  Place place;                      // of its first token
  std::vector<int32_t> line_of;     // line of each token minus place.line, as comments may stand between
  std::string id{};                 // sent_id of CoNLL-U, "" without one
};

struct TaggedText {
  std::vector<TaggedSentence>
      sentences;  // all, or, when they do not fit into memory, none: load() reads them from disk
  std::vector<std::string> files;
  bool tagged = false;
  std::string token_column{}, tag_column{};        // of the first file: "FORM", "#1"; "" of plain text or without tags
  std::vector<std::string> notes;                  // choices made for the data, in words
  std::shared_ptr<internal::RecordFile> stored{};  // sentences on disk
  std::vector<int32_t> stored_lengths{};           // tokens of each

  bool in_memory() const { return stored == nullptr; }
  int64_t size() const { return in_memory() ? std::ssize(sentences) : stored->size(); }
  int64_t length(int64_t i) const;               // tokens
  Loaded<TaggedSentence> load(int64_t i) const;  // for any number of threads

  std::string where(const TaggedSentence& s) const { return place_text(files, s.place); }
  std::string where(const TaggedSentence& s, size_t token) const;
};

struct TaggedTextOptions {
  std::string format{};   // "conll", "conllu", "plain" (tokens between spaces, a sentence a line); "": found out
  std::string token{};    // column: "FORM", "LEMMA", ... of CoNLL-U, or "#1"; "": FORM, or the first
  std::string tag{};      // "UPOS", "XPOS", ..., or "#4"; "": UPOS, or the last
  bool chosen = true;     // the columns are named for these files; false: as a model has them
  bool need_tags = true;  // false for prediction: files of tokens alone are taken as well
  std::vector<std::string> known_tags{};  // of a model: they tell columns, whose last cells they are, from plain text
  int64_t most_tokens = 10000;            // of a sentence: a longer one, whose empty lines are missing, is an error
  int64_t memory_bytes =
      0;  // that sentences may take; larger data go to a scratch file in $TMPDIR. 0: usual_memory_bytes()
};

// Of CoNLL-U, the ranges of multiword tokens (3-4) and empty nodes (5.1) are left out, as the shared tasks score words;
// "-DOCSTART-" sentences of CoNLL 2003 too. What is guessed stands in TaggedText::notes. Throws Error, naming file,
// line and column, for rows of too few columns, ids out of order, text that is not UTF-8, and empty files; UsageError
// for a file that may be columns or plain sentences.
TaggedText read_tagged_text(std::span<const DataFile> files, const TaggedTextOptions& options = {});
TaggedText read_tagged_text(const std::vector<std::filesystem::path>& paths, const TaggedTextOptions& options = {});

// Whether a file of any name has rows of columns in groups, of which the last cells repeat as tags do.
bool looks_tagged(const DataFile& file);

}  // namespace recur
