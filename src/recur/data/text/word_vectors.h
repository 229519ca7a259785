// Word vectors trained elsewhere, in the text format of word2vec, GloVe and fastText.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "recur/tensor/tensor.h"

namespace recur {

struct WordVectorsRead {
  int64_t found = 0;         // rows of the table that have one
  int64_t not_utf8 = 0;      // words passed over, as they are not UTF-8: cut off, or of another encoding
  int64_t first_broken = 0;  // the line of the first of them

  // "v.txt: ...": what to say of them, in words; nothing where there are none.
  std::string note(const std::filesystem::path& path) const;
};

// Overwrites rows of the table [V, E] f32 by the vectors of their words: a line each, the word, then E numbers, all
// between single spaces; a first line of two integers (how many, and E) is passed over. A word may hold spaces, as a
// few of GloVe's do: the last E cells are the numbers. id_of gives the row of a word in UTF-8, or nothing. The first of
// two vectors for one row stays. Throws Error, naming file and line, for other numbers of columns and for what is no
// finite number.
WordVectorsRead read_word_vectors(const std::filesystem::path& path,
                                  const std::function<std::optional<int32_t>(std::string_view)>& id_of, Tensor table);

}  // namespace recur
