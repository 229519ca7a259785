// What a model of recognition says of clips, and how good that is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/row_store.h"
#include "recur/data/text/vocabulary.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/metrics/events.h"
#include "recur/tasks/recognize/recognize_data.h"
#include "recur/tasks/sink.h"

namespace recur {

// A model with what it needs, all of which must outlive this.
struct Recognizer {
  const RecognizeModel& model;
  const ClipEncoder& encoder;
  const Vocabulary& classes;
  const RecognizeOptions& options;
  bool each_frame = false;
};

// How events are made of probabilities.
struct Spotting {
  int64_t smooth = 1, least_frames = 1;
  std::optional<int32_t> background = {};

  std::string to_text() const;
  static Spotting from_text(std::string_view text, int64_t classes);  // throws Error: it is untrusted input
};

// Logarithms of probabilities: a row [C] a clip, or a frame, of clip after clip; those of many frames are on disk.
struct RecognizeScores {
  RowStore<float> rows;
  std::vector<int64_t> first;  // row of each clip

  std::span<const float> row(int64_t i, std::vector<float>& room) const { return rows.read(i, i + 1, room); }
};
// A recording of many frames is read in pieces that overlap, so that memory is bounded.
RecognizeScores score(const Recognizer& recognizer, const RecognizeData& data);

// The class of each frame of a clip [T], by probabilities that are averaged over spotting.smooth frames; and their
// probabilities.
struct FrameAnswers {
  std::vector<int32_t> labels;
  std::vector<float> probabilities;
};
FrameAnswers answers_of(const RecognizeScores& scores, const RecognizeData& data, int64_t i, int64_t smooth);

// Of clips: loss (nats), accuracy, macro_f1, calibration_error; tables of classes and of the confusion. Of frames:
// loss, accuracy and macro_f1 frame by frame; event_f1, event_precision and event_recall of events that overlap by
// half, and with a rate false_alarms_per_minute; the same tables, and one of events. Labels that the model lacks are
// errors.
Evaluation measure(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                   const Spotting& spotting);

// Smoothing and the shortest event with the best F1 of events.
Spotting choose_spotting(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                         const Spotting& given);

// A row a clip: id, label, probability, p.LABEL of each class; of frames a row an event, or a row a frame.
void write_predictions(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                       const Spotting& spotting, Sink& out);
// A row a clip: id, actual label, loss, prediction; of frames: id, frames, loss, accuracy, hits, false alarms, misses.
void write_example_scores(const RecognizeScores& scores, const RecognizeData& data, const Recognizer& recognizer,
                          const Spotting& spotting, Sink& out);

// Frames a second: of the options, or by the times of the data where they are dates; 0: not known.
double rate_of(const ClipSet& clips, const RecognizeUseOptions& options);

}  // namespace recur
