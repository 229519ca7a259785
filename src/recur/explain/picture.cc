#include "recur/explain/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "recur/plot/svg.h"

namespace recur {
namespace {

// Pixels.
constexpr double kLeft = 130, kWidth = 760, kRight = 56, kHead = 52, kGap = 26;
constexpr double kSeries = 46, kCell = 14, kLine = 30, kFoot = 24;
constexpr int64_t kMostLines = 12, kMostRows = 40;  // channels that are drawn; of more, those that move the score most

std::string shortened_label(const std::string& name) {
  constexpr size_t kMost = 18;
  if (name.size() <= kMost) return name;
  size_t end = kMost - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "…";
}

// Values as a map [T, C], those of all steps of a channel, or of all channels of a step, being spread out evenly.
std::vector<double> spread(const ReadRecord& read, const Attribution& attribution) {
  const auto channels = static_cast<int64_t>(read.channels.size());
  std::vector<double> out(static_cast<size_t>(read.steps() * channels), 0);
  for (size_t i = 0; i < attribution.parts.size(); ++i) {
    const Part& part = attribution.parts[i];
    const int64_t first = std::max<int64_t>(part.step, 0), steps = part.step < 0 ? read.steps() : part.steps;
    const int64_t from = std::max<int64_t>(part.channel, 0), to = part.channel < 0 ? channels : part.channel + 1;
    const double share = attribution.values[i] / static_cast<double>(steps * (to - from));
    for (int64_t t = first; t < first + steps; ++t) {
      for (int64_t c = from; c < to; ++c) out[static_cast<size_t>(t * channels + c)] += share;
    }
  }
  return out;
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double each : values) most = std::max(most, std::abs(each));
  return most > 0 ? most : 1;
}

// The channels to draw, in their order.
std::vector<int64_t> chosen_channels(const std::vector<double>& map, int64_t channels, int64_t most) {
  std::vector<double> sizes(static_cast<size_t>(channels), 0);
  for (size_t at = 0; at < map.size(); ++at) sizes[at % sizes.size()] += std::abs(map[at]);
  std::vector<int64_t> order;
  for (int64_t c = 0; c < channels; ++c) order.push_back(c);
  std::ranges::stable_sort(order, std::greater(), [&](int64_t c) { return sizes[static_cast<size_t>(c)]; });
  if (std::ssize(order) > most) order.resize(static_cast<size_t>(most));
  std::ranges::sort(order);
  return order;
}

class RecordDrawing {
 public:
  RecordDrawing(const Explained& explained, double top, SvgDrawing& out)
      : read_(explained.read), attribution_(explained.attribution), out_(out), y_(top) {}

  // Where the next one begins.
  double draw() {
    const std::string title = fmt::format("{}: {}", read_.id, read_.target);
    out_.text(20, y_ + 18, title, "start", "font-weight=\"600\" font-size=\"14\"");
    const double change = attribution_.score - attribution_.baseline_score;
    out_.text(20, y_ + 36,
              fmt::format("{} {:.4g}; baseline {:.4g}; difference {:+.4g}", read_.scale, attribution_.score,
                          attribution_.baseline_score, change));
    y_ += kHead;
    map_ = spread(read_, attribution_);
    most_ = largest(map_);
    read_.tokens.empty() ? draw_series() : draw_tokens();
    return y_ + kGap;
  }

 private:
  void draw_tokens() {
    double x = 20;
    for (int64_t t = 0; t < read_.steps(); ++t) {
      std::string token = read_.tokens[static_cast<size_t>(t)];
      if (token == "\n") token = "⏎";
      if (token == " ") token = "␣";
      const double share = map_[static_cast<size_t>(t)] / most_, width = text_width(token) * 14 / 12 + 8;
      if (x + width > kLeft + kWidth) {
        x = 20;
        y_ += kLine;
      }
      out_.rect(x, y_, width, 22, diverging_colour(share),
                fmt::format("{}: {:+.4g}", token, map_[static_cast<size_t>(t)]));
      out_.text(x + 4, y_ + 16, token, "start",
                is_dark(share) ? "font-size=\"14\" fill=\"#ffffff\"" : "font-size=\"14\"");
      x += width + 2;
    }
    y_ += kLine;
    draw_key(20);
  }

  int64_t channels() const { return std::ssize(read_.channels); }
  // The width that the record has beside what follows it.
  double x_of(double step) const {
    const auto all = static_cast<double>(read_.steps() + std::ssize(read_.shown_after));
    return kLeft + kWidth * step / all;
  }

