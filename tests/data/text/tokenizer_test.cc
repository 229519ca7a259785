#include "recur/data/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/base/base64.h"
#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/random.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

const char* const kText =
    "The quick brown fox jumps over the lazy dog.\n\n  Indented, with\ttab and  two spaces \n"
    "Fünf große Bären – 5 € – 中文 \xF0\x9F\x98\x80\nthe end of the lines, the quick end of the text";

std::unique_ptr<Tokenizer> fit(const std::string& text, const TokenizerOptions& options) {
  const auto source = TextSource::from_text("text", text);
  return fit_tokenizer(source, source.all(), options);
}

TokenizerOptions subwords(std::string model = "unigram", int64_t size = 400) {
  return {.kind = "subwords", .vocabulary = size, .model = std::move(model)};
}

std::string random_text(Random& random) {
  static constexpr std::u32string_view kAlphabet = U" \n\t\r\vaAbeEzZ0.,<>▁äÜß€中한𝄞\u0301\u200b\ufeff\u3000\u00a0😀";
  std::string text;
  for (uint64_t i = random.below(60); i > 0; --i) append_utf8(text, kAlphabet[random.below(kAlphabet.size())]);
  return text;
}

class EveryKind : public ::testing::TestWithParam<TokenizerOptions> {};

TEST_P(EveryKind, IdsAreWithinTheVocabularyAndSurviveSerialisation) {
  const auto tokenizer = fit(kText, GetParam());
  const auto copy = Tokenizer::deserialize(tokenizer->serialize());
  EXPECT_EQ(copy->kind(), GetParam().kind);
  EXPECT_EQ(copy->size(), tokenizer->size());
  EXPECT_EQ(copy->unknown(), tokenizer->unknown());
  EXPECT_EQ(copy->line_end(), tokenizer->line_end());
  EXPECT_EQ(copy->serialize(), tokenizer->serialize());
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string text = random_text(random);
    const auto ids = tokenizer->encode(text);
    EXPECT_EQ(copy->encode(text), ids);
    EXPECT_EQ(copy->decode(ids), tokenizer->decode(ids));
    for (const int32_t id : ids) EXPECT_TRUE(id >= 0 && id < tokenizer->size());
  }
}

TEST_P(EveryKind, AppendsToWhatIsThere) {
  const auto tokenizer = fit(kText, GetParam());
  std::vector<int32_t> ids{-7};
  tokenizer->encode("the end\n", ids);
  tokenizer->encode("the end", ids);
  auto expected = tokenizer->encode("the end\nthe end");
  expected.insert(expected.begin(), -7);
  EXPECT_EQ(ids, expected);
}

TEST_P(EveryKind, EveryIdHasAPieceAndOthersAreRefused) {
  const auto tokenizer = fit(kText, GetParam());
  for (int32_t id = 0; id < tokenizer->size(); ++id) EXPECT_FALSE(tokenizer->piece(id, std::nullopt).empty());
  for (const int32_t bad : {-1, tokenizer->size()}) EXPECT_THROW(tokenizer->decode(std::vector{bad}), Error);
}

TEST_P(EveryKind, NamesTheOffsetOfInvalidUtf8) {
  const auto tokenizer = fit(kText, GetParam());
  if (!tokenizer->needs_utf8()) {
    EXPECT_EQ(tokenizer->encode("the\xFF").size(), 4u);
    return;
  }
  try {
    tokenizer->encode("the\xFF");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("invalid UTF-8 at offset 3"));
  }
}

TEST_P(EveryKind, CorruptedDescriptionsAreErrorsAndNothingWorse) {
  const std::string good = fit(kText, GetParam())->serialize();
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    std::string bad = good;
    const size_t at = random.below(bad.size());
    if (i % 2 == 0) {
      bad.resize(at);
    } else {
      bad[at] = static_cast<char>(random.below(256));
    }
    try {
      const auto tokenizer = Tokenizer::deserialize(bad);
      tokenizer->decode(tokenizer->encode("the quick brown fox"));
    } catch (const Error&) {
      continue;  // as it should be; a change that happens to be a valid description is as good
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, EveryKind,
                         ::testing::Values(TokenizerOptions{.kind = "bytes"}, TokenizerOptions{.kind = "chars"},
                                           TokenizerOptions{.kind = "words"},
                                           TokenizerOptions{.kind = "words", .vocabulary = 5, .lower_case = true},
                                           TokenizerOptions{.kind = "words", .line_end_symbol = false}, subwords(),
                                           subwords("bpe", 330)),
                         [](const auto& info) { return info.param.kind + std::to_string(info.index); });

TEST(Tokenizer, BytesAndCharactersComeBackWhenSeen) {
  for (const char* kind : {"bytes", "chars"}) {
    const auto tokenizer = fit(kText, {.kind = kind});
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(kText)), kText);
  }
}

