#include "recur/tasks/synthesize/pronouncer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/words.h"
#include "recur/tasks/translate/translate_task.h"

namespace recur {
namespace {

const std::string kPronouncerAssets = "pronounce.", kPronouncerConfig = "pronounce.config";

// Tensors as buffers under their names.
class FrozenTensors : public Module {
 public:
  explicit FrozenTensors(const NamedTensors& tensors) {
    std::map<std::string, NamedTensors> children;
    for (const auto& [name, value] : tensors) {
      const size_t dot = name.find('.');
      if (dot == std::string::npos) {
        register_buffer(name, value);
      } else {
        children[name.substr(0, dot)].push_back({name.substr(dot + 1), value});
      }
    }
    for (const auto& [name, inner] : children) register_module(name, FrozenTensors(inner));
  }
};

// The inverse of lower_case(), in the same scripts.
char32_t upper_case(char32_t value) {
  static const std::map<char32_t, char32_t> kCapitals = [] {
    constexpr char32_t kLast = 0x52F;  // of Cyrillic
    std::map<char32_t, char32_t> out;
    for (char32_t c = 0; c <= kLast; ++c) {
      if (lower_case(c) != c) out.emplace(lower_case(c), c);
    }
    return out;
  }();
  const auto found = kCapitals.find(value);
  return found == kCapitals.end() ? value : found->second;
}

template <class Case>
std::string in_case(std::string_view word, Case letter) {
  std::string out;
  for (size_t at = 0; at < word.size();) {
    const DecodedCodePoint c = decode_utf8(word, at);
    append_utf8(out, letter(c.value));
    at += c.bytes;
  }
  return out;
}

bool has_unknown(const Tokenizer& tokens, std::string_view text) {
  const auto unknown = tokens.unknown();
  return unknown && std::ranges::count(tokens.encode(text), *unknown) > 0;
}

// The best prediction alone, with nothing beside the network.
TranslateOptions pronouncing(TranslateOptions options) {
  options.use.n_best = 1;
  options.use.attention = false;
  options.use.chart.clear();
  return options;
}

}  // namespace

Pronouncer::Pronouncer(const TranslateTrained& model) : model_(model), search_(pronouncing(model.options())) {
  const FrozenTensors tensors(model_.network().state());
  register_module("translate", tensors);
}

std::shared_ptr<const Pronouncer> Pronouncer::read(const std::filesystem::path& path) {
  const std::unique_ptr<Trained> model = load_trained(path);
  const auto* translator = dynamic_cast<const TranslateTrained*>(model.get());
  if (translator == nullptr) {
    fail("pronounce: {}: expected a model of the task translate, got one of {}", path.string(), model->info().name);
  }
  return std::make_shared<const Pronouncer>(*translator);
}

Assets Pronouncer::assets() const {
  Assets out{{kPronouncerConfig, model_.options_toml()}};
  for (const auto& [name, text] : model_.assets()) out.emplace(kPronouncerAssets + name, text);
  return out;
}

std::shared_ptr<const Pronouncer> Pronouncer::restore(const Assets& assets, int64_t elements) {
  if (!assets.contains(kPronouncerConfig)) return nullptr;
  Assets own;
  for (const auto& [name, text] : assets) {
    if (name.starts_with(kPronouncerAssets)) own.emplace(name.substr(kPronouncerAssets.size()), text);
  }
  return read_asset(assets, kPronouncerConfig, [&](const std::string& toml) {
    TranslateTask task;
    Config config;
    task.declare(config);
    config.parse_toml(toml, "config");
    const std::unique_ptr<Trained> model = task.restore(own, elements);
    return std::make_shared<const Pronouncer>(dynamic_cast<const TranslateTrained&>(*model));
  });
}

std::vector<std::string> Pronouncer::symbols_of(std::string_view pronunciation) const {
  const std::string_view kind = model_.encoder().target_tokens().kind();
  if (kind == "words" || kind == "subwords") return split_words(pronunciation, /*lower=*/false);
  std::vector<std::string> out;
  for (const std::string_view each : characters_of(pronunciation)) {
    if (kWordSpaces.find(each) == std::string_view::npos) out.emplace_back(each);
  }
  return out;
}

// `known`: what the model reads of the word.
Pronunciation Pronouncer::readable(const std::string& word, std::string& known) const {
  const Tokenizer& tokens = model_.encoder().source_tokens();
  Pronunciation best{.phonemes = {}, .unknown_letters = -1};
  for (const std::string& written : {word, in_case(word, lower_case), in_case(word, upper_case)}) {
    std::string kept;
    int64_t unknown = 0;
    for (const std::string_view letter : characters_of(written)) {
      if (has_unknown(tokens, letter)) {
        ++unknown;
      } else {
        kept += letter;
      }
    }
    // A model of whole words knows no letters.
    if (!has_unknown(tokens, written)) {
      unknown = 0;
      kept = written;
    }
    if (best.unknown_letters >= 0 && unknown >= best.unknown_letters) continue;
    best.unknown_letters = unknown;
    known = has_unknown(tokens, kept) ? "" : kept;
  }
  return best;
}

std::vector<Pronunciation> Pronouncer::pronounced(std::span<const std::string> words) const {
  std::vector<Pronunciation> out;
  std::vector<std::string> sources(words.size());
  for (size_t i = 0; i < words.size(); ++i) out.push_back(readable(words[i], sources[i]));
  const auto said = translate({model_.network(), model_.encoder(), search_}, sources);
  for (size_t i = 0; i < words.size(); ++i) out[i].phonemes = symbols_of(said[i].front().text);
  return out;
}

std::vector<Pronunciation> Pronouncer::operator()(std::span<const std::string> words) const {
  constexpr size_t kMostKept = size_t{1} << 17;
  std::unordered_map<std::string, Pronunciation> known;
  std::vector<std::string> unseen;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& word : words) {
      const auto kept = kept_.find(word);
      const bool fresh = known.emplace(word, kept != kept_.end() ? kept->second : Pronunciation{}).second;
      if (fresh && kept == kept_.end()) unseen.push_back(word);
    }
  }
  std::vector<Pronunciation> made = pronounced(unseen);
  for (size_t i = 0; i < unseen.size(); ++i) known[unseen[i]] = std::move(made[i]);
  {
    const std::lock_guard lock(mutex_);
    if (kept_.size() + unseen.size() > kMostKept) kept_.clear();
    for (const std::string& word : unseen) kept_.emplace(word, known.at(word));
  }
  std::vector<Pronunciation> out;
  for (const std::string& word : words) out.push_back(known.at(word));
  return out;
}

}  // namespace recur
