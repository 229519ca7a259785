// Word vectors trained elsewhere, in the text format of word2vec, GloVe and fastText.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "recur/tensor/tensor.h"

namespace recur {

// Overwrites rows of the table [V, E] f32 by the vectors of their words: a line each, the word, then E numbers, all
// between single spaces; a first line of two integers (how many, and E) is passed over. id_of gives the row of a word,
// or nothing. The first of two vectors for one row stays. Returns how many rows were found. Throws Error, naming file
// and line, for other numbers of columns and for what is no finite number.
int64_t read_word_vectors(const std::filesystem::path& path,
                          const std::function<std::optional<int32_t>(std::string_view)>& id_of, Tensor table);

}  // namespace recur
