#include "recur/tasks/recognize/recognize_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/metrics/tables.h"

namespace recur {
namespace {

// Frames of a piece of a recording, and those that it is read with before and after.
constexpr int64_t kPiece = 4096, kAround = 512;

std::string place_of(const RecognizeData& data, int64_t i) {
  return fmt::format("{}: clip {}", data.clips().set.where(data.clip(i)), quoted_cell(data.clip(i).id));
}

RecognizeScores empty_scores(const Recognizer& recognizer) {
  return {.rows = RowStore<float>(
              {.width = recognizer.classes.size(), .purpose = "recognize: cannot keep the probabilities"}),
          .first = {}};
}

RecognizeScores score_clips(const Recognizer& recognizer, const RecognizeData& data) {
  RecognizeScores scores = empty_scores(recognizer);
  const int64_t C = recognizer.classes.size(), most = recognizer.options.data.most_frames;
  scores.rows.resize(data.size());
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < data.size(); ++i) {
    scores.first.push_back(i);
    lengths.push_back(most > 0 ? std::min(data.steps(i), most) : data.steps(i));
  }
  for (const auto& which : batches_by_length(lengths, {.batch = recognizer.options.use.batch})) {
    check_stop();
    std::vector<Loaded<ClipExample>> examples;
    for (const int32_t i : which) {
      examples.emplace_back(make_example(data, i, {.encoder = &recognizer.encoder, .most_frames = most}));
    }
    const Tensor out = recognizer.model.answer(make_batch(examples));
    const float* from = out.data<float>();
    for (const int32_t i : which) {
      const std::span row(from, static_cast<size_t>(C));
      check_finite(row, [&] { return place_of(data, i); });
      scores.rows.write(i, row);
      from += C;
    }
  }
  return scores;
}

RecognizeScores score_frames(const Recognizer& recognizer, const RecognizeData& data) {
  RecognizeScores scores = empty_scores(recognizer);
  const int64_t C = recognizer.classes.size();
  for (int64_t i = 0; i < data.size(); ++i) {
    scores.first.push_back(scores.rows.rows());
    const int64_t steps = data.steps(i);
    for (int64_t begin = 0; begin < steps; begin += kPiece) {
      check_stop();
      const int64_t end = std::min(begin + kPiece, steps);
      const int64_t from = std::max<int64_t>(begin - kAround, 0), to = std::min(end + kAround, steps);
      std::vector<Loaded<ClipExample>> one;
      one.emplace_back(make_part(data, i, from, to, recognizer.encoder));
      const Tensor out = recognizer.model.answer(make_batch(one));
      const std::span rows(out.data<float>() + (begin - from) * C, static_cast<size_t>((end - begin) * C));
      check_finite(rows, [&] { return place_of(data, i); });
      scores.rows.append(rows);
    }
  }
  return scores;
}

Vocabulary all_names(const RecognizeData& data, const Recognizer& recognizer) {
  std::vector<std::string> names = recognizer.classes.words();
  names.insert(names.end(), data.lacking().begin(), data.lacking().end());
  return Vocabulary(std::move(names));
}

Evaluation measure_clips(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer) {
  const int64_t known = recognizer.classes.size();
  ConfusionMatrix confusion(known + std::ssize(data.lacking()));
  CalibrationError calibration;
  double nats = 0;
  int64_t with_loss = 0;
  std::vector<float> room;
  for (int64_t i = 0; i < data.size(); ++i) {
    const auto row = scores.row(i, room);
    const auto best = std::ranges::max_element(row) - row.begin();
    const int32_t actual = data.label(i);
    confusion.add(actual, best);
    calibration.add(std::exp(row[static_cast<size_t>(best)]), best == actual);
    if (actual >= known) continue;
    nats -= static_cast<double>(row[static_cast<size_t>(actual)]);
    ++with_loss;
  }
  const Vocabulary names = all_names(data, recognizer);
  const auto by_class = confusion.by_class();
  return {.examples = data.size(),
          .metrics = {{"loss", nats / static_cast<double>(std::max<int64_t>(with_loss, 1))},
                      {"accuracy", confusion.accuracy()},
                      {"macro_f1", macro_f1(by_class)},
                      {"calibration_error", calibration.value()}},
          .tables = {class_table("classes", by_class, names), confusion_table(confusion, names)}};
}

struct EventCounts {
  std::vector<BinaryCounts> by_class;
  BinaryCounts all;
};

int32_t background_of(const Spotting& spotting) { return spotting.background.value_or(-1); }

EventCounts count_all(const RecognizeScores& scores, const RecognizeData& data, size_t classes,
                      const Spotting& spotting) {
  EventCounts counts{.by_class = std::vector<BinaryCounts>(classes), .all = {}};
  for (int64_t i = 0; i < data.size(); ++i) {
    const std::vector<int32_t> found = answers_of(scores, data, i, spotting.smooth).labels,
                               actual = data.step_labels(i);
    count_events(events_of(found, background_of(spotting), spotting.least_frames),
                 events_of(actual, background_of(spotting)), counts.by_class);
  }
  for (const BinaryCounts& each : counts.by_class) counts.all += each;
  return counts;
}

Evaluation measure_frames(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                          const Spotting& spotting) {
  const int64_t known = recognizer.classes.size();
  ConfusionMatrix confusion(known + std::ssize(data.lacking()));
  double nats = 0;
  int64_t with_loss = 0, frames = 0;
  std::vector<float> room;
  for (int64_t i = 0; i < data.size(); ++i) {
    const std::vector<int32_t> actual = data.step_labels(i);
    const FrameAnswers answers = answers_of(scores, data, i, spotting.smooth);
    frames += std::ssize(actual);
    for (size_t t = 0; t < actual.size(); ++t) {
      if (actual[t] < 0) continue;
      confusion.add(actual[t], answers.labels[t]);
      if (actual[t] >= known) continue;
      const auto row = scores.row(scores.first[static_cast<size_t>(i)] + static_cast<int64_t>(t), room);
      nats -= static_cast<double>(row[static_cast<size_t>(actual[t])]);
      ++with_loss;
    }
  }
  const Vocabulary names = all_names(data, recognizer);
  const auto by_class = confusion.by_class();
  const EventCounts events = count_all(scores, data, static_cast<size_t>(confusion.classes()), spotting);
  Evaluation result{.examples = confusion.total(),
                    .metrics = {{"loss", nats / static_cast<double>(std::max<int64_t>(with_loss, 1))},
                                {"accuracy", confusion.accuracy()},
                                {"macro_f1", macro_f1(by_class)},
                                {"event_f1", events.all.f1()},
                                {"event_precision", events.all.precision()},
                                {"event_recall", events.all.recall()},
                                {"events", static_cast<double>(events.all.hits + events.all.misses)}},
                    .tables = {class_table("classes", by_class, names), class_table("events", events.by_class, names),
                               confusion_table(confusion, names)}};
  if (const double rate = rate_of(data.clips(), recognizer.options.use); rate > 0 && frames > 0) {
    const double minutes = static_cast<double>(frames) / rate / 60;
    result.metrics.push_back({"false_alarms_per_minute", static_cast<double>(events.all.false_alarms) / minutes});
  }
  return result;
}

double mean_probability(std::span<const float> probabilities, const Event& event) {
  double sum = 0;
  for (int64_t t = event.first; t <= event.last; ++t) sum += static_cast<double>(probabilities[static_cast<size_t>(t)]);
  return sum / static_cast<double>(event.frames());
}

void write_clips(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer, Sink& out) {
  std::vector<std::string> columns{"id", "label", "probability"};
  for (const std::string& label : recognizer.classes.words()) columns.push_back("p." + label);
  out.columns(columns);
  std::vector<float> room;
  for (int64_t i = 0; i < data.size(); ++i) {
    const auto row = scores.row(i, room);
    const auto best = std::ranges::max_element(row) - row.begin();
    std::vector<TableCell> cells{data.clip(i).id, recognizer.classes.word(static_cast<int32_t>(best)),
                                 static_cast<double>(std::exp(row[static_cast<size_t>(best)]))};
    for (const float value : row) cells.emplace_back(static_cast<double>(std::exp(value)));
    out.row(cells);
  }
}

void write_events(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                  const Spotting& spotting, Sink& out) {
  out.columns({"id", "start", "end", "label", "probability"});
  for (int64_t i = 0; i < data.size(); ++i) {
    const FrameAnswers answers = answers_of(scores, data, i, spotting.smooth);
    for (const Event& event : events_of(answers.labels, background_of(spotting), spotting.least_frames)) {
      const std::vector<TableCell> cells{data.clip(i).id, event.first + 1, event.last + 1,
                                         recognizer.classes.word(event.label),
                                         mean_probability(answers.probabilities, event)};
      out.row(cells);
    }
  }
}

void write_frames(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                  const Spotting& spotting, Sink& out) {
  out.columns({"id", "frame", "label", "probability"});
  for (int64_t i = 0; i < data.size(); ++i) {
    const FrameAnswers answers = answers_of(scores, data, i, spotting.smooth);
    for (size_t t = 0; t < answers.labels.size(); ++t) {
      const std::vector<TableCell> cells{data.clip(i).id, static_cast<int64_t>(t) + 1,
                                         recognizer.classes.word(answers.labels[t]),
                                         static_cast<double>(answers.probabilities[t])};
      out.row(cells);
    }
  }
}

void write_frame_scores(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                        const Spotting& spotting, Sink& out) {
  out.columns({"id", "frames", "loss", "accuracy", "hits", "false_alarms", "misses"});
  const auto classes = static_cast<size_t>(recognizer.classes.size()) + data.lacking().size();
  std::vector<float> room;
  for (int64_t i = 0; i < data.size(); ++i) {
    const FrameAnswers answers = answers_of(scores, data, i, spotting.smooth);
    const std::vector<int32_t> actual = data.step_labels(i);
    double nats = 0;
    int64_t known = 0, labelled = 0, right = 0;
    for (size_t t = 0; t < actual.size(); ++t) {
      labelled += actual[t] >= 0 ? 1 : 0;
      right += actual[t] >= 0 && actual[t] == answers.labels[t] ? 1 : 0;
      if (actual[t] < 0 || actual[t] >= recognizer.classes.size()) continue;
      const auto row = scores.row(scores.first[static_cast<size_t>(i)] + static_cast<int64_t>(t), room);
      nats -= static_cast<double>(row[static_cast<size_t>(actual[t])]);
      ++known;
    }
    std::vector<BinaryCounts> by_class(classes);
    count_events(events_of(answers.labels, background_of(spotting), spotting.least_frames),
                 events_of(actual, background_of(spotting)), by_class);
    BinaryCounts all;
    for (const BinaryCounts& each : by_class) all += each;
    const auto over = [](double value, int64_t count) -> TableCell {
      if (count == 0) return std::string();
      return value / static_cast<double>(count);
    };
    const std::vector<TableCell> cells{
        data.clip(i).id, std::ssize(actual), over(nats, known), over(static_cast<double>(right), labelled),
        all.hits,        all.false_alarms,   all.misses};
    out.row(cells);
  }
}

}  // namespace

