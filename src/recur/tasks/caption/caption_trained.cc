#include "recur/tasks/caption/caption_trained.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/caption/caption_chart.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/predict_alone.h"
#include "recur/tasks/svg_name.h"
#include "recur/tasks/task_measures.h"

namespace recur {
namespace {

std::string shape_text(const CaptionShape& shape) {
  if (shape.has_pictures()) return fmt::format("pictures of {} x {} pixels", shape.side, shape.side);
  return fmt::format("features of {} regions x {} numbers", shape.regions, shape.features);
}

}  // namespace

const TaskInfo& caption_info() {
  static const TaskInfo info{.name = "caption",
                             .summary = "Captions: says in a sentence what a picture shows",
                             .data = "lists of pictures and captions: CSV, JSON lines, lines with a tab between",
                             .unit = "images"};
  return info;
}

CaptionSetOptions set_options(const CaptionDataOptions& options, const std::string& features, bool need_captions) {
  return {.list = {.image = options.image,
                   .captions = options.captions,
                   .header = options.header,
                   .need_captions = need_captions},
          .features = features,
          .side = options.side};
}

void check_shape(const CaptionSet& set, const CaptionShape& expected) {
  const CaptionShape& shape = set.shape();
  if (shape.side == expected.side &&
      (shape.has_pictures() || (shape.regions == expected.regions && shape.features == expected.features))) {
    return;
  }
  fail("{}: expected {}, got {}{}", files_text(set.files()), shape_text(expected), shape_text(shape),
       expected.has_pictures() || !shape.has_pictures() ? "" : "; the model reads features: --features FILE.npy");
}

CaptionTrained::CaptionTrained(const CaptionOptions& options, CaptionEncoder encoder, Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      model_(options.model, encoder_.shape(), encoder_.symbols(), random) {}

CaptionSet CaptionTrained::read(const DataFiles& data, bool need_captions) const {
  CaptionSetOptions options = set_options(options_.data, options_.use.features, need_captions);
  if (encoder_.shape().has_pictures()) options.side = encoder_.shape().side;
  CaptionSet set = CaptionSet::read(data, options);
  set.log_all();
  check_shape(set, encoder_.shape());
  return set;
}

Evaluation CaptionTrained::evaluate(const DataFiles& data, Sink* examples) const {
  check_left_to_predict("attention_weights", options_.use.attention);
  const CaptionSet set = read(data, true);
  return measure(captioner(), set, all_of(set.size()), examples);
}

std::vector<TaskMeasure> CaptionTrained::measures(const KeptRows& examples) const {
  return {mean_of("cider", numbers_of(examples, "cider"))};
}

void CaptionTrained::predict(const DataFiles& data, Sink& out) const {
  check_svg_name("chart", options_.use.chart);
  const CaptionSet set = read(data, false);
  const Captioner own = captioner();
  const auto said = say(own, set, all_of(set.size()));
  out.columns(caption_columns(options_.use));
  std::vector<CaptionPanel> panels;
  for (int64_t i = 0; i < set.size(); ++i) {
    const auto& captions = said[static_cast<size_t>(i)];
    write_captions(own, set.image(i).id, captions, out);
    if (options_.use.chart.empty() || std::ssize(panels) >= options_.use.charts || captions.empty()) continue;
    CaptionPanel panel{.picture = {},
                       .words = captions.front().tokens,
                       .weights = captions.front().attention,
                       .rows = model_.region_rows(),
                       .columns = model_.region_columns()};
    panel.words.emplace_back("</s>");
    if (set.shape().has_pictures()) {
      const int64_t side = set.shape().side;
      panel.picture = {.height = side, .width = side, .channels = 3, .values = set.values(i)};
    }
    panels.push_back(std::move(panel));
  }
  if (!options_.use.chart.empty()) out.picture({.name = options_.use.chart, .bytes = caption_chart_svg(panels)});
}

Description CaptionTrained::describe() const {
  return {{"input", shape_text(encoder_.shape())},
          {"tokens", std::string(encoder_.tokens().kind())},
          {"vocabulary", int64_t{encoder_.tokens().size()}},
          {"regions", model_.regions()},
          {"attention", options_.model.blind ? "none: the picture is ignored" : options_.model.attention},
          {"most usual caption", encoder_.usual()}};
}

}  // namespace recur
