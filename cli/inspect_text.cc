#include <fmt/format.h>

#include <cmath>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/text_statistics.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/ngram.h"

namespace recur::cli {
namespace {

constexpr double kHeldOut = 0.1;
constexpr int kOrder = 5;

struct Baselines {
  double unigram = 0, ngram = 0;  // nats per character
};

Baselines measure_baselines(const TextSource& source) {
  TokenizerOptions options;
  options.kind = "chars";
  const CorpusPair corpus = split_corpus(source, kHeldOut, options);
  return {unigram_nats(corpus.train, corpus.valid), ngram_nats(corpus.train, corpus.valid, kOrder)};
}

// What stands between spaces can be a whole file.
std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 40;
  if (text.size() <= kLongest) return in_quotes(text);
  std::size_t length = kLongest;
  while (length > kLongest - 4 && is_continuation(text[length])) --length;
  return in_quotes(text.substr(0, length)) + "...";
}

std::string share(const std::vector<std::pair<std::string, int64_t>>& counts, int64_t total) {
  std::string out;
  for (const auto& [text, count] : counts) {
    if (!out.empty()) out += "  ";
    out += fmt::format("{} {:.1f}%", shortened(text), 100.0 * static_cast<double>(count) / static_cast<double>(total));
  }
  return out;
}

std::string encoding(const TextStatistics& text) {
  if (text.bad_bytes == 0) return text.characters == text.bytes ? "ASCII" : "UTF-8";
  std::string places;
  for (const auto& place : text.bad_places) {
    places += fmt::format("{}{} at byte {}", places.empty() ? "" : ", ", place.file, place.offset);
  }
  return fmt::format("not UTF-8: {} bytes do not belong to a character; {}{}", thousands(text.bad_bytes), places,
                     text.bad_bytes > static_cast<int64_t>(text.bad_places.size()) ? ", ..." : "");
}

void print_json(const std::vector<std::string>& paths, const TextStatistics& text, const Baselines* baselines) {
  Json json = {{"kind", "text"},
               {"paths", paths},
               {"files", text.files},
               {"bytes", text.bytes},
               {"lines", text.lines},
               {"longest_line", text.longest_line},
               {"words", text.words},
               {"different_words", text.different_words},
               {"different_bytes", text.different_bytes},
               {"characters", text.characters},
               {"different_characters", text.different_characters},
               {"bytes_not_utf8", text.bad_bytes}};
  for (const auto& place : text.bad_places) {
    json["not_utf8_at"].push_back({{"file", place.file}, {"offset", place.offset}});
  }
  if (baselines) {
    json["unigram_nats_per_character"] = baselines->unigram;
    json["5gram_nats_per_character"] = baselines->ngram;
  }
  print(json_line(json));
}

void print_facts(const std::vector<std::string>& paths, const TextStatistics& text, const Baselines* baselines) {
  Facts facts;
  facts.add("text", fmt::format("{}", fmt::join(paths, " ")));
  facts.add("files", thousands(text.files));
  facts.add("size", text.bytes < 1000 ? human_bytes(text.bytes)
                                      : fmt::format("{} bytes ({})", thousands(text.bytes), human_bytes(text.bytes)));
  facts.add("encoding", encoding(text));
  facts.add("lines", fmt::format("{}, the longest {} bytes", thousands(text.lines), thousands(text.longest_line)));
  facts.add("words", fmt::format("{}, {} different", thousands(text.words), thousands(text.different_words)));
  facts.add("characters",
            fmt::format("{}, {} different", thousands(text.characters), thousands(text.different_characters)));
  facts.add("bytes", fmt::format("{} different", text.different_bytes));
  facts.add("most frequent", share(text.frequent_characters, text.characters));
  if (text.words > 0) facts.add("", share(text.frequent_words, text.words));
  if (baselines) {
    const auto line = [](double nats) {
      return fmt::format("{:.3f} nats per character ({:.3f} bits)", nats, nats / std::log(2.0));
    };
    facts.add("unigram", line(baselines->unigram));
    facts.add(fmt::format("{}-gram", kOrder), line(baselines->ngram));
  }
  print(facts.text());
}

}  // namespace

void inspect_text(const std::vector<DataFile>& data, const InspectOptions& options) {
  const TextSource source(data);
  std::vector<std::string> paths;
  for (const DataFile& each : data) paths.push_back(each.name());
  const TextStatistics text = text_statistics(source);
  Baselines baselines;
  if (options.baselines) baselines = measure_baselines(source);
  const Baselines* wanted = options.baselines ? &baselines : nullptr;
  options.json ? print_json(paths, text, wanted) : print_facts(paths, text, wanted);
}

}  // namespace recur::cli
