#include "recur/audit/counterfactual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/groups/positive_label.h"
#include "recur/tasks/kept_rows.h"

namespace recur {
namespace {

// A text with terms, and what swapping them does.
struct Moved {
  std::string id, before, after;  // the predictions as they are shown
  std::vector<int64_t> forward, backward;
  double shift = 0;
  bool changed = false;
  std::optional<double> difference = {};  // with the second terms less with the first

  bool has(int64_t pair) const {
    return std::ranges::binary_search(forward, pair) || std::ranges::binary_search(backward, pair);
  }
  // How many pairs it has terms of.
  int64_t pairs() const {
    const auto further = [&](int64_t pair) { return !std::ranges::binary_search(forward, pair); };
    return std::ssize(forward) + std::ranges::count_if(backward, further);
  }
};

std::vector<size_t> class_columns(const KeptRows& rows) {
  std::vector<size_t> out;
  for (size_t i = 0; i < rows.names().size(); ++i)
    if (rows.names()[i].starts_with("p.")) out.push_back(i);
  return out;
}

// The column whose movement has a direction: of the positive class, or the value.
std::optional<size_t> directed_column(const KeptRows& rows, const std::string& positive,
                                      std::vector<std::string>& notes) {
  if (const auto value = rows.find("value")) {
    if (!positive.empty()) fail_usage("positive: this model predicts values");
    return value;
  }
  std::vector<std::string> classes;
  for (const size_t i : class_columns(rows)) classes.push_back(rows.names()[i].substr(2));
  if (positive.empty() && classes.size() != 2) return {};
  const PositiveLabel label("the model", classes, positive);
  notes.push_back(fmt::format("positive: '{}'", label.name()));
  return rows.find("p." + label.name());
}

double shift_of(const std::vector<TableCell>& before, const std::vector<TableCell>& after,
                const std::vector<size_t>& classes, std::optional<size_t> directed) {
  if (classes.empty()) return std::abs(*number_of(after[*directed]) - *number_of(before[*directed]));
  double sum = 0;
  for (const size_t i : classes) sum += std::abs(*number_of(after[i]) - *number_of(before[i]));
  return sum / 2;
}

std::string shown(const std::vector<TableCell>& row, const KeptRows& rows, std::optional<size_t> directed) {
  const auto label = rows.find("label");
  if (directed && label) return fmt::format("{} ({:.4f})", text_of(row[*label]), *number_of(row[*directed]));
  if (label) return fmt::format("{} ({:.4f})", text_of(row[*label]), *number_of(row[*rows.find("probability")]));
  return fmt::format("{:.6g}", *number_of(row[*directed]));
}

// Of these texts, each as often as it is named.
std::vector<Metric> figures_of(const std::vector<Moved>& texts, std::span<const int64_t> which, bool has_classes) {
  double shift = 0, most = 0, changed = 0, difference = 0, directed = 0;
  for (const int64_t i : which) {
    const Moved& text = texts[static_cast<size_t>(i)];
    shift += text.shift;
    most = std::max(most, text.shift);
    changed += text.changed ? 1 : 0;
    difference += text.difference.value_or(0);
    directed += text.difference ? 1 : 0;
  }
  const auto count = static_cast<double>(which.size());
  if (which.empty()) return {};
  std::vector<Metric> out{{"mean_shift", shift / count}, {"largest_shift", most}};
  if (has_classes) out.push_back({"changed", changed / count});
  if (directed > 0) out.push_back({"mean_difference", difference / directed});
  return out;
}

void add_figures(Table& table, const std::string& name, const std::vector<Moved>& texts, bool has_classes,
                 const BootstrapOptions& options) {
  if (texts.empty()) return;
  const auto measure = [&](std::span<const int64_t> which) { return figures_of(texts, which, has_classes); };
  std::vector<int64_t> all(texts.size());
  std::iota(all.begin(), all.end(), int64_t{0});
  const Table intervals = options.samples > 0 ? bootstrap_intervals(std::ssize(texts), options, measure) : Table();
  for (const Metric& metric : measure(all)) {
    std::vector<TableCell> row{name, metric.name, metric.value, std::string(), std::string(), std::ssize(texts)};
    const auto has_name = [&](const auto& each) { return text_of(each[0]) == metric.name; };
    const auto found = std::ranges::find_if(intervals.rows, has_name);
    // Of the largest of a sample, the bootstrap knows no bounds.
    if (found != intervals.rows.end() && metric.name != "largest_shift") {
      row[3] = (*found)[2];
      row[4] = (*found)[3];
    }
    table.rows.push_back(std::move(row));
  }
}

std::string terms_of(const Moved& text, const TermPairs& pairs) {
  std::vector<std::string> names;
  for (const int64_t i : text.forward) {
    const TermPair& pair = pairs.pairs()[static_cast<size_t>(i)];
    names.push_back(pair.first + " -> " + pair.second);
  }
  for (const int64_t i : text.backward) {
    const TermPair& pair = pairs.pairs()[static_cast<size_t>(i)];
    names.push_back(pair.second + " -> " + pair.first);
  }
  return listed(names, 4);
}

Table furthest(std::vector<Moved> texts, const TermPairs& pairs, size_t most) {
  std::ranges::stable_sort(texts, std::ranges::greater(), &Moved::shift);
  texts.resize(std::min(texts.size(), most));
  Table out{.name = "texts", .columns = {"id", "terms", "prediction", "swapped", "shift"}, .rows = {}};
  for (const Moved& text : texts) {
    out.rows.push_back({text.id, terms_of(text, pairs), text.before, text.after, text.shift});
  }
  return out;
}

// The model on the texts as they are, and on those with terms swapped.
class SwapTest {
 public:
  SwapTest(const Trained& model, const DataFiles& data, const TermPairs& pairs)
      : model_(model), data_(data), pairs_(pairs) {
    model.predict_edited(
        data, [](const std::string& text) { return text; }, before_);
    classes_ = class_columns(before_);
    label_ = before_.find("label");
  }

