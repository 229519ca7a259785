#include "recur/data/text/subword_tokenizer.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "recur/base/base64.h"
#include "recur/base/error.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/space_mark.h"

namespace recur {
namespace {

constexpr int64_t kDefaultVocabulary = 8000;
constexpr size_t kLongestSentence = 4000;  // bytes; SentencePiece leaves out longer ones

// Lines of the sample, cut when they are long.
class Sentences : public sentencepiece::SentenceIterator {
 public:
  void add(std::string_view line) {
    while (!line.empty()) {
      size_t length = std::min(line.size(), kLongestSentence);
      while (length < line.size() && length > 0 && is_continuation(line[length])) --length;
      sentences_.emplace_back(line.substr(0, length));
      line.remove_prefix(length);
    }
  }

  bool empty() const { return sentences_.empty(); }

  // One for each byte, for the unknown symbol and for each character.
  int64_t least_vocabulary() const {
    std::unordered_set<char32_t> characters;
    for (const std::string& sentence : sentences_) {
      for (size_t i = 0; i < sentence.size();) {
        const auto [value, bytes] = decode_utf8(sentence, i);
        characters.insert(value);
        i += bytes;
      }
    }
    return 257 + std::ssize(characters);
  }

  bool done() const override { return at_ == sentences_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return sentences_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  std::vector<std::string> sentences_;
  size_t at_ = 0;
};

// Calls visit for the stretches between line ends and space marks, then mark with the bytes of what ended each: a space
// mark of the text itself has no piece.
template <class Visit, class Mark>
void for_each_stretch(std::string_view text, Visit visit, Mark mark) {
  while (!text.empty()) {
    const size_t end = std::min({text.find('\n'), text.find(kSpaceMark), text.size()});
    if (end > 0) visit(text.substr(0, end));
    text.remove_prefix(end);
    if (text.empty()) return;
    const size_t length = text.front() == '\n' ? 1 : kSpaceMark.size();
    mark(text.substr(0, length));
    text.remove_prefix(length);
  }
}

// Blocks spread evenly over the range, `limit` bytes of text in all or a little more.
Sentences sample(const TextSource& source, TextRange range, int64_t limit) {
  Sentences sentences;
  const double share =
      std::min(1.0, static_cast<double>(limit) / static_cast<double>(std::max<int64_t>(range.size(), 1)));
  double due = 0;
  source.for_each_utf8_block(range, [&](const TextBlock& block) {
    due += share * static_cast<double>(block.text.size());
    for_each_stretch(
        block.text,
        [&](std::string_view line) {
          if (due <= 0) return;
          sentences.add(line);
          due -= static_cast<double>(line.size() + 1);
        },
        [](std::string_view) {});
    return true;
  });
  return sentences;
}

// The library throws where its own checks let a malformed model pass.
sentencepiece::util::Status load(sentencepiece::SentencePieceProcessor& processor, const std::string& model) {
  try {
    return processor.LoadFromSerializedProto(model);
  } catch (const std::exception& error) {
    return {sentencepiece::util::StatusCode::kInternal, error.what()};
  }
}

}  // namespace

SubwordTokenizer::SubwordTokenizer(std::string model) : model_(std::move(model)) {
  auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
  const auto status = load(*processor, model_);
  if (!status.ok()) fail("tokenizer: not a SentencePiece model: {}", status.ToString());
  first_byte_ = processor->PieceToId("<0x00>");
  for (int byte = 0; byte < 256; ++byte) {
    const int id = first_byte_ + byte;
    const bool good = id < processor->GetPieceSize() && processor->IsByte(id) &&
                      processor->IdToPiece(id) == fmt::format("<0x{:02X}>", byte);
    if (!good) fail("tokenizer: the SentencePiece model was made without byte fallback");
  }
  processor_ = std::move(processor);
  dropout_ = std::make_shared<const SubwordDropout>(*processor_);
}

SubwordTokenizer SubwordTokenizer::fit(const TextSource& source, TextRange range, const TokenizerOptions& options) {
  if (options.model != "unigram" && options.model != "bpe") {
    fail_usage("tokenizer: model: expected unigram or bpe, got '{}'", options.model);
  }
  const int64_t size = options.vocabulary > 0 ? options.vocabulary : kDefaultVocabulary;
  Sentences sentences = sample(source, range, options.sample_bytes);
  if (sentences.empty()) fail("tokenizer: the text has no line to train subwords on");
  const std::unordered_map<std::string, std::string> settings{
      {"model_type", options.model},
      {"vocab_size", std::to_string(size)},
      {"hard_vocab_limit", "false"},  // a short text gives fewer
      {"byte_fallback", "true"},
      {"character_coverage", "1.0"},
      {"normalization_rule_name", "identity"},
      {"remove_extra_whitespaces", "false"},
      {"add_dummy_prefix", "false"},
      {"bos_id", "-1"},
      {"eos_id", "-1"},
      {"pad_id", "-1"},
      {"num_threads", "1"},  // more would sum in another order
      {"minloglevel", "4"},
  };
  const int64_t least = sentences.least_vocabulary();
  if (size < least) {
    fail_usage("tokenizer: vocabulary: expected at least {} subwords, one for each byte and character, got {}", least,
               size);
  }
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(settings, &sentences, &model);
  if (!status.ok()) fail("tokenizer: cannot make {} subwords of this text: {}", size, status.ToString());
  return SubwordTokenizer(std::move(model));
}

SubwordTokenizer SubwordTokenizer::from_json(const Json& json) {
  return SubwordTokenizer(base64_decode(json.at("model").get<std::string>()));
}

int32_t SubwordTokenizer::size() const { return processor_->GetPieceSize(); }

void SubwordTokenizer::append_bytes(std::string_view bytes, std::vector<int32_t>& out) const {
  for (const char c : bytes) out.push_back(first_byte_ + static_cast<unsigned char>(c));
}

// split appends the subwords of a stretch.
template <class Split>
void SubwordTokenizer::encode_with(std::string_view text, std::vector<int32_t>& out, Split split) const {
  if (const size_t at = find_invalid_utf8(text); at != kNoPosition) fail("tokenizer: invalid UTF-8 at offset {}", at);
  for_each_stretch(text, split, [&](std::string_view mark) { append_bytes(mark, out); });
}

void SubwordTokenizer::encode(std::string_view text, std::vector<int32_t>& out) const {
  std::vector<int> ids;
  encode_with(text, out, [&](std::string_view stretch) {
    const auto status = processor_->Encode(stretch, &ids);
    if (!status.ok()) fail("tokenizer: cannot encode: {}", status.ToString());
    out.insert(out.end(), ids.begin(), ids.end());
  });
}

void SubwordTokenizer::encode(std::string_view text, double dropout, Random& random, std::vector<int32_t>& out) const {
  encode_with(text, out, [&](std::string_view stretch) { dropout_->split(stretch, dropout, random, out); });
}

std::string SubwordTokenizer::piece(int32_t id, std::optional<int32_t>) const {
  if (processor_->IsUnknown(id)) return std::string(kReplacementCharacter);
  if (processor_->IsByte(id)) return std::string(1, static_cast<char>(id - first_byte_));
  std::string_view rest = processor_->IdToPiece(id);
  std::string text;
  for (size_t at; (at = rest.find(kSpaceMark)) != kNoPosition; rest.remove_prefix(at + kSpaceMark.size())) {
    text.append(rest.substr(0, at)) += ' ';
  }
  return text.append(rest);
}

std::string SubwordTokenizer::serialize() const {
  return Json{{"kind", kKind}, {"model", base64_encode(model_)}}.dump();
}

}  // namespace recur