std::string Spotting::to_text() const {
  Json json{{"smooth", smooth}, {"least_frames", least_frames}};
  if (background) json["background"] = int64_t{*background};
  return json.dump();
}

Spotting Spotting::from_text(std::string_view text, int64_t classes) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("expected a JSON object");
  Spotting spotting;
  try {
    spotting.smooth = json->at("smooth").get<int64_t>();
    spotting.least_frames = json->at("least_frames").get<int64_t>();
    if (const Json* background = json->find("background")) spotting.background = background->get<int32_t>();
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
  constexpr int64_t kMost = 1 << 20;
  const auto within = [](int64_t value) { return value >= 1 && value <= kMost; };
  const bool sound = within(spotting.smooth) && within(spotting.least_frames) &&
                     (!spotting.background || (*spotting.background >= 0 && *spotting.background < classes));
  if (!sound) fail("expected numbers of frames and a class");
  return spotting;
}

RecognizeScores score(const Recognizer& recognizer, const RecognizeData& data) {
  const autograd::NoGrad no_grad;
  return recognizer.each_frame ? score_frames(recognizer, data) : score_clips(recognizer, data);
}

// Running sums of probabilities over the window around each frame.
FrameAnswers answers_of(const RecognizeScores& scores, const RecognizeData& data, int64_t i, int64_t smooth) {
  const int64_t steps = data.steps(i), C = scores.rows.width(), first = scores.first[static_cast<size_t>(i)];
  FrameAnswers out;
  std::vector<float> room, probabilities;
  probabilities.reserve(static_cast<size_t>(steps * C));
  for (const float value : scores.rows.read(first, first + steps, room)) probabilities.push_back(std::exp(value));
  const int64_t before = smooth / 2, after = smooth - 1 - before;
  std::vector<double> sum(static_cast<size_t>(C), 0);
  const auto add = [&](int64_t t, double sign) {
    if (t < 0 || t >= steps) return;
    for (int64_t c = 0; c < C; ++c) {
      sum[static_cast<size_t>(c)] += sign * static_cast<double>(probabilities[static_cast<size_t>(t * C + c)]);
    }
  };
  for (int64_t t = 0; t < after; ++t) add(t, 1);
  for (int64_t t = 0; t < steps; ++t) {
    add(t + after, 1);
    add(t - before - 1, -1);
    const int64_t count = std::min(t + after, steps - 1) - std::max<int64_t>(t - before, 0) + 1;
    const auto best = std::ranges::max_element(sum) - sum.begin();
    out.labels.push_back(static_cast<int32_t>(best));
    out.probabilities.push_back(
        static_cast<float>(std::clamp(sum[static_cast<size_t>(best)] / static_cast<double>(count), 0.0, 1.0)));
  }
  return out;
}

