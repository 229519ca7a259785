#include "recur/explain/model_tables.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/explain/gates.h"
#include "recur/explain/neighbours.h"
#include "recur/explain/states.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

// Calls visit(record) for each.
template <class Visit>
void for_each_record(const ExplainedRecords& records, const Visit& visit) {
  for (const int64_t i : records.which) {
    check_stop();
    visit(*records.data.record(i, records.target));
  }
}

double fisher(double correlation) { return std::atanh(std::clamp(correlation, -0.999999, 0.999999)); }

std::string tokens_of(const ReadRecord& read, const StepRun& run) {
  std::string out;
  for (int64_t t = run.first; t <= run.last && t < std::ssize(read.tokens); ++t) {
    out += (t > run.first ? " " : "") + read.tokens[static_cast<size_t>(t)];
  }
  return out;
}

}  // namespace

Table state_table(const ExplainedRecords& records) {
  Table table{.name = "states", .columns = {"id", "layer", "state", "step", "unit", "value"}, .rows = {}};
  for_each_record(records, [&](const Explainable& record) {
    for (const StateTrace& trace : trace_states(record)) {
      for (int64_t t = 0; t < trace.steps; ++t) {
        for (int64_t unit = 0; unit < trace.units; ++unit) {
          table.rows.push_back(
              {record.read().id, trace.layer, trace.state, record.read().number(t), unit + 1, trace.at(t, unit)});
        }
      }
    }
  });
  return table;
}

Table correlation_table(const ExplainedRecords& records, const StateChoice& choice, int64_t most) {
  std::vector<double> sums;
  std::vector<std::string> channels;
  std::string layer;
  int64_t count = 0;
  for_each_record(records, [&](const Explainable& record) {
    const auto traces = trace_states(record);
    const StateTrace& trace = find_state(traces, choice.layer, choice.state);
    const std::vector<double> own = channel_correlations(trace, record.read());
    sums.resize(own.size(), 0);
    for (size_t i = 0; i < own.size(); ++i) sums[i] += fisher(own[i]);
    channels = record.read().channels;
    layer = trace.layer;
    ++count;
  });
  std::vector<size_t> order;
  for (size_t i = 0; i < sums.size(); ++i) order.push_back(i);
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return std::abs(sums[i]); });
  Table table{.name = "correlations of " + layer, .columns = {"unit", "channel", "correlation"}, .rows = {}};
  for (const size_t i : order) {
    if (std::ssize(table.rows) == most) break;
    const auto unit = static_cast<int64_t>(i / channels.size()) + 1;
    table.rows.push_back({unit, channels[i % channels.size()], std::tanh(sums[i] / static_cast<double>(count))});
  }
  return table;
}

Table unit_run_table(const ExplainedRecords& records, const StateChoice& choice) {
  struct Found {
    std::string id, tokens;
    StepRun run;
  };
  std::vector<Found> found;
  bool text = false;
  for_each_record(records, [&](const Explainable& record) {
    const auto traces = trace_states(record);
    const StateTrace& trace = find_state(traces, choice.layer, choice.state);
    const ReadRecord& read = record.read();
    text = text || !read.tokens.empty();
    for (const StepRun& run : runs_where_on(trace, choice.units, choice.threshold)) {
      const StepRun named{.first = read.number(run.first), .last = read.number(run.last)};
      found.push_back({read.id, tokens_of(read, run), named});
    }
  });
  std::ranges::stable_sort(found, std::greater(), [](const Found& f) { return f.run.last - f.run.first; });
  Table table{.name = "steps where the units are on", .columns = {"id", "first", "last", "steps"}, .rows = {}};
  if (text) table.columns.emplace_back("tokens");
  for (const Found& each : found) {
    std::vector<TableCell> row{each.id, each.run.first, each.run.last, each.run.last - each.run.first + 1};
    if (text) row.emplace_back(each.tokens);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table gate_table(const ExplainedRecords& records) {
  std::vector<GateStatistics> sums;
  double count = 0;
  for_each_record(records, [&](const Explainable& record) {
    const std::vector<GateStatistics> own = gate_statistics(record);
    ++count;
    if (sums.empty()) {
      sums = own;
      return;
    }
    for (size_t g = 0; g < sums.size(); ++g) {
      sums[g].mean += own[g].mean;
      sums[g].closed += own[g].closed;
      sums[g].open += own[g].open;
    }
  });
  Table table{.name = "gates", .columns = {"layer", "gate", "mean", "closed", "open"}, .rows = {}};
  for (const GateStatistics& each : sums) {
    table.rows.push_back({each.layer, each.gate, each.mean / count, each.closed / count, each.open / count});
  }
  return table;
}

MemoryTable memory_table(const ExplainedRecords& records) {
  constexpr double kHalf = 0.5, kMost = 0.9;
  std::vector<MemoryCurve> curves;
  for_each_record(records, [&](const Explainable& record) { curves.push_back(memory_of(record)); });
  const MemoryCurve curve = mean_curve(curves);
  MemoryTable out{.table = {.name = "memory", .columns = {"steps_back", "share", "up_to"}, .rows = {}},
                  .steps_of_half = curve.steps_of(kHalf),
                  .steps_of_most = curve.steps_of(kMost)};
  double sum = 0;
  for (size_t k = 0; k < curve.norms.size(); ++k) {
    sum += curve.norms[k];
    out.table.rows.push_back({static_cast<int64_t>(k), curve.norms[k], sum});
  }
  return out;
}

Table attention_table(const ExplainedRecords& records) {
  Table table{.name = "attention", .columns = {"id", "output", "step", "token", "weight"}, .rows = {}};
  for_each_record(records, [&](const Explainable& record) {
    const autograd::NoGrad no_grad;
    const ReadRecord& read = record.read();
    const AttentionMap map = record.attention(reshape(read.x, {read.steps(), 1, read.features()}));
    if (!map.weights.defined()) fail_usage("attention: this model has no attention");
    const Tensor plain = map.weights.clone(DType::kF64);
    const int64_t steps = plain.size(1);
    for (int64_t q = 0; q < plain.size(0); ++q) {
      for (int64_t s = 0; s < steps; ++s) {
        const bool named = std::ssize(read.tokens) == steps;
        table.rows.push_back({read.id, map.queries[static_cast<size_t>(q)], s + 1,
                              named ? read.tokens[static_cast<size_t>(s)] : "",
                              plain.values<double>()[static_cast<size_t>(q * steps + s)]});
      }
    }
  });
  return table;
}

Table neighbour_table(const ExplainedRecords& records, const ExplainableData& others, int64_t count) {
  std::vector<std::vector<double>> states;
  for (int64_t i = 0; i < others.size(); ++i) {
    check_stop();
    states.push_back(others.steps(i) > 0 ? end_state(trace_states(*others.record(i, records.target)))
                                         : std::vector<double>());
  }
  std::vector<int64_t> known;
  std::vector<std::vector<double>> of_known;
  for (size_t i = 0; i < states.size(); ++i) {
    if (states[i].empty()) continue;
    known.push_back(static_cast<int64_t>(i));
    of_known.push_back(std::move(states[i]));
  }
  Table table{.name = "neighbours", .columns = {"id", "rank", "neighbour", "distance"}, .rows = {}};
  for_each_record(records, [&](const Explainable& record) {
    const std::vector<double> own = end_state(trace_states(record));
    int64_t rank = 0;
    for (const Neighbour& each : nearest(own, of_known, count)) {
      table.rows.push_back(
          {record.read().id, ++rank, others.id(known[static_cast<size_t>(each.record)]), each.distance});
    }
  });
  return table;
}

}  // namespace recur