TEST(Tokenizer, SubwordsBringBackEveryTextEvenUnseen) {
  for (const auto& options : {subwords(), subwords("bpe", 330)}) {
    const auto tokenizer = fit(kText, options);
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(kText)), kText);
    Random random(2);
    for (int i = 0; i < 500; ++i) {
      const std::string text = random_text(random);
      EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
    }
    EXPECT_LT(tokenizer->encode("the quick end of the text").size(), 25u);
  }
}

TEST(Tokenizer, SubwordsTakeALongLineAndASmallSample) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "longline" + std::to_string(i % 7);
  auto options = subwords();
  options.sample_bytes = 2000;
  EXPECT_EQ(fit(text, options)->decode(fit(text, options)->encode(text)), text);
}

TEST(Tokenizer, SubwordsSayWhyTheyCannotBeMade) {
  EXPECT_THROW(fit("\n\n\n", subwords()), Error);
  for (const char* model : {"unigram", "bpe"}) {
    EXPECT_THAT([&] { fit("some text", subwords(model, 263)); },
                ::testing::ThrowsMessage<UsageError>(HasSubstr("expected at least 264 subwords")));
    EXPECT_EQ(fit("some text", subwords(model, 264))->size(), 264);
  }
  EXPECT_THROW(fit("some text", subwords("wordpiece")), UsageError);
}

TEST(Tokenizer, UnknownSymbolsDecodeToAMark) {
  for (const char* kind : {"bytes", "chars"}) {
    const auto tokenizer = fit("abc", {.kind = kind});
    EXPECT_EQ(tokenizer->size(), 4);
    EXPECT_EQ(tokenizer->encode("axc"), (std::vector<int32_t>{1, 0, 3}));
    EXPECT_EQ(tokenizer->decode(tokenizer->encode("axc")),
              "a\xEF\xBF\xBD"
              "c");
  }
}

TEST(Tokenizer, RareCharactersBecomeUnknown) {
  const auto tokenizer = fit("aaab€€€", {.kind = "chars", .min_count = 2});
  EXPECT_EQ(tokenizer->encode("ab€"), (std::vector<int32_t>{1, 0, 2}));
}

std::vector<std::string> words_of(const Tokenizer& tokenizer) {
  return parse_json(tokenizer.serialize(), 2)->at("words").get<std::vector<std::string>>();
}

TEST(WordTokenizer, RanksWordsByFrequencyAndEndsLines) {
  const auto tokenizer = fit(" b a b \n c b\n", {.kind = "words"});
  EXPECT_EQ(words_of(*tokenizer), (std::vector<std::string>{"b", "<eos>", "a", "c", "<unk>"}));
  EXPECT_EQ(tokenizer->encode("a x\n\nb"), (std::vector<int32_t>{2, 4, 1, 1, 0}));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("  a   x \n\nb")), "a <unk>\n\nb");
  EXPECT_EQ(tokenizer->line_end(), 1);
}

TEST(WordTokenizer, KeepsTheUnknownWordOfTheTextInItsPlace) {
  const auto tokenizer = fit("<unk> a <unk>\n", {.kind = "words"});
  EXPECT_EQ(words_of(*tokenizer), (std::vector<std::string>{"<unk>", "<eos>", "a"}));
  EXPECT_EQ(tokenizer->unknown(), 0);
}

TEST(WordTokenizer, KeepsTheMostFrequentWordsAndNoRareOnes) {
  const std::string text = "a a a a b b b c c d\n";
  EXPECT_EQ(words_of(*fit(text, {.kind = "words", .vocabulary = 4})),
            (std::vector<std::string>{"a", "b", "<unk>", "<eos>"}));
  EXPECT_EQ(words_of(*fit(text, {.kind = "words", .min_count = 2})),
            (std::vector<std::string>{"a", "b", "c", "<eos>", "<unk>"}));
  EXPECT_EQ(words_of(*fit(text, {.kind = "words", .vocabulary = 3, .line_end_symbol = false})),
            (std::vector<std::string>{"a", "b", "<unk>"}));
  EXPECT_THROW(fit(text, {.kind = "words", .vocabulary = 2}), UsageError);
}

