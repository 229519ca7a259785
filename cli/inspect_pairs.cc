#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/data/text/words.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur::cli {
namespace {

// Of the texts of one side.
struct SideStatistics {
  int64_t words = 0, characters = 0;
  std::vector<int64_t> lengths;  // in words, ascending
  std::set<std::string, std::less<>> different;

  void add(const std::string& text) {
    const std::vector<std::string_view> parts = words_of(text);
    for (const std::string_view word : parts) {
      if (!different.contains(word)) different.emplace(word);
    }
    words += std::ssize(parts);
    characters += std::ssize(characters_of(text));
    lengths.push_back(std::ssize(parts));
  }
  // Of the sorted lengths, 0 .. 1.
  int64_t quantile(double q) const {
    return lengths[static_cast<size_t>(std::llround(q * static_cast<double>(lengths.size() - 1)))];
  }
};

struct PairStatistics {
  SideStatistics source, target;
  int64_t same = 0;      // pairs whose sides are the same text
  int64_t repeated = 0;  // pairs that were there before
  int64_t unequal = 0;   // one side more than kUnequal times as long as the other
  std::string first_unequal;
};

constexpr double kUnequal = 3;
constexpr int64_t kShortest = 4;  // words of the longer side, below which lengths say little

PairStatistics statistics_of(const TextPairs& pairs) {
  PairStatistics out;
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const TextPair& pair : pairs.pairs) {
    out.source.add(pair.source);
    out.target.add(pair.target);
    out.same += pair.source == pair.target ? 1 : 0;
    out.repeated += seen.emplace(pair.source, pair.target).second ? 0 : 1;
    const int64_t a = out.source.lengths.back(), b = out.target.lengths.back(), longer = std::max(a, b);
    if (longer < kShortest || static_cast<double>(longer) <= kUnequal * static_cast<double>(std::min(a, b))) continue;
    if (out.unequal++ == 0) out.first_unequal = pairs.where(pair);
  }
  std::ranges::sort(out.source.lengths);
  std::ranges::sort(out.target.lengths);
  return out;
}

std::string side_text(const SideStatistics& side) {
  return fmt::format("{} words, {} different; {} characters; words of a text {} .. {}, median {}, 95 % at most {}",
                     thousands(side.words), thousands(std::ssize(side.different)), thousands(side.characters),
                     side.quantile(0), side.quantile(1), side.quantile(0.5), side.quantile(0.95));
}

Json side_json(const SideStatistics& side) {
  return {{"words", side.words},           {"different_words", std::ssize(side.different)},
          {"characters", side.characters}, {"shortest", side.quantile(0)},
          {"median", side.quantile(0.5)},  {"longest", side.quantile(1)}};
}

}  // namespace

void inspect_pairs(const std::vector<DataFile>& files, const TextPairOptions& reading, const InspectOptions& options) {
  const TextPairs pairs = read_text_pairs(files, reading);
  const PairStatistics found = statistics_of(pairs);
  std::vector<std::string> paths;
  for (const DataFile& each : files) paths.push_back(each.name());
  if (options.json) {
    print(json_line(Json{{"kind", "pairs"},
                         {"paths", paths},
                         {"pairs", std::ssize(pairs.pairs)},
                         {"source", side_json(found.source)},
                         {"target", side_json(found.target)},
                         {"same", found.same},
                         {"repeated", found.repeated},
                         {"of_unequal_lengths", found.unequal},
                         {"notes", pairs.notes}}));
    return;
  }
  Facts facts;
  facts.add("parallel text", fmt::format("{}", fmt::join(paths, " ")));
  facts.add("pairs", thousands(std::ssize(pairs.pairs)));
  facts.add("source", side_text(found.source));
  facts.add("target", side_text(found.target));
  if (found.same > 0) facts.add("same on both sides", thousands(found.same));
  if (found.repeated > 0) facts.add("repeated", thousands(found.repeated));
  if (found.unequal > 0) {
    facts.add("of unequal lengths", fmt::format("{} with one side more than {:.0f} times as long, the first at {}",
                                                thousands(found.unequal), kUnequal, found.first_unequal));
  }
  for (const std::string& note : pairs.notes) facts.add("note", note);
  print(facts.text());
}

}  // namespace recur::cli
