#include "recur/tasks/lm/lm_describe.h"

#include <algorithm>
#include <set>

#include "recur/data/files/utf8.h"
#include "recur/data/text/text_source.h"
#include "recur/data/text/vocabulary.h"

namespace recur {
namespace {

struct Counts {
  int64_t lines = 0, characters = 0, words = 0;
  std::set<char32_t> distinct;
  WordCounter counter;
  bool utf8 = true;

  void add(std::string_view text) {
    lines += std::ranges::count(text, '\n');
    for (size_t i = 0; utf8 && i < text.size(); ++characters) {
      const DecodedCodePoint point = decode_utf8(text, i);
      utf8 = point.bytes > 0;
      if (utf8) distinct.insert(point.value);
      i += point.bytes;
    }
    add_words(text);
  }

  void add_words(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    for (size_t begin = text.find_first_not_of(kSpace); begin != text.npos; ++words) {
      const size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
      counter.add(text.substr(begin, end - begin));
      begin = text.find_first_not_of(kSpace, end);
    }
  }
};

}  // namespace

Description describe_text(const DataFiles& files) {
  const TextSource source(files);
  Counts counts;
  source.for_each_block(source.all(), [&](const TextBlock& block) {
    counts.add(block.text);
    return true;
  });
  Description facts{{"files", static_cast<int64_t>(source.files())},
                    {"bytes", source.size()},
                    {"lines", counts.lines},
                    {"utf8", std::string(counts.utf8 ? "yes" : "no")}};
  if (!counts.utf8) return facts;
  facts.push_back({"characters", counts.characters});
  facts.push_back({"distinct_characters", std::ssize(counts.distinct)});
  facts.push_back({"words", counts.words});
  facts.push_back({"distinct_words", std::ssize(counts.counter.ranked())});
  return facts;
}

}  // namespace recur
