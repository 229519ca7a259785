#include "recur/tasks/translate/translate_encoder.h"

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/text/subword_tokenizer.h"
#include "recur/data/text/words.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur {
namespace {

constexpr const char* kSourceAsset = "source_vocabulary";
constexpr const char* kTargetAsset = "target_vocabulary";

std::shared_ptr<const Tokenizer> fit_side(std::string text, const TokenizerOptions& tokens, std::string_view kind) {
  TokenizerOptions own = tokens;
  own.kind = kind;
  own.line_end_symbol = false;
  const TextSource source = TextSource::from_text("the training data", std::move(text));
  return fit_tokenizer(source, source.all(), own);
}

std::shared_ptr<const Tokenizer> read_side(const Assets& assets, const char* name) {
  return read_asset(assets, name, [](const std::string& json) { return Tokenizer::deserialize(json); });
}

// All texts of a side. Between characters no line end stands, which would be one of them.
std::string texts_of(std::span<const TextPair> pairs, std::string TextPair::*side, std::string_view kind) {
  const bool parts_words = kind == "words" || kind == "subwords";
  std::string text;
  for (const TextPair& pair : pairs) {
    text += pair.*side;
    if (parts_words) text += '\n';
  }
  return text;
}

std::vector<int32_t> split_anew(const Tokenizer& tokenizer, std::string_view text, double dropout, Random& random) {
  const auto* subwords = dynamic_cast<const SubwordTokenizer*>(&tokenizer);
  if (subwords == nullptr) return tokenizer.encode(text);
  std::vector<int32_t> ids;
  subwords->encode(text, dropout, random, ids);
  return ids;
}

// Characters where most lines are single words, else words.
std::string usual_tokens(std::span<const TextPair> pairs, std::string TextPair::*side) {
  int64_t single = 0;
  for (const TextPair& pair : pairs) single += words_of(pair.*side).size() < 2 ? 1 : 0;
  return 10 * single > 9 * std::ssize(pairs) ? "chars" : "words";
}

}  // namespace

TranslateEncoder TranslateEncoder::fit(std::span<const TextPair> train, const TranslateDataOptions& options) {
  TranslateEncoder encoder;
  std::string source = texts_of(train, &TextPair::source, options.source_tokens);
  std::string target = texts_of(train, &TextPair::target, options.target_tokens);
  if (options.joint) {
    if (options.source_tokens != options.target_tokens) {
      fail_usage("joint_vocabulary: expected the same tokens of sources and targets, got {} and {}",
                 options.source_tokens, options.target_tokens);
    }
    encoder.source_ = encoder.target_ = fit_side(source + target, options.tokens, options.source_tokens);
    return encoder;
  }
  encoder.source_ = fit_side(std::move(source), options.tokens, options.source_tokens);
  encoder.target_ = fit_side(std::move(target), options.tokens, options.target_tokens);
  return encoder;
}

TranslateEncoder::TranslateEncoder(const Assets& assets)
    : source_(read_side(assets, kSourceAsset)),
      target_(assets.contains(kTargetAsset) ? read_side(assets, kTargetAsset) : source_) {}

Assets TranslateEncoder::assets() const {
  Assets assets{{kSourceAsset, source_->serialize()}};
  if (!is_joint()) assets.emplace(kTargetAsset, target_->serialize());
  return assets;
}

std::vector<int32_t> TranslateEncoder::source(std::string_view text) const {
  std::vector<int32_t> ids = source_->encode(text);
  ids.push_back(source_->size());
  return ids;
}

std::vector<int32_t> TranslateEncoder::target(std::string_view text) const { return target_->encode(text); }

EncodedPair TranslateEncoder::pair(const TextPair& pair, double dropout, Random& random) const {
  EncodedPair made{.source = split_anew(*source_, pair.source, dropout, random), .target = {}};
  made.source.push_back(source_->size());
  made.target = split_anew(*target_, pair.target, dropout, random);
  return made;
}

SourceBatch TranslateEncoder::sources(std::span<const std::vector<int32_t>* const> sources) {
  SourceBatch batch;
  size_t longest = 0;
  for (const auto* each : sources) {
    longest = std::max(longest, each->size());
    batch.lengths.push_back(std::ssize(*each));
  }
  batch.ids = Tensor::zeros({static_cast<int64_t>(longest), std::ssize(sources)}, DType::kI32);
  auto* to = batch.ids.data<int32_t>();
  for (size_t b = 0; b < sources.size(); ++b) {
    for (size_t t = 0; t < sources[b]->size(); ++t) to[t * sources.size() + b] = (*sources[b])[t];
  }
  return batch;
}

TargetBatch TranslateEncoder::targets(std::span<const std::vector<int32_t>* const> targets, int32_t end) {
  size_t longest = 0;
  for (const auto* each : targets) longest = std::max(longest, each->size());
  const Shape shape{static_cast<int64_t>(longest) + 1, std::ssize(targets)};
  TargetBatch batch{.inputs = Tensor::full(shape, end, DType::kI32),
                    .targets = Tensor::full(shape, kNoSymbol, DType::kI32),
                    .lengths = {}};
  auto *inputs = batch.inputs.data<int32_t>(), *expected = batch.targets.data<int32_t>();
  for (size_t b = 0; b < targets.size(); ++b) {
    const std::vector<int32_t>& symbols = *targets[b];
    for (size_t t = 0; t < symbols.size(); ++t) {
      inputs[(t + 1) * targets.size() + b] = symbols[t];
      expected[t * targets.size() + b] = symbols[t];
    }
    expected[symbols.size() * targets.size() + b] = end;
    batch.lengths.push_back(std::ssize(symbols) + 1);
    batch.symbols += batch.lengths.back();
  }
  return batch;
}

std::vector<std::string_view> counted_tokens(const TranslateEncoder& encoder, std::string_view text) {
  const std::string_view kind = encoder.target_tokens().kind();
  return kind == "chars" || kind == "bytes" ? characters_of(text) : words_of(text);
}

void choose_tokens(TranslateDataOptions& options, std::span<const TextPair> train) {
  const auto choose = [&](std::string& kind, std::string TextPair::*side, const char* key, const char* what) {
    if (kind != "auto") return;
    kind = usual_tokens(train, side);
    log_info("{}: {}; set {} to change this", what,
             kind == "chars" ? "split into characters, as the lines are single words" : "split into words", key);
  };
  if (options.joint && options.target_tokens == "auto") options.target_tokens = options.source_tokens;
  choose(options.source_tokens, &TextPair::source, "tokens", "sources");
  if (options.joint && options.target_tokens == "auto") options.target_tokens = options.source_tokens;
  choose(options.target_tokens, &TextPair::target, "target_tokens", "targets");
}

}  // namespace recur
