#include "recur/data/text/subword_dropout.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "recur/data/files/utf8.h"
#include "recur/data/text/space_mark.h"
#include "recur/data/text/words.h"

namespace recur {
namespace {

constexpr float kUnknownPenalty = 10;  // SentencePiece's: an unknown character scores this below the worst subword

// Two neighbours put together; they lie one after the other in the text.
std::string_view joined(std::string_view a, std::string_view b) { return {a.data(), a.size() + b.size()}; }

}  // namespace

// The scores of BPE are the numbers of its merges, negated; those of a unigram model are logarithms.
SubwordDropout::SubwordDropout(const sentencepiece::SentencePieceProcessor& processor) : processor_(processor) {
  float least = 0;
  merges_ = true;
  for (int32_t id = 0; id < processor.GetPieceSize(); ++id) {
    if (processor.IsUnknown(id) || processor.IsControl(id) || processor.IsByte(id)) continue;
    const float score = processor.GetScore(id);
    least = std::min(least, score);
    merges_ = merges_ && score == std::floor(score);
    longest_ = std::max(longest_, processor.IdToPiece(id).size());
  }
  unknown_score_ = least - kUnknownPenalty;
}

int32_t SubwordDropout::find(std::string_view piece) const {
  const int32_t id = processor_.PieceToId(piece);
  return processor_.IsUnknown(id) || processor_.IsControl(id) || processor_.IsByte(id) ? -1 : id;
}

void SubwordDropout::merge(std::string_view word, Drawn drawn, std::vector<std::string_view>& pieces) const {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  pieces = characters_of(word);
  const auto score_of = [&](size_t i) {
    if (i + 1 >= pieces.size()) return kNone;
    const int32_t id = find(joined(pieces[i], pieces[i + 1]));
    return id < 0 ? kNone : processor_.GetScore(id);
  };
  std::vector<float> scores(pieces.size());  // of each piece merged with the next
  for (size_t i = 0; i < pieces.size(); ++i) scores[i] = score_of(i);
  while (true) {
    size_t best = pieces.size();
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (scores[i] == kNone || (drawn.p > 0 && drawn.random.bernoulli(drawn.p))) continue;
      if (best == pieces.size() || scores[i] > scores[best]) best = i;
    }
    if (best == pieces.size()) return;
    pieces[best] = joined(pieces[best], pieces[best + 1]);
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    scores.erase(scores.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    scores[best] = score_of(best);
    if (best > 0) scores[best - 1] = score_of(best - 1);
  }
}

void SubwordDropout::likeliest(std::string_view word, Drawn drawn, std::vector<std::string_view>& pieces) const {
  struct Best {
    float score = -std::numeric_limits<float>::infinity();
    size_t length = 0;  // bytes of the last subword
  };
  std::vector<Best> best(word.size() + 1);
  best[0].score = 0;
  size_t bytes = 0;
  for (size_t from = 0; from < word.size(); from += bytes) {
    bytes = decode_utf8(word, from).bytes;
    for (size_t length = bytes; from + length <= word.size() && (length == bytes || length <= longest_); ++length) {
      if (from + length < word.size() && is_continuation(word[from + length])) continue;
      const int32_t id = find(word.substr(from, length));
      if (id < 0 && length > bytes) continue;
      if (length > bytes && drawn.p > 0 && drawn.random.bernoulli(drawn.p)) continue;
      const float score = best[from].score + (id < 0 ? unknown_score_ : processor_.GetScore(id));
      if (score > best[from + length].score) best[from + length] = {score, length};
    }
  }
  pieces.clear();
  for (size_t end = word.size(); end > 0; end -= best[end].length) {
    pieces.push_back(word.substr(end - best[end].length, best[end].length));
  }
  std::ranges::reverse(pieces);
}

// A character that is no subword goes as its bytes.
void SubwordDropout::append(std::string_view piece, std::vector<int32_t>& out) const {
  if (const int32_t id = find(piece); id >= 0) {
    out.push_back(id);
    return;
  }
  const int32_t first_byte = processor_.PieceToId("<0x00>");
  for (const char c : piece) out.push_back(first_byte + static_cast<unsigned char>(c));
}

void SubwordDropout::split(std::string_view text, double p, Random& random, std::vector<int32_t>& out) const {
  std::string marked;
  for (const char c : text) {
    if (c == ' ') {
      marked += kSpaceMark;
    } else {
      marked += c;
    }
  }
  // A space begins a word; no subword goes on beyond one.
  std::vector<std::string_view> pieces;
  for (std::string_view rest = marked; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(kSpaceMark, 1));
    if (merges_) {
      merge(word, {p, random}, pieces);
    } else {
      likeliest(word, {p, random}, pieces);
    }
    for (const std::string_view piece : pieces) append(piece, out);
    rest.remove_prefix(word.size());
  }
}

}  // namespace recur
