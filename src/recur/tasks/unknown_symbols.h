// Symbols of texts that a model has not learnt. It has one number for them all, whatever they are, so that predicting
// them is easier than it looks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/text/tokenizer.h"

namespace recur {

// `what`: "the training text". Words are said nothing of: some are always unknown.
void warn_of_unknown(const Tokenizer& tokenizer, int64_t unknown, int64_t symbols, std::string_view what);

// Counts them.
void warn_of_unknown(const Tokenizer& tokenizer, const std::vector<std::string>& texts, std::string_view what);

}  // namespace recur
