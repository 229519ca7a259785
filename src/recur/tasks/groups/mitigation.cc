#include "recur/tasks/groups/mitigation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/matmul.h"
#include "recur/ops/sum.h"
#include "recur/tasks/groups/read_groups.h"

namespace recur {
namespace {

constexpr double kDroStep = 0.01, kPenalty = 1;

double usual_strength(const std::string& kind) { return kind == "group-dro" ? kDroStep : kPenalty; }

// P(g) P(y) / P(g, y) of each example with both.
std::vector<float> independence_weights(const Grouping& grouping, std::span<const int32_t> labels) {
  std::map<int32_t, double> of_group, of_label;
  std::map<std::pair<int32_t, int32_t>, double> of_both;
  double all = 0;
  const auto known = [&](size_t i) { return grouping.group_of[i] >= 0 && labels[i] >= 0; };
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!known(i)) continue;
    ++of_group[grouping.group_of[i]];
    ++of_label[labels[i]];
    ++of_both[{grouping.group_of[i], labels[i]}];
    ++all;
  }
  std::vector<float> weights(labels.size(), 1.0f);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!known(i)) continue;
    const int32_t g = grouping.group_of[i], y = labels[i];
    weights[i] = static_cast<float>(of_group[g] * of_label[y] / (all * of_both[{g, y}]));
  }
  return weights;
}

std::vector<int64_t> sizes_of(const Grouping& grouping) {
  std::vector<int64_t> sizes(grouping.groups.size(), 0);
  for (const int32_t g : grouping.group_of)
    if (g >= 0) ++sizes[static_cast<size_t>(g)];
  return sizes;
}

}  // namespace

Mitigation::Mitigation(const MitigationOptions& options, Grouping groups, std::vector<int32_t> labels)
    : kind_(options.kind),
      strength_(options.strength.value_or(usual_strength(options.kind))),
      grouping_(std::move(groups)),
      labels_(std::move(labels)) {
  if (count() < 2) {
    fail("groups: expected two groups of {} or more in the training data, got {}", grouping_.name, count());
  }
  if (kind_ == "reweighing") weights_ = independence_weights(grouping_, labels_);
  if (kind_ == "group-dro") shares_.assign(static_cast<size_t>(count()), 1 / static_cast<double>(count()));
}

std::vector<int64_t> Mitigation::draws() const {
  if (kind_ != "balanced") return {};
  const std::vector<int64_t> sizes = sizes_of(grouping_);
  const int64_t largest = std::ranges::max(sizes);
  std::vector<int64_t> draws(grouping_.group_of.size());
  std::iota(draws.begin(), draws.end(), 0);
  // Each group again and again from its first example on, until there are as many as of the largest.
  for (size_t g = 0; g < sizes.size(); ++g) {
    std::vector<int64_t> members;
    for (size_t i = 0; i < grouping_.group_of.size(); ++i)
      if (grouping_.group_of[i] == static_cast<int32_t>(g)) members.push_back(static_cast<int64_t>(i));
    for (int64_t k = 0; k < largest - sizes[g]; ++k) draws.push_back(members[static_cast<size_t>(k % sizes[g])]);
  }
  return draws;
}

std::vector<float> Mitigation::factors(std::span<const int32_t> which, std::span<const float> losses,
                                       std::span<const float> counts) {
  std::vector<float> factors(which.size(), 1.0f);
  if (kind_ != "group-dro") return factors;
  std::vector<double> loss(shares_.size(), 0), seen(shares_.size(), 0);
  double of_groups = 0;
  for (size_t b = 0; b < which.size(); ++b) {
    const int32_t g = grouping_.group_of[static_cast<size_t>(which[b])];
    if (g < 0 || counts[b] == 0) continue;
    loss[static_cast<size_t>(g)] += static_cast<double>(counts[b]) * static_cast<double>(losses[b]);
    seen[static_cast<size_t>(g)] += static_cast<double>(counts[b]);
    of_groups += static_cast<double>(counts[b]);
  }
  double sum = 0;
  for (size_t g = 0; g < shares_.size(); ++g) {
    if (seen[g] > 0) shares_[g] *= std::exp(strength_ * loss[g] / seen[g]);
    sum += shares_[g];
  }
  for (double& share : shares_) share /= sum;
  for (size_t b = 0; b < which.size(); ++b) {
    const int32_t g = grouping_.group_of[static_cast<size_t>(which[b])];
    if (g >= 0 && counts[b] != 0) {
      factors[b] = static_cast<float>(shares_[static_cast<size_t>(g)] * of_groups / seen[static_cast<size_t>(g)]);
    }
  }
  return factors;
}

