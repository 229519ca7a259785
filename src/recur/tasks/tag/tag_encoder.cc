#include "recur/tasks/tag/tag_encoder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/classes.h"
#include "recur/data/dataset_of.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

const std::string kUnknownText = "<unk>";

// Calls visit(text of a code point) for each.
template <class Visit>
void for_each_character(std::string_view token, Visit&& visit) {
  for (size_t at = 0; at < token.size();) {
    const size_t bytes = std::max<size_t>(decode_utf8(token, at).bytes, 1);
    visit(token.substr(at, bytes));
    at += bytes;
  }
}

std::string lower(std::string_view token) {
  std::string result;
  for (size_t at = 0; at < token.size();) {
    const auto [value, bytes] = decode_utf8(token, at);
    if (bytes > 0) append_utf8(result, lower_case(value));
    at += std::max<size_t>(bytes, 1);
  }
  return result;
}

// The unknown one first, then the others by frequency; `counts` gets how often each was there.
Vocabulary ranked(const WordCounter& counter, int64_t min_count, std::vector<int64_t>* counts = nullptr) {
  std::vector<std::string> words{kUnknownText};
  if (counts != nullptr) counts->assign(1, 0);
  for (auto& [word, count] : counter.ranked(min_count)) {
    if (word == kUnknownText) continue;
    words.push_back(std::move(word));
    if (counts != nullptr) counts->push_back(count);
  }
  return Vocabulary(std::move(words));
}

Json json_of(const std::string& text) {
  std::optional<Json> json = parse_json(text, 2);
  if (!json) fail("expected JSON");
  return *std::move(json);
}

Tensor matrix(const std::vector<int32_t>& values, int64_t rows) {
  return Tensor::from(values, {rows, std::ssize(values) / std::max<int64_t>(rows, 1)});
}

// The distinct tokens of a batch, numbered.
class Distinct {
 public:
  int32_t number(std::string_view token) {
    const auto [at, is_new] = numbers_.emplace(token, static_cast<int32_t>(tokens_.size()));
    if (is_new) tokens_.push_back(token);
    return at->second;
  }
  const std::vector<std::string_view>& tokens() const { return tokens_; }

 private:
  std::map<std::string_view, int32_t> numbers_;
  std::vector<std::string_view> tokens_;
};

}  // namespace

TagExamples tag_examples(TaggedText text) {
  auto shared = std::make_shared<const TaggedText>(std::move(text));
  return {.text = shared, .sentences = dataset_of(shared)};
}

TagExamples subset(const TagExamples& examples, std::vector<int64_t> which) {
  return {.text = examples.text, .sentences = subset(examples.sentences, std::move(which))};
}

TagEncoder TagEncoder::fit(const Dataset<TaggedSentence>& train, const TagDataOptions& options,
                           const Dataset<TaggedSentence>* valid) {
  TagEncoder encoder;
  encoder.lower_case_ = options.lower_case;
  WordCounter words, characters;
  LabelCounts tags, of_valid;
  Random none(0);
  for (int64_t i = 0; i < train.size(); ++i) {
    const Loaded<TaggedSentence> sentence = train.load(i, none);
    for (const std::string& token : sentence->tokens) {
      words.add(options.lower_case ? lower(token) : token);
      for_each_character(token, [&](std::string_view character) { characters.add(character); });
    }
    for (const std::string& tag : sentence->tags) ++tags[tag];
  }
  if (tags.size() < 2) fail("expected at least two tags, but all tokens have the same one");
  for (int64_t i = 0; valid != nullptr && i < valid->size(); ++i) {
    const Loaded<TaggedSentence> sentence = valid->load(i, none);
    for (const std::string& tag : sentence->tags) ++of_valid[tag];
  }
  const std::string alone = validation_alone_text(tags, of_valid, "tag", "tags");
  if (!alone.empty()) log_warning("{}", alone);
  encoder.words_ = ranked(words, options.min_count, &encoder.counts_);
  encoder.characters_ = ranked(characters, options.min_char_count);
  std::vector<std::string> names;
  for (const LabelCounts* counts : {&tags, &of_valid}) {
    for (const auto& [tag, count] : *counts) names.push_back(tag);
  }
  encoder.tags_ = fit_classes(names);
  encoder.fit_usual_tags(train);
  return encoder;
}

// Of several that are as frequent, the first.
void TagEncoder::fit_usual_tags(const Dataset<TaggedSentence>& train) {
  std::map<std::pair<int32_t, int32_t>, int64_t> uses;  // of a word with a tag
  Random none(0);
  for (int64_t i = 0; i < train.size(); ++i) {
    const Loaded<TaggedSentence> sentence = train.load(i, none);
    for (size_t t = 0; t < sentence->tags.size(); ++t) {
      const int32_t tag = tags_.find(sentence->tags[t]).value_or(0);
      const int32_t known = word(sentence->tokens[t]);
      ++uses[{known, tag}];
      if (known != kUnknown) ++uses[{kUnknown, tag}];
    }
  }
  usual_tags_.assign(static_cast<size_t>(words_.size()), 0);
  std::vector<int64_t> most(usual_tags_.size(), 0);
  for (const auto& [pair, count] : uses) {
    const auto at = static_cast<size_t>(pair.first);
    if (count <= most[at]) continue;
    most[at] = count;
    usual_tags_[at] = pair.second;
  }
}

