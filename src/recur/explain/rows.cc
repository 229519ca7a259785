#include "recur/explain/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace recur {
namespace {

bool is_text(const ReadRecord& read) { return !read.tokens.empty(); }

TableCell step_cell(const ReadRecord& read, const Part& part) {
  if (part.step < 0) return std::string();
  return read.number(part.step);
}

// The tokens of the part, or the name of its channel.
std::string what(const ReadRecord& read, const Part& part) {
  if (!is_text(read)) return part.channel < 0 ? "" : read.channels[static_cast<size_t>(part.channel)];
  std::string out;
  for (int64_t t = std::max<int64_t>(part.step, 0); part.step >= 0 && t < part.step + part.steps; ++t) {
    out += read.tokens[static_cast<size_t>(t)];
  }
  return out;
}

}  // namespace

std::vector<std::string> attribution_columns(bool text, bool intervals) {
  std::vector<std::string> out{"id", "step", text ? "token" : "channel", "attribution"};
  if (intervals) out.insert(out.end(), {"low", "high"});
  return out;
}

std::vector<std::vector<TableCell>> attribution_rows(const ReadRecord& read, const Attribution& attribution,
                                                     bool intervals) {
  std::vector<std::vector<TableCell>> out;
  for (size_t i = 0; i < attribution.parts.size(); ++i) {
    const Part& part = attribution.parts[i];
    std::vector<TableCell> row{read.id, step_cell(read, part), what(read, part), attribution.values[i]};
    if (intervals && !attribution.low.empty()) {
      row.insert(row.end(), {attribution.low[i], attribution.high[i]});
    } else if (intervals) {
      row.insert(row.end(), {attribution.values[i], attribution.values[i]});
    }
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<size_t> largest_parts(const Attribution& attribution, size_t most) {
  std::vector<size_t> order(attribution.values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return std::abs(attribution.values[i]); });
  if (order.size() > most) order.resize(most);
  return order;
}

std::string part_text(const ReadRecord& read, const Part& part) {
  std::string name = what(read, part);
  if (part.step < 0) return name;
  std::string step = fmt::format("step {}", read.number(part.step));
  if (part.steps > 1) {
    step = fmt::format("steps {}-{}", read.number(part.step), read.number(part.step + part.steps - 1));
  }
  if (name.empty()) return step;
  return is_text(read) ? fmt::format("{} '{}'", step, name) : fmt::format("{}, {}", step, name);
}

Json attribution_json(const ReadRecord& read, const Attribution& attribution) {
  Json parts = Json::array();
  for (size_t i = 0; i < attribution.parts.size(); ++i) {
    const Part& part = attribution.parts[i];
    Json one = Json::object();
    if (part.step >= 0) one.add("step", read.number(part.step));
    if (part.steps > 1 && part.step >= 0) one.add("steps", part.steps);
    if (const std::string name = what(read, part); !name.empty()) one.add(is_text(read) ? "token" : "channel", name);
    one.add("attribution", attribution.values[i]);
    if (!attribution.low.empty()) {
      one.add("low", attribution.low[i]);
      one.add("high", attribution.high[i]);
    }
    parts.push_back(std::move(one));
  }
  Json out{{"id", read.id},
           {"target", read.target},
           {"scale", read.scale},
           {"score", attribution.score},
           {"baseline_score", attribution.baseline_score}};
  if (attribution.residual) out.add("residual", *attribution.residual);
  out.add("evaluations", attribution.evaluations);
  if (!attribution.note.empty()) out.add("note", attribution.note);
  out.add("parts", std::move(parts));
  return out;
}

}  // namespace recur
