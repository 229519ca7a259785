// Statistics of a text.
#pragma once

#include "recur/tasks/trained.h"

namespace recur {

// files, bytes, characters, distinct_characters, lines, words, distinct_words; only bytes, files and lines if the text
// is not UTF-8.
Description describe_text(const DataFiles& files);

}  // namespace recur
