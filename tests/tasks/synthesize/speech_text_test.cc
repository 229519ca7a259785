// How texts become symbols: characters, phonemes, and words that a model pronounces.
#include "recur/tasks/synthesize/speech_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recur/tasks/synthesize/synthesize_task.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/synthesize/spelling.h"

namespace recur {
namespace {

using namespace testing;
using Words = std::vector<std::string>;

SpeechText characters_known() { return SpeechText::fit(Words{"Abba, c.", "b?"}, character_reader(true)); }

// Pieces as one text, "|" between them.
std::string pieces(const SpeechReader& reader, std::string_view text, SpeechGaps* gaps = nullptr) {
  SpeechGaps own;
  std::string out;
  for (const SpeechPiece& piece : reader.read(text, gaps != nullptr ? *gaps : own)) {
    out += (out.empty() ? "" : "|") + piece.symbol;
  }
  return out;
}

TEST(SpeechText, KnowsTheCharactersOfItsTextsAndCountsOthers) {
  const SpeechText text = characters_known();
  EXPECT_EQ(text.known(), 7);  // a b , space c . ?
  SpeechGaps gaps;
  const SpeechSymbols symbols = text.encode("  BAB \n xc!", gaps);
  EXPECT_EQ(gaps.symbols, 2);
  EXPECT_EQ(text.names(symbols), (Words{"b", "a", "b", "\u2423", "c", "end"}));
  EXPECT_EQ(symbols.back(), text.end());
  EXPECT_TRUE(text.encode("", gaps).empty());
  EXPECT_TRUE(text.encode("., ?", gaps).empty());
  EXPECT_TRUE(text.encode("xyz", gaps).empty());
  EXPECT_ERROR(text.encode("a\xff", gaps), "invalid UTF-8 at offset 1");
  const SpeechText back(text.assets(), character_reader(true));
  EXPECT_EQ(back.encode("abc", gaps), text.encode("abc", gaps));
}

// The sentences of a text, as what they are read as.
Words sentences(const SpeechText& text, std::string_view said, int64_t most) {
  SpeechGaps gaps;
  Words out;
  for (const SpeechSymbols& each : text.sentences(said, most, gaps)) {
    std::string all;
    for (const std::string& name : text.names(each)) all += name == "end" ? "" : name;
    out.push_back(all);
  }
  return out;
}

TEST(SpeechText, IsCutIntoSentences) {
  const Words known{"One. Two is 3.5! Three\nfour at \u00e4\u00f6\u00fc"};
  const SpeechText text = SpeechText::fit(known, character_reader(false));
  EXPECT_EQ(sentences(text, "One. Two is 3.5! Three\nfour", 100),
            (Words{"One.", "Two\u2423is\u24233.5!", "Three", "four"}));
  EXPECT_EQ(sentences(text, "one two three", 8), (Words{"one\u2423two", "three"}));
  EXPECT_EQ(sentences(text, "\u00e4\u00f6\u00fc", 2), (Words{"\u00e4\u00f6", "\u00fc"}));
  EXPECT_TRUE(sentences(text, " \n ", 5).empty());
  EXPECT_EQ(sentences(text, "one xx two", 50), (Words{"one\u2423two"}));  // no two blanks in a row
}

TEST(GivenPhonemes, AreWhatStandsBetweenBlanks) {
  const auto reader = phoneme_reader(nullptr, true);
  EXPECT_EQ(pieces(*reader, "  HH AH0\tL OW1 , W"), "HH|AH0|L|OW1|,|W");
  EXPECT_EQ(pieces(*reader, "{HH AH0} {W}, x"), "HH|AH0|\u2423|W|,|x");  // braces say where words end
  EXPECT_EQ(pieces(*reader, "{ b } {} {c"), "{|b|}|{}|{c");              // no group: signs of a notation
  const SpeechText text = SpeechText::fit(Words{"HH AH L . OW"}, phoneme_reader(nullptr, true));
  SpeechGaps gaps;
  const SpeechSymbols symbols = text.encode("L hh OW", gaps);
  EXPECT_EQ(text.names(symbols), (Words{"L", "OW", "end"}));  // phonemes have their case
  EXPECT_EQ(gaps.symbols, 1);
  EXPECT_TRUE(gaps.are_phonemes);
  EXPECT_EQ(sentences(text, "HH AH . L OW", 9), (Words{"HHAH.", "LOW"}));
  EXPECT_TRUE(SpeechText::has_phonemes(text.assets()));
  EXPECT_FALSE(SpeechText::has_phonemes(characters_known().assets()));
}

class Pronounced : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto taught = speller(scratch_, 400, spellings(300, 1));
    taught.trained().save(scratch_ / "speller.recur");
    pronouncer_ = Pronouncer::read(scratch_ / "speller.recur");
  }

