// "Did you mean": the known word that is nearest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// The nearest known word by insertions, deletions, replacements and swaps of neighbours (the restricted distance of
// Damerau, 1964), upper and lower case alike; the first of several equally near. Nothing when even that is too far to
// be a slip: more than a third of the word's letters, at least one.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

// "; did you mean 'hidden'?" to end an error message with, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace recur