  void draw_series() {
    for (const int64_t c : chosen_channels(map_, channels(), kMostLines)) draw_line(c);
    y_ += 6;
    const std::vector<int64_t> rows = chosen_channels(map_, channels(), kMostRows);
    for (const int64_t c : rows) draw_row(c);
    if (std::ssize(rows) < channels()) {
      out_.text(kLeft, y_ + 14, fmt::format("{} of {} channels", rows.size(), channels()));
      y_ += 18;
    }
    draw_steps();
    draw_key(kLeft);
  }

  // The values of a channel, where there are any.
  void draw_line(int64_t c) {
    std::vector<double> xs, values;
    double low = INFINITY, high = -INFINITY;
    const auto add = [&](double step, float value) {
      xs.push_back(x_of(step + 0.5));
      values.push_back(double{value});
      if (!std::isfinite(value)) return;
      low = std::min(low, double{value});
      high = std::max(high, double{value});
    };
    for (int64_t t = 0; t < read_.steps() && !read_.shown.empty(); ++t) {
      add(static_cast<double>(t), read_.shown[static_cast<size_t>(t * channels() + c)]);
    }
    const size_t before = xs.size();
    for (size_t h = 0; c == 0 && h < read_.shown_after.size(); ++h) {
      add(static_cast<double>(read_.steps()) + static_cast<double>(h), read_.shown_after[h]);
    }
    if (!(low <= high)) return;
    const double margin = high > low ? (high - low) * 0.08 : 1, bottom = y_ + kSeries;
    std::vector<double> ys;
    for (const double value : values) {
      ys.push_back(bottom - kSeries * (value - low + margin) / (high - low + 2 * margin));
    }
    out_.rect(kLeft, y_, kWidth, kSeries, "#fafafa");
    out_.text(kLeft - 8, y_ + kSeries / 2 + 4, shortened_label(read_.channels[static_cast<size_t>(c)]), "end");
    out_.text(kLeft + kWidth + 4, y_ + 10, fmt::format("{:.3g}", high), "start", "font-size=\"9\"");
    out_.text(kLeft + kWidth + 4, bottom - 2, fmt::format("{:.3g}", low), "start", "font-size=\"9\"");
    const std::span<const double> all_x(xs), all_y(ys);
    draw_values(all_x.first(before), all_y.first(before), kInk);
    if (before < xs.size()) {
      out_.line(x_of(static_cast<double>(read_.steps())), y_, x_of(static_cast<double>(read_.steps())), bottom,
                "#888888", "3 3");
      draw_values(all_x.subspan(before), all_y.subspan(before), kMarked);
    }
    y_ += kSeries + 4;
  }

  // A line; a value that stands alone between missing ones is a dot.
  void draw_values(std::span<const double> xs, std::span<const double> ys, const char* colour) {
    out_.path(xs, ys, colour, 1.4);
    for (size_t i = 0; i < xs.size(); ++i) {
      const bool before = i > 0 && std::isfinite(ys[i - 1]), after = i + 1 < ys.size() && std::isfinite(ys[i + 1]);
      if (std::isfinite(ys[i]) && !before && !after) out_.rect(xs[i] - 1.5, ys[i] - 1.5, 3, 3, colour);
    }
  }

  void draw_row(int64_t c) {
    out_.text(kLeft - 8, y_ + kCell - 3, shortened_label(read_.channels[static_cast<size_t>(c)]), "end",
              "font-size=\"11\"");
    const double width = x_of(static_cast<double>(read_.steps())) - kLeft;
    out_.rect(kLeft - 1, y_ - 1, width + 2, kCell + 2, kPale);
    out_.rect(kLeft, y_, width, kCell, "#ffffff");
    for (int64_t t = 0; t < read_.steps(); ++t) {
      const double value = map_[static_cast<size_t>(t * channels() + c)];
      if (std::abs(value) < most_ * 1e-3) continue;
      const double left = x_of(static_cast<double>(t)), right = x_of(static_cast<double>(t + 1));
      out_.rect(left, y_, right - left + 0.2, kCell, diverging_colour(value / most_),
                fmt::format("{}, step {}: {:+.4g}", read_.channels[static_cast<size_t>(c)], read_.number(t), value));
    }
    y_ += kCell + 1;
  }

