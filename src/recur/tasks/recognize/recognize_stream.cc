#include "recur/tasks/recognize/recognize_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/data/clip_readers.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/image.h"

namespace recur {
namespace {

constexpr size_t kMostSeries = 4096;  // whose states are kept

void add_softmax(std::span<const float> scores, double share, std::vector<double>& to) {
  const double most = static_cast<double>(*std::ranges::max_element(scores));
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - most);
  for (size_t c = 0; c < scores.size(); ++c) to[c] += share * std::exp(static_cast<double>(scores[c]) - most) / sum;
}

// Lines may end as in files of Windows.
std::string path_in(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(trimmed(line));
}

}  // namespace

RecognizeStream::Series::Series(const RecognizeTrained& model) : encoder(model.encoder()) {
  for (const RecognizeNetwork& member : model.network().members()) members.emplace_back(member);
}

RecognizeStream::RecognizeStream(const RecognizeTrained& model) : model_(model) {
  std::vector<std::string> why = model.network().members().front().no_stream();
  std::ranges::move(model.encoder().no_stream(), std::back_inserter(why));
  if (!why.empty()) fail_usage("the model cannot recognise frames as they arrive: {}", fmt::join(why, "; "));
  const bool pictures = model.options().use.stream == "pictures";
  if (model.encoder().shape().kind == ClipKind::kFrames) {
    if (pictures) pictures_.emplace("standard input");
    return;
  }
  if (pictures) fail_usage("stream = pictures: the model reads numbers");
  const SeriesOptions& series = model.options().data.series;
  SampleLineOptions lines{.channels = model.encoder().channels(),
                          .columns = {},
                          .missing = series.missing,
                          .decimal = series.decimal,
                          .thousands = series.thousands};
  if (model.encoder().columns() != nullptr) lines.columns = *model.encoder().columns();
  lines_.emplace(std::move(lines));
}

// Nothing for an empty line, behind which a clip begins.
std::optional<std::vector<float>> RecognizeStream::read_picture(std::string_view line) {
  ++line_;
  const std::string path = path_in(line);
  if (path.empty()) {
    series_.clear();
    turns_.clear();
    return {};
  }
  std::vector<float> frame;
  try {
    // A pipe would be waited for.
    std::error_code ignored;
    const bool is_there = std::filesystem::exists(path, ignored);
    if (!is_there && (path == "P5" || path == "P6" || path.starts_with("P5 ") || path.starts_with("P6 "))) {
      fail("is a picture and not the path of one: set stream to pictures");
    }
    if (is_there && !std::filesystem::is_regular_file(path, ignored)) {
      fail("{}: not a regular file", path);
    }
    internal::append_frame(read_image(DataFile(path)), model_.encoder().shape(), frame);
  } catch (const Error& error) {
    fail("standard input:{}: {}", line_, error.what());
  }
  return frame;
}

void RecognizeStream::take(const Chunk& chunk, Sink& out) {
  std::string id;
  std::vector<float> frame;
  if (pictures_) {
    pictures_->add(chunk.line);
    while (const auto picture = pictures_->next()) {
      frame.clear();
      internal::append_frame(*picture, model_.encoder().shape(), frame);
      answer(series_of(id), id, frame, out);
    }
    return;
  }
  if (lines_) {
    auto sample = lines_->read(chunk.line);
    if (!sample) return;
    id = sample->id;
    frame = std::move(sample->values);
  } else {
    auto picture = read_picture(chunk.line);
    if (!picture) return;
    frame = *std::move(picture);
  }
  answer(series_of(id), id, frame, out);
}

void RecognizeStream::finish(Sink&) {
  if (pictures_) pictures_->finish();
  if (!begun_) log_warning("standard input: no {} has arrived", pictures_ ? "picture" : "frame");
}

RecognizeStream::Series& RecognizeStream::series_of(const std::string& id) {
  if (const auto found = series_.find(id); found != series_.end()) {
    turns_.splice(turns_.end(), turns_, found->second->turn);
    return *found->second;
  }
  if (series_.size() >= kMostSeries) {
    if (!forgot_) {
      log_warning(
          "{}: more than {} clips: those without a frame for longest are taken as over, and begin anew if they go on",
          lines_ ? lines_->place() : fmt::format("standard input:{}", line_), kMostSeries);
    }
    forgot_ = true;
    series_.erase(turns_.front());
    turns_.pop_front();
  }
  Series& series = *series_.emplace(id, std::make_unique<Series>(model_)).first->second;
  series.turn = turns_.insert(turns_.end(), id);
  return series;
}

void RecognizeStream::answer(Series& series, const std::string& id, std::span<const float> frame, Sink& out) {
  const autograd::NoGrad no_grad;
  const auto classes = static_cast<size_t>(model_.classes().size());
  std::vector<float> read(static_cast<size_t>(model_.encoder().features()));
  series.encoder.next(frame, read);
  std::vector<double> probabilities(classes, 0);
  for (RecognizeNetwork::Stepper& member : series.members) {
    const std::span<const float> scores = member.step(read);
    check_finite(scores, [&] { return fmt::format("frame {}", series.frames + 1); });
    add_softmax(scores, 1 / static_cast<double>(series.members.size()), probabilities);
  }
  ++series.frames;
  const auto smooth = static_cast<size_t>(model_.each_frame() ? model_.spotting().smooth : 1);
  series.recent.push_back(std::move(probabilities));
  if (series.recent.size() > smooth) series.recent.pop_front();
  std::vector<double> mean(classes, 0);
  for (const std::vector<double>& each : series.recent) {
    for (size_t c = 0; c < classes; ++c) mean[c] += each[c] / static_cast<double>(series.recent.size());
  }
  if (!begun_) {
    has_ids_ = lines_ && lines_->has_ids();
    std::vector<std::string> columns{"frame", "label", "probability"};
    if (has_ids_) columns.insert(columns.begin(), "id");
    for (const std::string& label : model_.classes().words()) columns.push_back("p." + label);
    out.columns(columns);
    begun_ = true;
  }
  const auto best = static_cast<size_t>(std::ranges::max_element(mean) - mean.begin());
  std::vector<TableCell> cells;
  if (has_ids_) cells.emplace_back(id);
  cells.insert(cells.end(), {series.frames, model_.classes().word(static_cast<int32_t>(best)), mean[best]});
  for (const double each : mean) cells.emplace_back(each);
  out.row(cells);
}

}  // namespace recur
