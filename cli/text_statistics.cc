#include "cli/text_statistics.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "recur/data/files/utf8.h"
#include "recur/data/text/vocabulary.h"

namespace recur::cli {
namespace {

constexpr std::size_t kShownWords = 12;
constexpr std::size_t kBadPlaces = 5;

class Counter {
 public:
  void add(const TextBlock& block) {
    add_lines(block);
    add_words(block.text);
    add_characters(block);
  }

  TextStatistics finish() {
    out_.words = words_.total();
    const auto words = words_.ranked();
    out_.different_words = static_cast<int64_t>(words.size());
    for (const auto& entry : words) {
      if (out_.frequent_words.size() < kShownWords) out_.frequent_words.emplace_back(entry.word, entry.count);
    }
    out_.different_bytes = std::ranges::count_if(bytes_, [](int64_t n) { return n > 0; });
    finish_characters();
    return out_;
  }

 private:
  void add_lines(const TextBlock& block) {
    for (const char c : block.text) {
      ++bytes_[static_cast<unsigned char>(c)];
      ++line_;
      if (c == '\n') end_line();
    }
    if (block.ends_file && line_ > 0) end_line();
  }

  void end_line() {
    ++out_.lines;
    out_.longest_line = std::max(out_.longest_line, line_);
    line_ = 0;
  }

  void add_words(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    for (std::size_t i = text.find_first_not_of(kSpace); i != std::string_view::npos;) {
      const std::size_t end = std::min(text.find_first_of(kSpace, i), text.size());
      words_.add(text.substr(i, end - i));
      i = text.find_first_not_of(kSpace, end);
    }
  }

  void add_characters(const TextBlock& block) {
    for (std::size_t i = 0; i < block.text.size(); ++out_.characters) {
      const DecodedCodePoint point = decode_utf8(block.text, i);
      if (point.bytes == 0) {
        ++out_.bad_bytes;
        if (out_.bad_places.size() < kBadPlaces) {
          out_.bad_places.push_back({std::string(block.name), block.offset + static_cast<int64_t>(i)});
        }
      } else if (point.value < ascii_.size()) {
        ++ascii_[point.value];
      } else {
        ++others_[point.value];
      }
      i += std::max<std::size_t>(point.bytes, 1);
    }
  }

  void finish_characters() {
    std::vector<std::pair<char32_t, int64_t>> all(others_.begin(), others_.end());
    for (std::size_t i = 0; i < ascii_.size(); ++i) {
      if (ascii_[i] > 0) all.emplace_back(static_cast<char32_t>(i), ascii_[i]);
    }
    out_.different_characters = static_cast<int64_t>(all.size());
    std::ranges::sort(all, [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    all.resize(std::min(all.size(), kShownWords));
    for (const auto& [value, count] : all) {
      std::string text;
      append_utf8(text, value);
      out_.frequent_characters.emplace_back(text, count);
    }
  }

  TextStatistics out_;
  std::array<int64_t, 256> bytes_{};
  std::array<int64_t, 128> ascii_{};
  std::unordered_map<char32_t, int64_t> others_;
  WordCounter words_;
  int64_t line_ = 0;  // bytes of the line so far
};

}  // namespace

TextStatistics text_statistics(const TextSource& source) {
  Counter counter;
  source.for_each_block(source.all(), [&](const TextBlock& block) {
    counter.add(block);
    return true;
  });
  TextStatistics out = counter.finish();
  out.files = static_cast<int64_t>(source.files());
  out.bytes = source.size();
  return out;
}

}  // namespace recur::cli
