#include "recur/tasks/caption/caption_encoder.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/spread.h"
#include "recur/tasks/metrics/cider.h"

namespace recur {
namespace {

constexpr const char* kWordsAsset = "vocabulary";
constexpr const char* kInputAsset = "input";
constexpr const char* kUsualAsset = "usual_caption";

CaptionShape shape_of_json(const std::string& text) {
  constexpr int kDeep = 2;
  const std::optional<Json> json = parse_json(text, kDeep);
  const auto number = [&](const char* key, int64_t least) {
    const Json* const at = json && json->is_object() ? json->find(key) : nullptr;
    if (at == nullptr || !at->is_integer()) fail("there is no number {}", key);
    const auto value = at->get<int64_t>();
    if (value < least || value > 1 << 20) fail("{}: expected {} .. {}, got {}", key, least, 1 << 20, value);
    return value;
  };
  const CaptionShape shape{
      .side = number("side", 0), .regions = number("regions", 1), .features = number("features", 0)};
  if (shape.side > 1024) fail("side: expected at most 1024, got {}", shape.side);
  if (!shape.has_pictures() && shape.features < 1) fail("there are neither pictures nor features");
  return shape;
}

// Different captions: the most frequent ones, and of those that occur once, some.
std::vector<std::string> candidates_of(const CaptionSet& set, std::span<const int64_t> which, size_t most) {
  std::map<std::string, int64_t> counts;
  std::vector<std::string> order;
  for (const int64_t i : which) {
    for (const std::string& caption : set.image(i).captions) {
      if (counts[caption]++ == 0) order.push_back(caption);
    }
  }
  std::ranges::stable_sort(order, std::greater(), [&](const std::string& caption) { return counts[caption]; });
  const auto once = std::ranges::find_if(order, [&](const std::string& caption) { return counts[caption] == 1; });
  const auto frequent = std::min(static_cast<size_t>(once - order.begin()), most);
  std::vector<std::string> out(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(frequent));
  const std::vector<std::string> some = spread(std::span(once, order.end()), most - frequent);
  out.insert(out.end(), some.begin(), some.end());
  return out;
}

}  // namespace

CaptionTargets caption_targets(std::span<const CaptionSymbols* const> captions, int32_t end) {
  size_t longest = 0;
  for (const CaptionSymbols* each : captions) longest = std::max(longest, each->size());
  const auto count = captions.size();
  const Shape shape{static_cast<int64_t>(longest) + 1, std::ssize(captions)};
  CaptionTargets out{.inputs = Tensor::full(shape, end, DType::kI32),
                     .targets = Tensor::full(shape, kNoCaptionSymbol, DType::kI32),
                     .lengths = {}};
  auto *inputs = out.inputs.data<int32_t>(), *targets = out.targets.data<int32_t>();
  for (size_t k = 0; k < count; ++k) {
    const CaptionSymbols& symbols = *captions[k];
    for (size_t t = 0; t < symbols.size(); ++t) inputs[(t + 1) * count + k] = targets[t * count + k] = symbols[t];
    targets[symbols.size() * count + k] = end;
    out.lengths.push_back(std::ssize(symbols) + 1);
    out.symbols += out.lengths.back();
  }
  return out;
}

std::string most_usual_caption(const CaptionSet& set, std::span<const int64_t> which) {
  constexpr size_t kCandidates = 200, kImages = 400;
  std::vector<std::vector<CaptionWords>> references;
  for (const int64_t i : spread(which, kImages)) {
    auto& own = references.emplace_back();
    for (const std::string& caption : set.image(i).captions) own.push_back(caption_words(caption));
  }
  const Cider cider(references);
  std::string best;
  double most = -1;
  for (const std::string& caption : candidates_of(set, which, kCandidates)) {
    const CaptionWords words = caption_words(caption);
    double sum = 0;
    for (size_t i = 0; i < references.size(); ++i) sum += cider.score(words, i);
    if (sum > most) {
      most = sum;
      best = caption;
    }
  }
  return best;
}

CaptionEncoder CaptionEncoder::fit(const CaptionSet& set, std::span<const int64_t> train,
                                   const TokenizerOptions& tokens) {
  std::string text;
  const bool lines = tokens.kind == "words" || tokens.kind == "subwords";
  for (const int64_t i : train) {
    for (const std::string& caption : set.image(i).captions) text += caption + (lines ? "\n" : "");
  }
  TokenizerOptions own = tokens;
  own.line_end_symbol = false;
  const TextSource source = TextSource::from_text("the captions", std::move(text));
  CaptionEncoder encoder;
  encoder.tokens_ = fit_tokenizer(source, source.all(), own);
  encoder.shape_ = set.shape();
  encoder.usual_ = most_usual_caption(set, train);
  return encoder;
}

CaptionEncoder::CaptionEncoder(const Assets& assets)
    : tokens_(read_asset(assets, kWordsAsset, [](const std::string& json) { return Tokenizer::deserialize(json); })),
      shape_(read_asset(assets, kInputAsset, shape_of_json)),
      usual_(need_asset(assets, kUsualAsset)) {}

Assets CaptionEncoder::assets() const {
  const Json input{{"side", shape_.side}, {"regions", shape_.regions}, {"features", shape_.features}};
  return {{kWordsAsset, tokens_->serialize()}, {kInputAsset, input.dump()}, {kUsualAsset, usual_}};
}

}  // namespace recur
