// Encodes sentences as ids of words, characters and tags. The vocabularies are those of the training part only, but for
// tags, of which the validation part may have more.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/dataset.h"
#include "recur/data/text/tagged_text.h"
#include "recur/data/text/vocabulary.h"
#include "recur/tasks/tag/tag_options.h"
#include "recur/tasks/trained.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Words are truncated to this many characters.
constexpr size_t kLongestWord = 40;
constexpr int32_t kUnknown = 0;  // the word and the character that stand for all others
constexpr int32_t kNoTag = -1;   // the target of padding, and of a token whose tag the model does not know

// Sentences to train on or to tag: all or a part of a text, in memory or on disk.
struct TagExamples {
  std::shared_ptr<const TaggedText> text;
  DatasetPtr<TaggedSentence> sentences;  // of it
};
TagExamples tag_examples(TaggedText text);  // all
TagExamples subset(const TagExamples& examples, std::vector<int64_t> which);

// A batch of sentences, the shorter ones padded.
struct TagBatch {
  Tensor words;  // i32 [T, B]
  std::vector<int64_t> lengths;
  Tensor tags;  // i32 [T, B], kNoTag in the padding; undefined without tags
  // Each distinct word of the batch once: its characters, and where in the batch it stands.
  Tensor characters;  // i32 [longest, U]
  std::vector<int64_t> character_lengths;
  Tensor word_at;  // i32 [T, B], number of the distinct word, 0 in the padding
};

class TagEncoder {
 public:
  // Of the validation data, which may be null, the tags alone count: those that only they have are warned of. Throws
  // Error where all tokens of the training data have the same tag.
  static TagEncoder fit(const Dataset<TaggedSentence>& train, const TagDataOptions& options,
                        const Dataset<TaggedSentence>* valid = nullptr);

  const Vocabulary& words() const { return words_; }
  const Vocabulary& characters() const { return characters_; }
  const Vocabulary& tags() const { return tags_; }

  int32_t word(std::string_view token) const;  // kUnknown for one that is not in the vocabulary
  // The most frequent tag of the training uses of each word, and of all of them for kUnknown: a baseline. Empty in a
  // model file of before.
  const std::vector<int32_t>& usual_tags() const { return usual_tags_; }

  using Sentences = std::span<const Loaded<TaggedSentence>>;
  // A batch of sentences of `text` to train on. If `random` is not null, words become unknown at random
  // (TagModelOptions::word_dropout). Has tags if the text is tagged; throws Error, naming the place, for an unknown
  // tag.
  TagBatch batch(const TaggedText& text, Sentences sentences, double word_dropout, Random* random) const;
  // The same to evaluate or tag: unknown tags are kNoTag.
  TagBatch batch(const TaggedText& text, Sentences sentences) const;

  Assets assets() const;
  TagEncoder(const Assets& assets, const TagDataOptions& options);  // throws Error: they are untrusted input

 private:
  TagEncoder() = default;
  struct Dropout {
    double strength = 0;
    Random* random = nullptr;
  };
  template <class TagOf>  // tag_of(sentence, t) gives the number of a token's tag
  TagBatch make_batch(bool tagged, Sentences sentences, const Dropout& dropout, const TagOf& tag_of) const;
  std::vector<int32_t> spell(std::string_view token) const;

  bool lower_case_ = true;
  Vocabulary words_, characters_, tags_;
  void fit_usual_tags(const Dataset<TaggedSentence>& train);

  std::vector<int64_t> counts_;      // of each word in training
  std::vector<int32_t> usual_tags_;  // of each word
};

}  // namespace recur
