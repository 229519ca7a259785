// Which tokens of a prediction stand for which of the right sequence.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

enum class EditKind { kSame, kSubstitution, kInsertion, kDeletion };

// One step of an alignment: the place of a token on each side, nothing where there is none.
struct Edit {
  EditKind kind;
  std::optional<size_t> predicted, actual;
};

// An alignment with the fewest edits. Of several, the one with its substitutions, then insertions, nearest to the end.
std::vector<Edit> align(std::span<const std::string_view> predicted, std::span<const std::string_view> actual);

struct EditCounts {
  int64_t same = 0, substitutions = 0, insertions = 0, deletions = 0;

  int64_t edits() const { return substitutions + insertions + deletions; }
  int64_t actual() const { return same + substitutions + deletions; }  // tokens of the right sequence
  // Word error rate where tokens are words: edits over the tokens of the right sequences, which may be more than 1. Of
  // none it is the edits, as jiwer has it.
  double rate() const;
  void add(const EditCounts& other);
};
EditCounts counts_of(std::span<const Edit> edits);

// Both sides in columns, "*" where there is no token: {"one two", "*** two"} of the right sequence and the prediction.
struct AlignedText {
  std::string actual, predicted;
};
AlignedText aligned_text(std::span<const Edit> edits, std::span<const std::string_view> predicted,
                         std::span<const std::string_view> actual);

}  // namespace recur