Evaluation measure(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                   const Spotting& spotting) {
  return recognizer.each_frame ? measure_frames(scores, data, recognizer, spotting)
                               : measure_clips(scores, data, recognizer);
}

Spotting choose_spotting(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                         const Spotting& given) {
  constexpr std::array<int64_t, 5> kSmooth{1, 5, 11, 25, 51}, kLeast{1, 5, 10, 20, 40};
  const RecognizeUseOptions& use = recognizer.options.use;
  const auto classes = static_cast<size_t>(recognizer.classes.size()) + data.lacking().size();
  Spotting best = given;
  double most = -1;
  for (const int64_t smooth : kSmooth) {
    for (const int64_t least : kLeast) {
      Spotting now = given;
      now.smooth = use.smooth.value_or(smooth);
      now.least_frames = use.least_frames.value_or(least);
      if (const double f1 = count_all(scores, data, classes, now).all.f1(); f1 > most) {
        most = f1;
        best = now;
      }
      if (use.least_frames) break;
    }
    if (use.smooth) break;
  }
  return best;
}

void write_predictions(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                       const Spotting& spotting, Sink& out) {
  if (!recognizer.each_frame) return write_clips(scores, data, recognizer, out);
  if (recognizer.options.use.rows == "events") return write_events(scores, data, recognizer, spotting, out);
  write_frames(scores, data, recognizer, spotting, out);
}