TEST(WordTokenizer, FoldsCaseWhenAsked) {
  const auto tokenizer = fit("Äpfel ÄPFEL äpfel\n", {.kind = "words", .lower_case = true});
  EXPECT_EQ(words_of(*tokenizer), (std::vector<std::string>{"äpfel", "<eos>", "<unk>"}));
  EXPECT_EQ(tokenizer->encode("ÄpfeL"), std::vector<int32_t>{0});
}

TEST(Tokenizer, FitsTheGivenRangeAlone) {
  const auto source = TextSource::from_text("text", "aaabbb");
  const auto tokenizer = fit_tokenizer(source, {0, 3}, {.kind = "chars"});
  EXPECT_EQ(tokenizer->size(), 2);
}

TEST(Tokenizer, RefusesOptionsThatMakeNoSense) {
  try {
    fit("a", {.kind = "char"});
    ADD_FAILURE() << "no error";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("unknown kind 'char'; did you mean 'chars'?"));
  }
  EXPECT_THROW(fit("a", {.kind = "words", .vocabulary = -1}), UsageError);
  EXPECT_THROW(fit("a", {.kind = "words", .min_count = 0}), UsageError);
}

TEST(Tokenizer, RefusesHostileDescriptions) {
  for (const char* bad :
       {"",
        "null",
        "[]",
        "{}",
        "{\"kind\":1}",
        "{\"kind\":\"none\"}",
        "{\"kind\":\"chars\"}",
        "{\"kind\":\"chars\",\"symbols\":[]}",
        "{\"kind\":\"chars\",\"symbols\":[98,97]}",
        "{\"kind\":\"chars\",\"symbols\":[97,97]}",
        "{\"kind\":\"chars\",\"symbols\":[-1]}",
        "{\"kind\":\"chars\",\"symbols\":[55296]}",
        "{\"kind\":\"chars\",\"symbols\":[1114112]}",
        "{\"kind\":\"chars\",\"symbols\":[1.5]}",
        "{\"kind\":\"chars\",\"symbols\":\"abc\"}",
        "{\"kind\":\"bytes\",\"symbols\":[256]}",
        "{\"kind\":\"words\",\"words\":[\"a\"]}",
        "{\"kind\":\"words\",\"words\":[\"a\"],\"lower_case\":false,\"line_end_symbol\":false}",
        "{\"kind\":\"words\",\"words\":[\"<unk>\"],\"lower_case\":false,\"line_end_symbol\":true}",
        "{\"kind\":\"words\",\"words\":[\"<unk>\",\"<unk>\"],\"lower_case\":false,\"line_end_symbol\":false}",
        "{\"kind\":\"words\",\"words\":[1],\"lower_case\":false,\"line_end_symbol\":false}",
        "{\"kind\":\"subwords\",\"model\":\"\"}",
        "{\"kind\":\"subwords\",\"model\":\"AAAA\"}",
        "{\"kind\":\"subwords\",\"model\":\"?\"}"}) {
    EXPECT_THROW(Tokenizer::deserialize(bad), Error) << bad;
  }
}

TEST(Tokenizer, RefusesDescriptionsThatNestTooDeep) {
  const std::string good = R"({"kind":"chars","symbols":[97]})";
  EXPECT_NO_THROW(Tokenizer::deserialize(good));
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_THROW(Tokenizer::deserialize(good.substr(0, good.size() - 1) + ",\"more\":" + deep + "}"), Error);
}

TEST(Tokenizer, SubwordModelsThatTheLibraryThrowsAtAreErrorsToo) {
  auto json = parse_json(fit(kText, subwords())->serialize(), 2).value();
  std::string model = base64_decode(json["model"].get<std::string>());
  model.replace(model.find("\xE2\x96\x81"), 3, 3, '\0');  // a piece that ends before it begins
  json["model"] = base64_encode(model);
  EXPECT_THAT([&] { Tokenizer::deserialize(json.dump()); },
              ::testing::ThrowsMessage<Error>(HasSubstr("not a SentencePiece model")));
}

}  // namespace
}  // namespace recur