  void choose(const std::string& positive, std::vector<std::string>& notes) {
    directed_ = directed_column(before_, positive, notes);
  }
  int64_t read() const { return std::ssize(before_.rows()); }
  bool has_classes() const { return label_.has_value(); }

  // The texts with terms, of all pairs at once or of the pair `only` alone.
  std::vector<Moved> moved(std::optional<int64_t> only) const {
    std::vector<SwappedText> swapped;
    KeptRows after;
    model_.predict_edited(
        data_,
        [&](const std::string& text) {
          swapped.push_back(pairs_.swap(text, only));
          return swapped.back().text;
        },
        after);
    std::vector<Moved> out;
    for (size_t i = 0; i < swapped.size(); ++i) {
      if (swapped[i].changed()) out.push_back(of(swapped[i], before_.rows()[i], after.rows()[i]));
    }
    return out;
  }

 private:
  using Row = std::vector<TableCell>;

  Moved of(const SwappedText& swapped, const Row& p, const Row& q) const {
    Moved text{.id = text_of(p[0]),
               .before = shown(p, before_, directed_),
               .after = shown(q, before_, directed_),
               .forward = swapped.forward,
               .backward = swapped.backward};
    text.shift = shift_of(p, q, classes_, directed_);
    text.changed = label_ && text_of(p[*label_]) != text_of(q[*label_]);
    if (directed_ && text.forward.empty() != text.backward.empty()) {
      const double change = *number_of(q[*directed_]) - *number_of(p[*directed_]);
      text.difference = text.backward.empty() ? change : -change;
    }
    return text;
  }

  const Trained& model_;
  const DataFiles& data_;
  const TermPairs& pairs_;
  KeptRows before_;
  std::vector<size_t> classes_;
  std::optional<size_t> label_, directed_;
};

// The texts with terms of pair k. A text that has terms of other pairs, too, is read once more, with those as they are,
// so that no shift of others is counted here.
std::vector<Moved> moved_by(const SwapTest& test, const std::vector<Moved>& by_all, int64_t k) {
  std::vector<Moved> out;
  std::ranges::copy_if(by_all, std::back_inserter(out), [&](const Moved& text) { return text.has(k); });
  const bool alone = std::ranges::all_of(out, [&](const Moved& text) { return text.pairs() == 1; });
  return alone ? out : test.moved(k);
}

}  // namespace

Counterfactual swap_terms(const Trained& model, const DataFiles& data, const TermPairs& pairs,
                          const CounterfactualOptions& options) {
  Counterfactual out;
  SwapTest test(model, data, pairs);
  test.choose(options.positive, out.notes);
  const std::vector<Moved> moved = test.moved({});
  out.read = test.read();
  if (moved.empty()) fail("swap: none of {} texts has one of the terms", out.read);
  out.with_terms = std::ssize(moved);
  out.figures = {.name = "figures", .columns = {"pair", "measure", "value", "low", "high", "texts"}, .rows = {}};
  add_figures(out.figures, "all", moved, test.has_classes(), options.bootstrap);
  std::vector<std::string> unused;
  for (size_t k = 0; k < pairs.pairs().size(); ++k) {
    const std::vector<Moved> with = moved_by(test, moved, static_cast<int64_t>(k));
    if (with.empty()) unused.push_back(pairs.pairs()[k].name());
    add_figures(out.figures, pairs.pairs()[k].name(), with, test.has_classes(), options.bootstrap);
  }
  if (!unused.empty()) out.notes.push_back(fmt::format("no text has a term of {}", listed(unused, 10)));
  out.texts = furthest(moved, pairs, options.most_texts);
  return out;
}

}  // namespace recur
