// recur inspect: lists of pictures and captions.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/base/json.h"
#include "recur/data/caption_list.h"
#include "recur/tasks/metrics/caption_words.h"

namespace recur::cli {
namespace {

struct CaptionStatistics {
  std::vector<std::int64_t> words;  // of each caption, sorted
  std::set<std::string> different;
  std::int64_t captions = 0, missing = 0;  // images without a file
  std::size_t fewest = 0, most = 0;        // captions of an image
  std::string first_missing;
};

CaptionStatistics caption_statistics(const CaptionList& list) {
  CaptionStatistics out;
  out.fewest = list.images.front().captions.size();
  for (const CaptionedImage& image : list.images) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(image.path, ignored) && out.missing++ == 0) out.first_missing = image.id;
    out.fewest = std::min(out.fewest, image.captions.size());
    out.most = std::max(out.most, image.captions.size());
    for (const std::string& caption : image.captions) {
      const CaptionWords words = caption_words(caption);
      out.words.push_back(static_cast<std::int64_t>(words.size()));
      out.different.insert(words.begin(), words.end());
      ++out.captions;
    }
  }
  std::ranges::sort(out.words);
  return out;
}

}  // namespace

void inspect_captions(const std::vector<DataFile>& files, const CaptionListOptions& reading,
                      const InspectOptions& options) {
  const CaptionList list = read_caption_list(files, reading);
  const CaptionStatistics found = caption_statistics(list);
  const std::int64_t shortest = found.words.empty() ? 0 : found.words.front();
  const std::int64_t longest = found.words.empty() ? 0 : found.words.back();
  const std::int64_t median = found.words.empty() ? 0 : found.words[found.words.size() / 2];
  const auto images = static_cast<std::int64_t>(list.images.size());
  if (options.json) {
    print(json_line(Json{{"kind", "captions"},
                         {"paths", list.files},
                         {"images", images},
                         {"captions", found.captions},
                         {"different_words", found.different.size()},
                         {"shortest", shortest},
                         {"median", median},
                         {"longest", longest},
                         {"missing", found.missing},
                         {"notes", list.notes},
                         {"warnings", list.warnings}}));
    return;
  }
  Facts facts;
  facts.add("captions", harmless(fmt::format("{}", fmt::join(list.files, " "))));
  facts.add("images", thousands(images));
  facts.add("texts",
            fmt::format("{}, {} .. {} of an image; {} different words; words of one {} .. {}, median {}",
                        thousands(found.captions), found.fewest, found.most,
                        thousands(static_cast<std::int64_t>(found.different.size())), shortest, longest, median));
  if (found.missing > 0) {
    facts.add("no such file",
              fmt::format("{} of the pictures, the first {}", thousands(found.missing), harmless(found.first_missing)));
  }
  for (const std::string& note : list.notes) facts.add("note", harmless(note));
  for (const std::string& warning : list.warnings) facts.add("warning", harmless(warning));
  print(facts.text());
}

}  // namespace recur::cli
