// How far predicted sequences of tokens are from the right ones: the metrics of spelling, inflection and other tasks in
// which a string is right or wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace recur {

// The fewest insertions, deletions and substitutions that make one sequence of the other (Levenshtein 1966).
int64_t edit_distance(std::span<const std::string_view> a, std::span<const std::string_view> b);

class TokenErrorMeter {
 public:
  void add(std::span<const std::string_view> predicted, std::span<const std::string_view> actual);

  double exact_match() const;       // share of sequences without an error; 0 of none
  double token_error_rate() const;  // edits over the tokens of the right sequences, which may be more than 1; 0 of none
  int64_t sequences() const { return sequences_; }
  int64_t tokens() const { return tokens_; }

 private:
  int64_t sequences_ = 0, right_ = 0;
  int64_t tokens_ = 0, errors_ = 0;
};

}  // namespace recur
