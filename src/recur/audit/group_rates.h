// How often decisions about a group of records are positive, and how often they are right.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "recur/audit/decisions.h"

namespace recur {

// Rates in [0, 1]. What has no records to be measured on is undefined, not 0.
struct GroupRates {
  using Rate = std::optional<double>;

  int64_t records = 0;
  int64_t known = 0;  // with a decision and a truth: all rates but selection rate and loss are theirs

  Rate base_rate = {};            // share that is positive in truth
  Rate selection_rate = {};       // share with the positive decision
  Rate true_positive_rate = {};   // of those positive in truth, the share that was found (recall)
  Rate false_positive_rate = {};  // of those negative in truth, the share that was taken for positive
  Rate true_negative_rate = {};
  Rate false_negative_rate = {};
  Rate precision = {};  // of those with the positive decision, the share that is positive (predictive value)
  Rate accuracy = {};
  // Of records with a score.
  Rate auc = {};  // probability that a positive has the higher score than a negative, ties counting half
  // Of scores that are probabilities p of the positive answer y.
  Rate calibration_error = {};  // |mean p - mean y| of ten bins of equal width, weighted by their records
  Rate brier = {};              // mean of (p - y)^2
  Rate log_loss = {};           // mean of -ln of the probability of the truth, which is held to 1e-15 at least
  Rate loss = {};               // mean loss of the model
};

struct RateKind {
  std::string_view name;
  GroupRates::Rate GroupRates::*value;
};
// All rates, in the order to show them.
inline constexpr std::array<RateKind, 13> kRates{{
    {"base_rate", &GroupRates::base_rate},
    {"selection_rate", &GroupRates::selection_rate},
    {"true_positive_rate", &GroupRates::true_positive_rate},
    {"false_positive_rate", &GroupRates::false_positive_rate},
    {"true_negative_rate", &GroupRates::true_negative_rate},
    {"false_negative_rate", &GroupRates::false_negative_rate},
    {"precision", &GroupRates::precision},
    {"accuracy", &GroupRates::accuracy},
    {"auc", &GroupRates::auc},
    {"calibration_error", &GroupRates::calibration_error},
    {"brier", &GroupRates::brier},
    {"log_loss", &GroupRates::log_loss},
    {"loss", &GroupRates::loss},
}};

// Of the records with these numbers, each as often as it is named.
GroupRates rates_of(const Decisions& decisions, std::span<const int64_t> which);

}  // namespace recur
