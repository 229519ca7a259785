// Tagged sentences made in memory, for tests of tagging.
#pragma once

#include <string>
#include <vector>

#include "recur/data/text/tagged_text.h"

namespace recur::testing {

// Of a file "a.conll" in which each token has a line of its own and an empty line ends a sentence.
inline TaggedText tagged_text(std::vector<TaggedSentence> sentences) {
  TaggedText text{.sentences = std::move(sentences), .files = {"a.conll"}, .tagged = true, .notes = {}};
  int32_t line = 1;
  for (TaggedSentence& sentence : text.sentences) {
    sentence.place = {.file = 0, .line = line};
    for (int32_t t = 0; t < std::ssize(sentence.tokens); ++t) sentence.line_of.push_back(t);
    line += static_cast<int32_t>(sentence.tokens.size()) + 1;
  }
  return text;
}

inline TaggedText untagged_text(const std::vector<std::vector<std::string>>& sentences) {
  std::vector<TaggedSentence> out;
  for (const auto& tokens : sentences) out.push_back({.tokens = tokens, .tags = {}, .place = {}, .line_of = {}});
  TaggedText text = tagged_text(std::move(out));
  text.tagged = false;
  return text;
}

inline TaggedSentence tagged(std::vector<std::string> tokens, std::vector<std::string> tags) {
  return {.tokens = std::move(tokens), .tags = std::move(tags), .place = {}, .line_of = {}};
}

}  // namespace recur::testing