void write_example_scores(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                          const Spotting& spotting, Sink& out) {
  if (recognizer.each_frame) return write_frame_scores(scores, data, recognizer, spotting, out);
  out.columns({"id", "label", "loss", "prediction"});
  const Vocabulary names = all_names(data, recognizer);
  std::vector<float> room;
  for (int64_t i = 0; i < data.size(); ++i) {
    const auto row = scores.row(i, room);
    const auto best = static_cast<int32_t>(std::ranges::max_element(row) - row.begin());
    const int32_t actual = data.label(i);
    const TableCell loss = actual < recognizer.classes.size()
                               ? TableCell(-static_cast<double>(row[static_cast<size_t>(actual)]))
                               : TableCell(std::string());
    const std::vector<TableCell> cells{data.clip(i).id, names.word(actual), loss, recognizer.classes.word(best)};
    out.row(cells);
  }
}

double rate_of(const ClipSet& clips, const RecognizeUseOptions& options) {
  if (options.rate > 0 || clips.set.time_kind != TimeKind::kDate) return options.rate;
  // The usual distance of frames, in seconds.
  for (const Sequence& s : clips.set.sequences) {
    const Loaded<Sequence> loaded = clips.set.load(s);
    if (loaded->times.size() < 2) continue;
    const double span = loaded->times.back() - loaded->times.front();
    if (span > 0) return static_cast<double>(loaded->times.size() - 1) / span;
  }
  return 0;
}

}  // namespace recur