Tensor Mitigation::penalty(const Tensor& probabilities, std::span<const int32_t> which) const {
  const int64_t B = std::ssize(which), G = count();
  std::vector<double> seen(static_cast<size_t>(G), 0);
  double all = 0;
  for (const int32_t i : which) {
    const int32_t g = grouping_.group_of[static_cast<size_t>(i)];
    if (g < 0) continue;
    ++seen[static_cast<size_t>(g)];
    ++all;
  }
  if (all == 0) return {};
  // Of the probabilities the mean of each group that is there, less the mean of all.
  std::vector<float> gap(static_cast<size_t>(G * B), 0.0f);
  for (int64_t g = 0; g < G; ++g) {
    if (seen[static_cast<size_t>(g)] == 0) continue;
    for (int64_t b = 0; b < B; ++b) {
      const int32_t own = grouping_.group_of[static_cast<size_t>(which[static_cast<size_t>(b)])];
      if (own < 0) continue;
      const double mean = own == g ? 1 / seen[static_cast<size_t>(g)] : 0;
      gap[static_cast<size_t>(g * B + b)] = static_cast<float>(mean - 1 / all);
    }
  }
  const Tensor gaps = matmul(cast(Tensor::from(gap, {G, B}), probabilities.dtype()), probabilities);
  return sum(gaps * gaps) * strength_;
}

void Mitigation::save_state(StateWriter& state) const {
  if (kind_ == "group-dro") state.reals("task.group_shares", shares_);
}

void Mitigation::load_state(const StateReader& state) {
  if (kind_ != "group-dro") return;
  std::vector<double> shares = state.reals("task.group_shares");
  if (shares.size() != shares_.size()) {
    fail("task.group_shares: expected {} groups, got {}", shares_.size(), shares.size());
  }
  shares_ = std::move(shares);
}

std::string Mitigation::taken() const {
  if (kind_ == "none") return "";
  const std::vector<int64_t> sizes = sizes_of(grouping_);
  std::string text = fmt::format("{} by {}:", kind_, grouping_.name);
  for (size_t g = 0; g < sizes.size(); ++g) {
    text += fmt::format("{} {} ({})", g == 0 ? "" : ",", grouping_.groups[g], sizes[g]);
  }
  const int64_t none = std::ssize(grouping_.group_of) - std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
  if (none > 0) text += fmt::format("; {} in no group", none);
  return text;
}

void add_treatment(Description& facts, const MitigationOptions& options,
                   const std::optional<GroupThresholds>& thresholds) {
  if (options.kind != "none") {
    facts.push_back({"mitigation", fmt::format("{} by {}", options.kind, fmt::join(options.groups, ", "))});
  }
  if (!thresholds) return;
  facts.push_back({"thresholds",
                   fmt::format("of '{}' by {}, with equal odds: true positive rate {:.4f}, false positive rate {:.4f}",
                               thresholds->positive, fmt::join(thresholds->columns, ", "),
                               thresholds->true_positive_rate, thresholds->false_positive_rate)});
}

std::vector<int32_t> drawn(std::span<const int64_t> draws, std::span<const int32_t> places) {
  std::vector<int32_t> which(places.begin(), places.end());
  if (draws.empty()) return which;
  for (int32_t& i : which) i = static_cast<int32_t>(draws[static_cast<size_t>(i)]);
  return which;
}

Mitigation make_mitigation(const MitigationOptions& options, const DataFiles& data,
                           const std::vector<std::string>& names, std::span<const int64_t> which,
                           std::vector<int32_t> labels) {
  if (options.kind == "none") {
    if (!options.groups.empty()) fail_usage("groups: expected together with mitigate, got none");
    return {};
  }
  if (options.groups.empty())
    fail_usage("mitigate: expected groups, the columns whose values are the groups, got none");
  if (options.strength && options.kind != "group-dro" && options.kind != "parity") {
    fail_usage("mitigate_strength: expected mitigate = group-dro or parity, got {}", options.kind);
  }
  if (options.groups_file.empty() && data.size() != 1) {
    fail_usage("mitigate: with {} data files, set groups_file to the table that has the groups", data.size());
  }
  const DataFile table = options.groups_file.empty() ? data[0] : DataFile(options.groups_file);
  ReadGroups read = read_groups(table, {.columns = options.groups, .id = options.id_column}, names);
  for (const std::string& note : read.notes) log_info("{}", note);
  const Grouping grouping = read.groupings.size() == 1 ? std::move(read.groupings[0]) : intersection(read.groupings);
  std::vector<std::string> cells;
  for (const int64_t i : which) {
    const int32_t g = grouping.group_of[static_cast<size_t>(i)];
    cells.push_back(g < 0 ? "" : grouping.groups[static_cast<size_t>(g)]);
  }
  Mitigation mitigation(options, group_by(grouping.name, cells), std::move(labels));
  log_info("mitigation: {}", mitigation.taken());
  return mitigation;
}

}  // namespace recur
