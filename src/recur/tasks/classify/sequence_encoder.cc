#include "recur/tasks/classify/sequence_encoder.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/text/punctuation.h"
#include "recur/data/text/words.h"

namespace recur {
namespace {

constexpr int64_t kHeadShare = 4;  // what a text says first counts, and how it ends more (Sun et al., 2019)
constexpr int64_t kVocabularyBytes = int64_t{256} << 20;  // of texts on disk, that a vocabulary is learnt from

TextColumns text_columns_of(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("text columns: expected a JSON object");
  try {
    return {.text = json->at("text").get<std::string>(),
            .label = json->at("label").get<std::string>(),
            .id = json->at("id").get<std::string>()};
  } catch (const JsonError& error) {
    fail("text columns: {}", error.what());
  }
}

}  // namespace

bool reads_words(const TokenizerOptions& tokens) { return tokens.kind == "words" || tokens.kind == "auto"; }

SequenceEncoder::SequenceEncoder(const ClassifyDataOptions& options)
    : most_steps_(options.most_steps.value_or(0)),
      keeps_ends_(options.keep == "ends"),
      split_punctuation_(options.split_punctuation && reads_words(options.tokens)),
      lower_case_(options.tokens.lower_case) {}

SequenceEncoder SequenceEncoder::fit(const ClassifySource& source, std::span<const int64_t> train,
                                     const ClassifyDataOptions& options) {
  SequenceEncoder encoder(options);
  if (source.is_text()) {
    encoder.text_columns_ = source.texts().columns;
    encoder.fit_text(source.texts(), train, options.tokens);
  } else {
    encoder.series_ = SeriesEncoder::fit(source.series(), train, scaler_from_name(options.scaler));
  }
  return encoder;
}

// One line, so that a text without an end of its own can be put behind another.
std::string SequenceEncoder::text_of(const TextRow& row) const {
  std::string text = split_punctuation_ ? spaced_punctuation(row.text) : row.text;
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void SequenceEncoder::fit_text(const TextRows& texts, std::span<const int64_t> train, const TokenizerOptions& options) {
  std::string all;
  for (const int64_t i : train) {
    all += text_of(*texts.load(i)) + "\n";
    if (!texts.in_memory() && std::ssize(all) >= kVocabularyBytes) {
      log_info("the vocabulary is that of the first {} MB of the training texts", kVocabularyBytes >> 20);
      break;
    }
  }
  const TextSource source = TextSource::from_text("training texts", std::move(all));
  TokenizerOptions chosen = options;
  if (reads_words(options)) chosen.kind = "words";
  tokenizer_ = fit_tokenizer(source, source.all(), chosen);
}

namespace {

std::vector<std::string_view> bytes_of(const std::string& text) {
  std::vector<std::string_view> bytes;
  for (const char& byte : text) bytes.emplace_back(&byte, 1);
  return bytes;
}

}  // namespace

TextNgrams SequenceEncoder::ngrams(const TextRow& row, const NgramChoice& choice) const {
  const std::string text = text_of(row);
  if (tokenizer_->kind() == "chars") return symbol_ngrams(characters_of(text), choice.places);
  if (tokenizer_->kind() != "bytes") return word_ngrams(split_words(text, lower_case_), choice.longest_characters);
  return symbol_ngrams(bytes_of(text), choice.places);
}

std::vector<PlacedNgram> SequenceEncoder::placed_ngrams(const TextRow& row, const NgramChoice& choice) const {
  const std::string text = text_of(row);
  if (tokenizer_->kind() == "chars") return placed_symbol_ngrams(characters_of(text), choice.places);
  if (tokenizer_->kind() == "bytes") return placed_symbol_ngrams(bytes_of(text), choice.places);
  return placed_word_ngrams(split_words(text, lower_case_), choice.longest_characters);
}

std::vector<std::string> SequenceEncoder::words(const TextRow& row) const {
  if (tokenizer_->kind() != "words") return {};
  return split_words(text_of(row), false);
}

int64_t SequenceEncoder::features() const { return is_text() ? tokenizer_->size() : series_->features(); }

EncodedSequence SequenceEncoder::encode(const ClassifySource& source, int64_t i) const {
  if (source.is_text() != is_text()) {
    fail("{}: expected {}, like the training data of the model", source.where(i),
         is_text() ? "texts" : "series of numbers");
  }
  if (is_text()) return encode_text(*source.texts().load(i));
  EncodedSequence out{.values = series_->encode(source.series(), source.series().sequences[i], most_steps_),
                      .features = features()};
  out.steps = std::ssize(out.values) / out.features;
  return out;
}

EncodedSequence SequenceEncoder::encode_text(const TextRow& row) const {
  EncodedSequence out{.symbols = tokenizer_->encode(text_of(row))};
  out.whole = out.head = std::ssize(out.symbols);
  out.cut = most_steps_ > 0 && out.whole > most_steps_;
  if (out.cut) {
    out.head = keeps_ends_ ? most_steps_ / kHeadShare : most_steps_;
    const int64_t tail = most_steps_ - out.head;
    out.symbols.erase(out.symbols.begin() + out.head, out.symbols.end() - tail);
  }
  out.steps = std::ssize(out.symbols);
  return out;
}

Description SequenceEncoder::describe() const {
  if (is_text()) {
    return {{"input", std::string("text")},
            {"symbols", std::string(tokenizer_->kind())},
            {"vocabulary", int64_t{tokenizer_->size()}}};
  }
  Description facts = series_->describe();
  facts.insert(facts.begin(), {"input", std::string("series")});
  return facts;
}

Assets SequenceEncoder::assets() const {
  if (is_text()) {
    const Json columns{{"text", text_columns_.text}, {"label", text_columns_.label}, {"id", text_columns_.id}};
    return {{"vocabulary", tokenizer_->serialize()}, {"text_columns", columns.dump()}};
  }
  return series_->assets();
}

SequenceEncoder::SequenceEncoder(const Assets& assets, const ClassifyDataOptions& options) : SequenceEncoder(options) {
  if (assets.contains("vocabulary")) {
    tokenizer_ = read_asset(assets, "vocabulary", &Tokenizer::deserialize);
    if (const auto columns = assets.find("text_columns"); columns != assets.end()) {
      text_columns_ = text_columns_of(columns->second);
    }
  } else {
    series_ = SeriesEncoder(assets);
  }
}

}  // namespace recur
