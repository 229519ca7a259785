// What training does so that groups are treated alike.
//
//   reweighing   an example of group g and label y counts P(g) P(y) / P(g, y), so that labels and groups are
//   independent
//                in the weighted data (Kamiran and Calders, "Data preprocessing techniques for classification without
//                discrimination", 2012)
//   balanced     every group is drawn equally often
//   group-dro    the groups with the largest loss count most: weights q of the groups, multiplied by exp(strength x
//                loss) each step (Sagawa, Koh, Hashimoto and Liang, "Distributionally robust neural networks for group
//                shifts", 2020, algorithm 1)
//   parity       the objective has strength x the sum of squared gaps between the mean probabilities of a group and
//                those of all
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/groups/grouping.h"
#include "recur/tasks/trained.h"
#include "recur/tensor/tensor.h"

namespace recur {

struct MitigationOptions {
  std::string kind = "none";
  std::optional<double> strength = {};
  std::vector<std::string> groups = {};
  std::string groups_file = {}, id_column = {};

  template <class Visitor>
  void visit(Visitor& v) {
    v("mitigate", kind,
      "Mitigation of differences between groups in training: reweighing (labels independent of groups), balanced (all "
      "groups drawn "
      "equally often), group-dro (the groups with the largest loss count most) or parity (penalty on gaps between the "
      "mean probabilities of groups)",
      OneOf{"none", "reweighing", "balanced", "group-dro", "parity"});
    v("mitigate_strength", strength,
      "group-dro: step size of the groups' weights, default 0.01; parity: weight of the penalty, default 1",
      Range{0, 1e6});
    v("groups", groups,
      "Columns whose values are the groups, such as sex,race; with several, each combination of values is a group");
    v("groups_file", groups_file, "Table with the groups of each record; default: the training data");
    v("groups_id_column", id_column, "Column of the ids in that table; inferred if not set");
  }
};

class Mitigation {
 public:
  Mitigation() = default;  // nothing is done

  // Of examples in `groups`, -1 being in none, with these labels, -1 being none. Throws Error for fewer than two
  // groups.
  Mitigation(const MitigationOptions& options, Grouping groups, std::vector<int32_t> labels);

  // [N] of each example in the loss, with mean 1; empty: all 1. Those in no group or without a label have 1.
  const std::vector<float>& weights() const { return weights_; }
  // Which examples a pass draws, some more than once; empty: each once.
  std::vector<int64_t> draws() const;

  // Whether the losses of examples count differently: else factors() are all 1, and there are no weights().
  bool weighs() const { return !weights_.empty() || !shares_.empty(); }
  // What the losses [B] of examples with the numbers `which` count beside `counts`, 0 for what is left out: [B] with a
  // sum of B. Of group-dro they follow the losses; else all are 1.
  std::vector<float> factors(std::span<const int32_t> which, std::span<const float> losses,
                             std::span<const float> counts);
  bool has_penalty() const { return kind_ == "parity"; }
  // [] of probabilities [B, K], to add to the objective; undefined where no example is in a group.
  Tensor penalty(const Tensor& probabilities, std::span<const int32_t> which) const;

  // Weights of the groups, of group-dro.
  void save_state(StateWriter& state) const;
  void load_state(const StateReader& state);

  // The groups, how large they are and what is done, in words; "" for nothing.
  std::string taken() const;

 private:
  int64_t count() const { return static_cast<int64_t>(grouping_.groups.size()); }

  std::string kind_ = "none";
  double strength_ = 0;
  Grouping grouping_;
  std::vector<int32_t> labels_;
  std::vector<float> weights_;
  std::vector<double> shares_;  // q, with sum 1
};

// What inspect says of how a model treats groups.
void add_treatment(Description& facts, const MitigationOptions& options,
                   const std::optional<GroupThresholds>& thresholds);

// The examples that these places of a pass are.
std::vector<int32_t> drawn(std::span<const int64_t> draws, std::span<const int32_t> places);

// As the options say. `names`: of all records of the data, of which training learns from `which`, with these `labels`.
// Notes are logged. Throws UsageError for options that do not fit each other.
Mitigation make_mitigation(const MitigationOptions& options, const DataFiles& data,
                           const std::vector<std::string>& names, std::span<const int64_t> which,
                           std::vector<int32_t> labels);

}  // namespace recur
