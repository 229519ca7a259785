#include "recur/tasks/metrics/alignment.h"

#include <algorithm>

#include "recur/data/text/words.h"

namespace recur {

std::vector<Edit> align(std::span<const std::string_view> predicted, std::span<const std::string_view> actual) {
  // cost[i, j]: the distance of the first i tokens of the prediction and the first j of the right sequence.
  const size_t n = predicted.size(), m = actual.size(), width = m + 1;
  std::vector<int32_t> cost((n + 1) * width);
  for (size_t j = 0; j <= m; ++j) cost[j] = static_cast<int32_t>(j);
  for (size_t i = 1; i <= n; ++i) {
    cost[i * width] = static_cast<int32_t>(i);
    for (size_t j = 1; j <= m; ++j) {
      const int32_t same = cost[(i - 1) * width + j - 1] + (predicted[i - 1] == actual[j - 1] ? 0 : 1);
      cost[i * width + j] = std::min({same, cost[(i - 1) * width + j] + 1, cost[i * width + j - 1] + 1});
    }
  }
  std::vector<Edit> edits;
  for (size_t i = n, j = m; i > 0 || j > 0;) {
    const int32_t here = cost[i * width + j];
    if (i > 0 && j > 0) {
      const bool same = predicted[i - 1] == actual[j - 1];
      if (here == cost[(i - 1) * width + j - 1] + (same ? 0 : 1)) {
        edits.push_back({same ? EditKind::kSame : EditKind::kSubstitution, --i, --j});
        continue;
      }
    }
    if (i > 0 && here == cost[(i - 1) * width + j] + 1) {
      edits.push_back({EditKind::kInsertion, --i, std::nullopt});
    } else {
      edits.push_back({EditKind::kDeletion, std::nullopt, --j});
    }
  }
  std::ranges::reverse(edits);
  return edits;
}

double EditCounts::rate() const {
  return static_cast<double>(edits()) / static_cast<double>(std::max<int64_t>(actual(), 1));
}

void EditCounts::add(const EditCounts& other) {
  same += other.same;
  substitutions += other.substitutions;
  insertions += other.insertions;
  deletions += other.deletions;
}

EditCounts counts_of(std::span<const Edit> edits) {
  EditCounts counts;
  for (const Edit& edit : edits) {
    switch (edit.kind) {
      case EditKind::kSame:
        ++counts.same;
        break;
      case EditKind::kSubstitution:
        ++counts.substitutions;
        break;
      case EditKind::kInsertion:
        ++counts.insertions;
        break;
      case EditKind::kDeletion:
        ++counts.deletions;
        break;
    }
  }
  return counts;
}

AlignedText aligned_text(std::span<const Edit> edits, std::span<const std::string_view> predicted,
                         std::span<const std::string_view> actual) {
  AlignedText out;
  const auto put = [](std::string& to, std::string_view token, size_t own, size_t width, char fill) {
    if (!to.empty()) to += ' ';
    to += token;
    to.append(width - own, fill);
  };
  for (const Edit& edit : edits) {
    const std::string_view left = edit.actual ? actual[*edit.actual] : std::string_view();
    const std::string_view right = edit.predicted ? predicted[*edit.predicted] : std::string_view();
    const size_t left_size = characters_of(left).size(), right_size = characters_of(right).size();
    const size_t width = std::max(left_size, right_size);
    put(out.actual, left, left_size, width, edit.actual ? ' ' : '*');
    put(out.predicted, right, right_size, width, edit.predicted ? ' ' : '*');
  }
  return out;
}

}  // namespace recur
