#include "recur/tasks/synthesize/handwriting/move_density.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

double log_sum(const std::vector<double>& logs) {
  const double most = std::ranges::max(logs);
  double sum = 0;
  for (const double x : logs) sum += std::exp(x - most);
  return most + std::log(sum);
}

// Sums of moves, each of a weight.
struct Moments {
  double weight = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;

  void add(const PenMove& move, double by) {
    const double dx = move.x, dy = move.y;
    weight += by;
    x += by * dx;
    y += by * dy;
    xx += by * dx * dx;
    xy += by * dx * dy;
    yy += by * dy * dy;
  }
  MoveDensity::Part part(double all, double least) const {
    const double mx = x / weight, my = y / weight;
    return {.weight = weight / all,
            .x = mx,
            .y = my,
            .xx = std::max(xx / weight - mx * mx, 0.0) + least,
            .xy = xy / weight - mx * my,
            .yy = std::max(yy / weight - my * my, 0.0) + least};
  }
};

}  // namespace

MoveDensity MoveDensity::fit(std::span<const PenMove> moves, int64_t parts) {
  constexpr int kRounds = 30;
  constexpr double kLeastShare = 1e-4, kLeastWeight = 1e-6;
  const auto count = static_cast<double>(moves.size());
  Moments all;
  double lifts = 0;
  for (const PenMove& move : moves) {
    all.add(move, 1);
    lifts += move.lifts ? 1 : 0;
  }
  const Part whole = all.part(count, 0);
  const double least = kLeastShare * (whole.xx + whole.yy) / 2 + 1e-12;
  MoveDensity out;
  out.lifts_ = (lifts + 0.5) / (count + 1);
  out.parts_ = {all.part(count, least)};
  if (parts < 2) return out;
  const Part first = out.parts_.front();
  out.parts_.assign(static_cast<size_t>(parts), first);
  for (size_t k = 0; k < out.parts_.size(); ++k) {
    const PenMove& move = moves[k * moves.size() / out.parts_.size()];
    out.parts_[k] = {1 / static_cast<double>(parts), move.x, move.y, first.xx, first.xy, first.yy};
  }
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Moments> shares(out.parts_.size());
    for (const PenMove& move : moves) {
      const std::vector<double> logs = out.log_densities(move);
      const double sum = log_sum(logs);
      for (size_t k = 0; k < logs.size(); ++k) shares[k].add(move, std::exp(logs[k] - sum));
    }
    for (size_t k = 0; k < shares.size(); ++k) {
      if (shares[k].weight > kLeastWeight * count) out.parts_[k] = shares[k].part(count, least);
    }
  }
  return out;
}

std::vector<double> MoveDensity::log_densities(const PenMove& move) const {
  std::vector<double> out;
  for (const Part& p : parts_) {
    const double dx = move.x - p.x, dy = move.y - p.y, determinant = p.xx * p.yy - p.xy * p.xy;
    const double distance = (p.yy * dx * dx - 2 * p.xy * dx * dy + p.xx * dy * dy) / determinant;
    out.push_back(std::log(p.weight) - distance / 2 - std::log(2 * std::numbers::pi) - std::log(determinant) / 2);
  }
  return out;
}

double MoveDensity::loss(const PenMove& move) const {
  return -log_sum(log_densities(move)) - std::log(move.lifts ? lifts_ : 1 - lifts_);
}

std::string MoveDensity::text() const {
  Json parts = Json::array();
  for (const Part& p : parts_) parts.push_back(Json::array({p.weight, p.x, p.y, p.xx, p.xy, p.yy}));
  return Json{{"lifts", lifts_}, {"parts", parts}}.dump();
}

MoveDensity MoveDensity::read(std::string_view text) {
  constexpr size_t kMostParts = 1 << 12;
  const auto json = parse_json(text, 4);
  if (!json) fail("expected a JSON object");
  MoveDensity out;
  try {
    out.lifts_ = json->at("lifts").get<double>();
    for (const Json& row : json->at("parts")) {
      const auto v = row.get<std::vector<double>>();
      if (v.size() != 6) fail("parts: expected rows of 6 numbers, got {}", v.size());
      out.parts_.push_back({v[0], v[1], v[2], v[3], v[4], v[5]});
    }
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
  if (!(out.lifts_ > 0 && out.lifts_ < 1)) fail("lifts: expected a share between 0 and 1, got {}", out.lifts_);
  if (out.parts_.empty() || out.parts_.size() > kMostParts) {
    fail("parts: expected 1 .. {}, got {}", kMostParts, out.parts_.size());
  }
  for (const Part& p : out.parts_) {
    const bool proper = p.weight > 0 && p.weight <= 1 && p.xx > 0 && p.yy > 0 && p.xx * p.yy > p.xy * p.xy;
    if (!proper || !std::isfinite(p.x + p.y + p.xx + p.yy)) fail("parts: expected the covariance of a plane");
  }
  return out;
}

}  // namespace recur