  void draw_steps() {
    y_ += 14;
    const int64_t last = read_.steps() - 1;
    if (read_.times.empty() && !read_.places.empty()) {
      out_.text(x_of(0), y_, fmt::format("{}", read_.number(0)), "start", "font-size=\"10\"");
      out_.text(x_of(static_cast<double>(read_.steps())), y_, fmt::format("{}", read_.number(last)), "end",
                "font-size=\"10\"");
    } else if (read_.times.empty()) {
      for (const double tick : round_ticks(0, static_cast<double>(std::max<int64_t>(last, 1)))) {
        out_.text(x_of(tick + 0.5), y_, fmt::format("{:.0f}", tick + 1), "middle", "font-size=\"10\"");
      }
    } else {
      out_.text(x_of(0), y_, read_.times.front(), "start", "font-size=\"10\"");
      out_.text(x_of(static_cast<double>(read_.steps())), y_, read_.times.back(), "end", "font-size=\"10\"");
    }
    y_ += 6;
  }

  // The colours, and the number that the strongest stands for.
  void draw_key(double left) {
    constexpr int kSteps = 40;
    constexpr double kKey = 120;
    out_.text(left, y_ + 14, fmt::format("{:+.3g}", -most_), "start", "font-size=\"10\"");
    const double from = left + 52;
    for (int k = 0; k < kSteps; ++k) {
      const double share = 2.0 * k / (kSteps - 1) - 1;
      out_.rect(from + kKey * k / kSteps, y_ + 5, kKey / kSteps + 0.3, 10, diverging_colour(share));
    }
    out_.text(from + kKey + 8, y_ + 14, fmt::format("{:+.3g} {}", most_, read_.scale), "start", "font-size=\"10\"");
    y_ += kFoot;
  }

  const ReadRecord& read_;
  const Attribution& attribution_;
  SvgDrawing& out_;
  double y_;
  std::vector<double> map_;
  double most_ = 1;
};

}  // namespace

std::string attribution_svg(std::span<const Explained> records) {
  SvgDrawing drawing;
  double y = 10;
  for (const Explained& each : records) y = RecordDrawing(each, y, drawing).draw();
  const std::string title =
      records.empty() ? "no records" : fmt::format("What moved the predictions of {} records", records.size());
  return drawing.svg(kLeft + kWidth + kRight, y, title);
}

std::string attention_svg(const ReadRecord& read, const AttentionMap& map) {
  const Tensor plain = map.weights.clone(DType::kF64);
  const double* weights = std::as_const(plain).data<double>();
  const int64_t queries = map.weights.size(0), steps = map.weights.size(1);
  const bool tokens = std::ssize(read.tokens) == steps;
  constexpr double kSide = 20, kTop = 130;
  const double cell = std::clamp(kWidth / static_cast<double>(std::max<int64_t>(steps, 1)), 2.0, kSide);
  SvgDrawing out;
  out.text(20, 22, fmt::format("{}: attention", read.id), "start", "font-weight=\"600\" font-size=\"14\"");
  for (int64_t s = 0; tokens && s < steps; ++s) {
    const double x = kLeft + cell * (static_cast<double>(s) + 0.6);
    out.text(x, kTop - 6, read.tokens[static_cast<size_t>(s)], "start",
             fmt::format("transform=\"rotate(-60 {:.1f} {:.1f})\"", x, kTop - 6));
  }
  double most = 0;
  for (int64_t i = 0; i < queries * steps; ++i) most = std::max(most, weights[i]);
  for (int64_t q = 0; q < queries; ++q) {
    const double y = kTop + kSide * static_cast<double>(q);
    out.text(kLeft - 8, y + kSide - 6, shortened_label(map.queries[static_cast<size_t>(q)]), "end");
    for (int64_t s = 0; s < steps; ++s) {
      const double weight = weights[q * steps + s];
      out.rect(kLeft + cell * static_cast<double>(s), y, cell, kSide, diverging_colour(most > 0 ? weight / most : 0),
               fmt::format("{:.4f}", weight));
    }
  }
  const double height = kTop + kSide * static_cast<double>(queries) + 40;
  out.text(kLeft, height - 16, fmt::format("darkest: {:.3f}", most), "start", "font-size=\"10\"");
  return out.svg(kLeft + std::max(cell * static_cast<double>(steps), 300.0) + kRight, height,
                 fmt::format("Attention of record {}", read.id));
}

}  // namespace recur
