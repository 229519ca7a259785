#include "recur/tasks/metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "recur/base/ascii.h"
#include "recur/tasks/metrics/ngram_overlap.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

bool is_point(char c) { return c == '.' || c == ','; }

// ASCII punctuation but ' - . ,
bool is_mark(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

std::string set_apart_marks(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (is_mark(c)) {
      out += {' ', c, ' '};
    } else {
      out += c;
    }
  }
  return out;
}

// Each pair of neighbours for which `fits` holds, from the left and without overlap, replaced by what `write` appends.
template <class Fits, class Write>
std::string replace_pairs(std::string_view line, Fits fits, Write write) {
  std::string out;
  size_t at = 0;
  while (at < line.size()) {
    if (at + 1 < line.size() && fits(line[at], line[at + 1])) {
      write(out, line[at], line[at + 1]);
      at += 2;
    } else {
      out += line[at++];
    }
  }
  return out;
}

// `line` without the white space at its end.
std::string_view trimmed_right(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.empty()) return {};
  return line.substr(0, static_cast<size_t>(words.back().data() - line.data()) + words.back().size());
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace

std::string tokenize_13a(std::string_view line) {
  std::string text(trimmed_right(line));
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  for (const auto& [name, character] : {std::pair{"&quot;", "\""}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}}) {
    replace_all(text, name, character);
  }
  text = set_apart_marks(" " + text + " ");
  text = replace_pairs(
      text, [](char a, char b) { return !is_digit(a) && is_point(b); },
      [](std::string& out, char a, char b) {
        out += {a, ' ', b, ' '};
      });
  text = replace_pairs(
      text, [](char a, char b) { return is_point(a) && !is_digit(b); },
      [](std::string& out, char a, char b) {
        out += {' ', a, ' ', b};
      });
  text = replace_pairs(
      text, [](char a, char b) { return is_digit(a) && b == '-'; },
      [](std::string& out, char a, char b) {
        out += {a, ' ', b, ' '};
      });
  return joined(words_of(text));
}

void BleuMeter::add(std::string_view hypothesis, std::string_view reference) {
  const std::string said = tokenize_13a(hypothesis), right = tokenize_13a(reference);
  const std::vector<std::string_view> tokens = words_of(said), expected = words_of(right);
  tokens_ += std::ssize(tokens);
  reference_tokens_ += std::ssize(expected);
  long_references_ += expected.size() >= kOrders ? 1 : 0;
  for (size_t n = 1; n <= kOrders; ++n) {
    const NgramOverlap overlap = ngram_overlap(std::span(tokens), std::span(expected), n);
    shared_[n - 1] += overlap.shared;
    total_[n - 1] += overlap.first;
  }
}

void BleuMeter::add(const BleuMeter& other) {
  for (size_t n = 0; n < kOrders; ++n) {
    shared_[n] += other.shared_[n];
    total_[n] += other.total_[n];
  }
  tokens_ += other.tokens_;
  reference_tokens_ += other.reference_tokens_;
  long_references_ += other.long_references_;
}

double BleuMeter::score() const {
  // An order of which there are no n-grams at all makes the score 0.
  if (std::ranges::count(shared_, 0) == std::ssize(shared_) || total_.back() == 0) return 0;
  double logs = 0, smoothed = 1;
  for (size_t n = 0; n < kOrders; ++n) {
    if (shared_[n] == 0) smoothed *= 2;
    const double matches = shared_[n] == 0 ? 1 / smoothed : static_cast<double>(shared_[n]);
    logs += std::log(100 * matches / static_cast<double>(total_[n]));
  }
  const double ratio = static_cast<double>(reference_tokens_) / static_cast<double>(tokens_);
  return std::min(1.0, std::exp(1 - ratio)) * std::exp(logs / static_cast<double>(kOrders));
}

}  // namespace recur
