#include "recur/data/text/word_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/string_map.h"
#include "recur/data/text/ngram.h"
#include "recur/data/text/words.h"

namespace recur {
namespace {

// Of a word that a model does not know and has no <unk> for.
constexpr double kUnknownWord = -16;

// Those of the words that stand for themselves, by their numbers.
std::vector<std::string> in_order(const internal::StringMap<int32_t>& ids) {
  std::vector<std::string> all(ids.size());
  for (const auto& [word, id] : ids) all[static_cast<size_t>(id)] = word;
  std::erase_if(all, [](const std::string& word) {
    return word == "<s>" || word == "</s>" || word == "<unk>" || word == "<UNK>" || word == "\n";
  });
  return all;
}

// N-grams as a tree of words, the first word at the root.
class ArpaModel : public WordModel {
 public:
  explicit ArpaModel(const DataFile& file) : lines_(file) { read(); }

  int order() const override { return static_cast<int>(sizes_.size()); }
  std::optional<int32_t> word(std::string_view text) const override {
    const auto at = ids_.find(text);
    return at == ids_.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<std::string> words() const override { return in_order(ids_); }
  int32_t begin() const override { return begin_; }

  double log_probability(std::span<const int32_t> history, std::optional<int32_t> word) const override {
    if (!word) word = unknown_;
    return word ? of(history, *word) : kUnknownWord;
  }
  double log_probability_of_end(std::span<const int32_t> history) const override { return of(history, end_); }

 private:
  struct Node {
    float log_probability = 0, backoff = 0;  // natural logarithms
    bool is_ngram = false;
  };

  static uint64_t key(int32_t node, int32_t word) {
    return static_cast<uint64_t>(node) << 32 | static_cast<uint32_t>(word);
  }

  int32_t find(std::span<const int32_t> words) const {
    int32_t node = 0;
    for (const int32_t word : words) {
      const auto at = children_.find(key(node, word));
      if (at == children_.end()) return -1;
      node = at->second;
    }
    return node;
  }

  // Katz's way: the longest n-gram there is, with the weights of the histories that had none.
  double of(std::span<const int32_t> history, int32_t word) const {
    const size_t most = std::min(history.size(), sizes_.size() - 1);
    double backoff = 0;
    for (size_t n = most + 1; n-- > 0;) {
      const int32_t context = find(history.last(n));
      if (context < 0) continue;
      const auto at = children_.find(key(context, word));
      if (at != children_.end() && nodes_[at->second].is_ngram) {
        return backoff + static_cast<double>(nodes_[at->second].log_probability);
      }
      if (n > 0) backoff += static_cast<double>(nodes_[context].backoff);
    }
    return kUnknownWord;
  }

  std::string_view next_line() {
    std::string_view line;
    do {
      if (!lines_.next(line)) fail("{}: ends before \\end\\", lines_.name());
      line = trimmed(line);
    } while (line.empty());
    return line;
  }

  void read() {
    while (next_line() != "\\data\\") {
    }
    std::string_view line = next_line();
    constexpr double kMost = 1 << 28;
    constexpr size_t kMostOrder = 16;
    while (line.starts_with("ngram ")) {
      const size_t equals = line.find('=');
      const auto order = parse_number(line.substr(6, equals == std::string::npos ? 0 : equals - 6));
      const double count = equals == std::string::npos ? -1 : parse_number(line.substr(equals + 1)).value_or(-1);
      if (!order || *order != static_cast<double>(sizes_.size() + 1) || sizes_.size() == kMostOrder ||
          !(count >= 0 && count <= kMost)) {
        lines_.fail_here("expected \"ngram {}=COUNT\", up to {} orders, got {}", sizes_.size() + 1, kMostOrder,
                         quoted_cell(line));
      }
      sizes_.push_back(static_cast<int64_t>(count));
      line = next_line();
    }
    if (sizes_.empty()) lines_.fail_here("expected \"ngram 1=COUNT\", got {}", quoted_cell(line));
    nodes_.emplace_back();
    for (size_t n = 1; n <= sizes_.size(); ++n) {
      if (line != fmt::format("\\{}-grams:", n)) {
        lines_.fail_here("expected \"\\{}-grams:\", got {}", n, quoted_cell(line));
      }
      for (line = next_line(); !line.starts_with('\\'); line = next_line()) read_ngram(line, n);
    }
    if (line != "\\end\\") lines_.fail_here("expected \"\\end\\\", got {}", quoted_cell(line));
    begin_ = need("<s>");
    end_ = need("</s>");
    for (const char* name : {"<unk>", "<UNK>"}) {
      if (const auto id = word(name)) unknown_ = id;
    }
  }

  int32_t need(const char* name) const {
    const auto id = word(name);
    if (!id) fail("{}: there is no {} among its words", lines_.name(), name);
    return *id;
  }

  void read_ngram(std::string_view line, size_t n) {
    std::vector<std::string_view> cells;
    for_each_word_of(line, [&](std::string_view cell) { cells.push_back(cell); });
    if (cells.size() != n + 1 && cells.size() != n + 2) {
      lines_.fail_here("expected a number, {} words and perhaps a number, got {}", n, quoted_cell(line));
    }
    const auto probability = parse_number(cells[0]);
    const auto backoff = cells.size() == n + 2 ? parse_number(cells.back()) : std::optional(0.0);
    if (!probability || !backoff || *probability > 0) {
      lines_.fail_here("expected the logarithms of a probability and a weight, got {}", quoted_cell(line));
    }
    int32_t node = 0;
    for (size_t k = 1; k <= n; ++k) {
      if (n == 1) ids_.emplace(std::string(cells[k]), static_cast<int32_t>(ids_.size()));
      const auto id = word(cells[k]);
      if (!id) lines_.fail_here("{} is not a word of the 1-grams", quoted_cell(cells[k]));
      const auto [at, is_new] = children_.emplace(key(node, *id), static_cast<int32_t>(nodes_.size()));
      if (is_new) nodes_.emplace_back();
      node = at->second;
    }
    const double log10 = std::log(10.0);
    nodes_[node] = {.log_probability = static_cast<float>(*probability * log10),
                    .backoff = static_cast<float>(*backoff * log10),
                    .is_ngram = true};
  }

  template <class Visit>
  static void for_each_word_of(std::string_view line, Visit&& visit) {
    for (size_t at = 0; at < line.size();) {
      const size_t end = std::min(line.find_first_of(" \t", at), line.size());
      if (end > at) visit(line.substr(at, end - at));
      at = end + 1;
    }
  }

  LineReader lines_;
  std::vector<int64_t> sizes_;
  internal::StringMap<int32_t> ids_;
  std::unordered_map<uint64_t, int32_t> children_;
  std::vector<Node> nodes_;
  int32_t begin_ = 0, end_ = 0;
  std::optional<int32_t> unknown_;
};

class CountedModel : public WordModel {
 public:
  CountedModel(const DataFile& file, int order) : order_(order) {
    LineReader lines(file);
    std::string_view line;
    std::vector<std::vector<int32_t>> sentences;
    ids_.emplace("\n", 0);  // the end of a line, which also begins one
    while (lines.next(line)) {
      std::vector<int32_t> words;
      for_each_word(line, false, [&](std::string_view word) {
        words.push_back(ids_.emplace(std::string(word), static_cast<int32_t>(ids_.size())).first->second);
      });
      if (words.empty()) continue;
      words.push_back(0);
      sentences.push_back(std::move(words));
    }
    if (sentences.empty()) fail("{}: there are no words in it", file.name());
    // One more, which never occurs: the unknown word.
    model_.emplace(order, static_cast<int32_t>(ids_.size()) + 1);
    const std::vector<int32_t> start{0};
    model_->add(start);
    for (const auto& words : sentences) model_->add(words);
    model_->finish();
  }

  int order() const override { return order_; }
  std::optional<int32_t> word(std::string_view text) const override {
    const auto at = ids_.find(text);
    return at == ids_.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<std::string> words() const override { return in_order(ids_); }
  int32_t begin() const override { return 0; }
  double log_probability(std::span<const int32_t> history, std::optional<int32_t> word) const override {
    return std::log(model_->probability(history, word.value_or(static_cast<int32_t>(ids_.size()))));
  }
  double log_probability_of_end(std::span<const int32_t> history) const override {
    return std::log(model_->probability(history, 0));
  }

 private:
  int order_;
  internal::StringMap<int32_t> ids_;
  std::optional<NgramModel> model_;
};

}  // namespace

std::unique_ptr<WordModel> read_arpa(const DataFile& file) { return std::make_unique<ArpaModel>(file); }

std::unique_ptr<WordModel> count_words(const DataFile& text, int order) {
  return std::make_unique<CountedModel>(text, order);
}

std::unique_ptr<WordModel> read_word_model(const DataFile& file, int order) {
  // Some write a few lines before it.
  constexpr size_t kFront = 1 << 16;
  return file.head(kFront).find("\\data\\") != std::string::npos ? read_arpa(file) : count_words(file, order);
}

}  // namespace recur