int32_t TagEncoder::word(std::string_view token) const {
  return (lower_case_ ? words_.find(lower(token)) : words_.find(token)).value_or(kUnknown);
}

std::vector<int32_t> TagEncoder::spell(std::string_view token) const {
  std::vector<int32_t> ids;
  for_each_character(token, [&](std::string_view character) {
    if (ids.size() < kLongestWord) ids.push_back(characters_.find(character).value_or(kUnknown));
  });
  return ids;
}

TagBatch TagEncoder::batch(const TaggedText& text, Sentences sentences, double word_dropout, Random* random) const {
  return make_batch(text.tagged, sentences, {word_dropout, random}, [&](const TaggedSentence& sentence, size_t t) {
    // The place is only worked out where it is needed.
    const auto known = tags_.find(sentence.tags[t]);
    return known ? *known : class_of(tags_, sentence.tags[t], text.where(sentence, t));
  });
}

TagBatch TagEncoder::batch(const TaggedText& text, Sentences sentences) const {
  return make_batch(text.tagged, sentences, {}, [&](const TaggedSentence& sentence, size_t t) {
    return tags_.find(sentence.tags[t]).value_or(kNoTag);
  });
}

template <class TagOf>
TagBatch TagEncoder::make_batch(bool tagged, Sentences sentences, const Dropout& dropout, const TagOf& tag_of) const {
  const auto size = sentences.size();
  size_t longest = 1;
  for (const auto& sentence : sentences) longest = std::max(longest, sentence->tokens.size());
  std::vector<int32_t> words(longest * size, kUnknown), tags(words.size(), kNoTag), at(words.size(), 0);
  TagBatch batch;
  Distinct distinct;
  for (size_t b = 0; b < size; ++b) {
    const TaggedSentence& sentence = *sentences[b];
    batch.lengths.push_back(std::ssize(sentence.tokens));
    for (size_t t = 0; t < sentence.tokens.size(); ++t) {
      const size_t place = t * size + b;
      words[place] = word(sentence.tokens[t]);
      at[place] = distinct.number(sentence.tokens[t]);
      if (tagged && !sentence.tags.empty()) tags[place] = tag_of(sentence, t);
      if (dropout.random == nullptr || dropout.strength == 0) continue;
      const auto count = static_cast<double>(counts_[words[place]]);
      if (dropout.random->bernoulli(dropout.strength / (dropout.strength + count))) words[place] = kUnknown;
    }
  }
  size_t letters = 1;
  std::vector<std::vector<int32_t>> spelt;
  for (const std::string_view token : distinct.tokens()) {
    spelt.push_back(spell(token));
    batch.character_lengths.push_back(std::ssize(spelt.back()));
    letters = std::max(letters, spelt.back().size());
  }
  std::vector<int32_t> characters(letters * spelt.size(), kUnknown);
  for (size_t u = 0; u < spelt.size(); ++u) {
    for (size_t k = 0; k < spelt[u].size(); ++k) characters[k * spelt.size() + u] = spelt[u][k];
  }
  const auto steps = static_cast<int64_t>(longest);
  batch.words = matrix(words, steps);
  batch.word_at = matrix(at, steps);
  batch.characters = matrix(characters, static_cast<int64_t>(letters));
  if (tagged) batch.tags = matrix(tags, steps);
  return batch;
}

Assets TagEncoder::assets() const {
  Json words{{"counts", counts_}, {"words", words_.words()}};
  if (!usual_tags_.empty()) words["tags"] = usual_tags_;
  return {
      {"words", words.dump()}, {"characters", Json(characters_.words()).dump()}, {"tags", Json(tags_.words()).dump()}};
}

TagEncoder::TagEncoder(const Assets& assets, const TagDataOptions& options) : lower_case_(options.lower_case) {
  const auto read = [&](std::string_view name, auto&& take) {
    read_asset(assets, name, [&](const std::string& text) {
      try {
        take(json_of(text));
      } catch (const JsonError& error) {
        fail("vocabulary: {}", error.what());
      }
    });
  };
  read("words", [this](const Json& words) {
    words_ = Vocabulary(words.at("words").get<std::vector<std::string>>());
    counts_ = words.at("counts").get<std::vector<int64_t>>();
    if (std::ssize(counts_) != words_.size()) fail("the sizes of its parts do not match");
    if (std::ranges::any_of(counts_, [](int64_t count) { return count < 0; })) fail("a count is negative");
    if (const Json* usual = words.find("tags")) {
      for (const int64_t tag : usual->get<std::vector<int64_t>>()) {
        if (tag < 0 || tag > INT32_MAX) fail("a tag is not the number of one");
        usual_tags_.push_back(static_cast<int32_t>(tag));
      }
    }
  });
  read("characters", [this](const Json& json) { characters_ = Vocabulary(json.get<std::vector<std::string>>()); });
  read("tags", [this](const Json& json) { tags_ = Vocabulary(json.get<std::vector<std::string>>()); });
  const bool sizes_fit = words_.size() > 0 && characters_.size() > 0 && tags_.size() > 0;
  if (!sizes_fit) fail("vocabulary: the sizes of its parts do not match");
  const auto is_tag = [this](int32_t tag) { return tag >= 0 && tag < tags_.size(); };
  const bool usual_fit = usual_tags_.empty() || std::ssize(usual_tags_) == words_.size();
  if (!usual_fit || !std::ranges::all_of(usual_tags_, is_tag)) fail("vocabulary: the words' tags do not fit");
}

}  // namespace recur
