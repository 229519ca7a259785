#include "recur/tasks/metrics/token_errors.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace recur {

int64_t edit_distance(std::span<const std::string_view> a, std::span<const std::string_view> b) {
  // row[j]: the distance of the first tokens of `a`, as many as were passed, and the first j of `b`.
  std::vector<int64_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), int64_t{0});
  for (const std::string_view token : a) {
    int64_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const int64_t same = diagonal + (token == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({same, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

void TokenErrorMeter::add(std::span<const std::string_view> predicted, std::span<const std::string_view> actual) {
  const int64_t errors = edit_distance(predicted, actual);
  ++sequences_;
  right_ += errors == 0 ? 1 : 0;
  tokens_ += std::ssize(actual);
  errors_ += errors;
}

double TokenErrorMeter::exact_match() const {
  return sequences_ == 0 ? 0 : static_cast<double>(right_) / static_cast<double>(sequences_);
}

double TokenErrorMeter::token_error_rate() const {
  return tokens_ == 0 ? 0 : static_cast<double>(errors_) / static_cast<double>(tokens_);
}

}  // namespace recur
