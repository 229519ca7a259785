// Recognition of frames as they arrive.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recur/data/images/picture_stream.h"
#include "recur/tasks/recognize/recognize_trained.h"
#include "recur/tasks/sample_lines.h"
#include "recur/tasks/session.h"

namespace recur {

// A line is a frame: the numbers of sensors or joints as a table has them, or the path of a picture, with an empty line
// between clips; with stream = pictures the pictures themselves arrive. A row a frame: its series where there are
// several, its number from 1, label and probability, and those of all classes: of the frame where frames have labels,
// else of the clip so far.
class RecognizeStream : public Session {
 public:
  // Throws UsageError for a model that needs whole clips. `model` must outlive it.
  explicit RecognizeStream(const RecognizeTrained& model);

  void take(const Chunk& chunk, Sink& out) override;
  void finish(Sink& out) override;
  bool takes_bytes() const override { return pictures_.has_value(); }

 private:
  // One series of frames.
  struct Series {
    explicit Series(const RecognizeTrained& model);
    ClipEncoder::Stream encoder;
    std::vector<RecognizeNetwork::Stepper> members;
    std::deque<std::vector<double>> recent;  // probabilities that are averaged
    int64_t frames = 0;
    std::list<std::string>::iterator turn;
  };

  std::optional<std::vector<float>> read_picture(std::string_view line);
  // The series of this id, which begins if it is new. Where there would be too many at once, the one whose last frame
  // is longest ago is forgotten.
  Series& series_of(const std::string& id);
  void answer(Series& series, const std::string& id, std::span<const float> frame, Sink& out);

  const RecognizeTrained& model_;
  std::optional<SampleLines> lines_;  // of numbers
  std::optional<PictureStream> pictures_;
  int64_t line_ = 0;
  bool begun_ = false, has_ids_ = false;
  std::map<std::string, std::unique_ptr<Series>, std::less<>> series_;
  std::list<std::string> turns_;  // their ids, the one with the latest frame last
  bool forgot_ = false;
};

}  // namespace recur