  Scratch scratch_;
  std::shared_ptr<const Pronouncer> pronouncer_;
};

TEST_F(Pronounced, WordsBecomePhonemesAndTheRestStays) {
  const auto reader = phoneme_reader(pronouncer_, true);
  SpeechGaps gaps;
  EXPECT_EQ(pieces(*reader, "Bad  cab, \u201c{Q RH} a\u201d!", &gaps),
            "BH|AH|DH|\u2423|CH|AH|BH|,|\u2423|\u201c|Q|RH|\u2423|AH|\u201d|!");
  EXPECT_EQ(gaps.letters, 0);
  // Letters that the model does not know are left out of their words.
  EXPECT_EQ(pieces(*reader, "baxd", &gaps), "BH|AH|DH");
  EXPECT_EQ(gaps.letters, 1);
  EXPECT_TRUE(gaps.words.empty());
  EXPECT_EQ(pieces(*reader, "ab xyz", &gaps), "AH|BH|\u2423");
  EXPECT_EQ(gaps.letters, 4);
  EXPECT_EQ(gaps.words, (std::set<std::string>{"xyz"}));
  EXPECT_ERROR(pieces(*reader, "a\xff"), "invalid UTF-8");
  // Capital letters are read as small ones where the model knows these alone, whatever the option says.
  EXPECT_EQ(pieces(*phoneme_reader(pronouncer_, false), "BAD"), "BH|AH|DH");
}

TEST_F(Pronounced, AWordIsSaidAloneAsAmongOthers) {
  const Words words{"ab", "e", "cabd", "ab", "dd", "", "bead"};
  const std::vector<Pronunciation> all = (*pronouncer_)(words);
  ASSERT_EQ(all.size(), words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    const auto fresh = Pronouncer::read(scratch_ / "speller.recur");
    EXPECT_EQ((*fresh)(std::span(&words[i], 1))[0].phonemes, all[i].phonemes) << words[i];
    EXPECT_EQ((*pronouncer_)(std::span(&words[i], 1))[0].phonemes, all[i].phonemes) << words[i];
    EXPECT_EQ(all[i].phonemes.size(), words[i].size()) << words[i];
  }
}

TEST_F(Pronounced, IsPartOfAnotherModel) {
  const Assets assets = pronouncer_->assets();
  int64_t elements = 0;
  for (const NamedTensor& each : pronouncer_->state()) elements += each.value.numel();
  EXPECT_TRUE(pronouncer_->parameters().empty());  // nothing to train
  EXPECT_EQ(elements, pronouncer_->network_parameters());
  EXPECT_EQ(Pronouncer::restore({}, elements), nullptr);
  const auto back = Pronouncer::restore(assets, elements);
  ASSERT_NE(back, nullptr);
  Pronouncer& loaded = const_cast<Pronouncer&>(*back);
  loaded.load_state(pronouncer_->state());
  const Words words{"bead", "cab"};
  for (size_t i = 0; i < words.size(); ++i) EXPECT_EQ((*back)(words)[i].phonemes, (*pronouncer_)(words)[i].phonemes);
  EXPECT_ERROR(Pronouncer::restore(assets, 100), "the asset 'pronounce.config' is damaged");
  Assets damaged = assets;
  damaged["pronounce.config"] = "hidden = \"many\"";
  EXPECT_ERROR(Pronouncer::restore(damaged, elements), "the asset 'pronounce.config' is damaged");
  damaged = {{"pronounce.config", assets.at("pronounce.config")}};
  EXPECT_ERROR(Pronouncer::restore(damaged, elements), "the model lacks");
}

TEST_F(Pronounced, ByCharactersEachIsASymbol) {
  auto task = std::make_unique<TranslateTask>();
  task->options.data.source_tokens = task->options.data.target_tokens = "chars";
  task->options.model.rnn.hidden = 4;
  const auto taught = teach(std::move(task), {.files = {DataFile(scratch_.put("ipa.tsv", "ab\t\u0259 b\nb\tb\n"))}});
  taught.trained().save(scratch_ / "ipa.recur");
  EXPECT_EQ(Pronouncer::read(scratch_ / "ipa.recur")->symbols_of("\u0259 b\u02c8x"),
            (Words{"\u0259", "b", "\u02c8", "x"}));
  EXPECT_EQ(pronouncer_->symbols_of(" AH  B "), (Words{"AH", "B"}));
}

}  // namespace
}  // namespace recur
