#include "recur/tasks/recognize/recognize_baselines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/stop.h"
#include "recur/tasks/metrics/classification.h"

namespace recur {
namespace {

constexpr int64_t kMostFeatures = 512;  // of a frame, for distances to say something

std::vector<Metric> metrics_of(const ConfusionMatrix& confusion) {
  return {{"accuracy", confusion.accuracy()}, {"macro_f1", macro_f1(confusion.by_class())}};
}

}  // namespace

RecognizeBaselines RecognizeBaselines::fit(const RecognizeData& train, const ClipEncoder& encoder,
                                           const RecognizeOptions& options, int64_t classes, bool each_frame) {
  RecognizeBaselines all;
  std::vector<int64_t> counts(static_cast<size_t>(classes), 0);
  const auto count = [&](int32_t label) {
    if (label >= 0 && label < classes) ++counts[static_cast<size_t>(label)];
  };
  for (int64_t i = 0; i < train.size(); ++i) {
    if (!each_frame) {
      count(train.label(i));
      continue;
    }
    for (const int32_t label : train.step_labels(i)) count(label);
  }
  all.usual_ = static_cast<int32_t>(std::ranges::max_element(counts) - counts.begin());
  all.clips_ = train.size();
  if (each_frame || encoder.features() > kMostFeatures) return all;
  // Every k-th clip, so that all of them together have at most so many values.
  const ExampleMaking how{.encoder = &encoder, .most_frames = options.data.most_frames};
  int64_t values = 0;
  for (int64_t i = 0; i < train.size(); ++i) values += train.steps(i) * encoder.features();
  const int64_t every = (values + NearestNeighbour::kMostValues - 1) / NearestNeighbour::kMostValues;
  NearestNeighbour nearest(encoder.features());
  int64_t kept = 0;
  for (int64_t i = 0; i < train.size(); i += std::max<int64_t>(every, 1)) {
    const ClipExample clip = make_example(train, i, how);
    kept += std::ssize(clip.values);
    if (kept > NearestNeighbour::kMostValues && nearest.size() > 0) break;
    nearest.add(clip.values, static_cast<float>(train.label(i)));
  }
  all.nearest_ = std::move(nearest);
  return all;
}

BaselineResults RecognizeBaselines::measure(const RecognizeData& data, const ClipEncoder& encoder,
                                            const RecognizeOptions& options, int64_t classes, bool each_frame) const {
  BaselineResults results{.by = {.metric = "accuracy", .higher_is_better = true}, .methods = {}};
  const int64_t all = classes + std::ssize(data.lacking());
  if (each_frame) {
    ConfusionMatrix confusion(all);
    for (int64_t i = 0; i < data.size(); ++i) {
      for (const int32_t label : data.step_labels(i)) {
        if (label >= 0) confusion.add(label, usual_);
      }
    }
    results.methods.push_back({"majority", metrics_of(confusion)});
    return results;
  }
  const ExampleMaking how{.encoder = &encoder, .most_frames = options.data.most_frames};
  const auto add = [&](std::string name, const std::function<int64_t(int64_t)>& answer, const std::string& part = "") {
    ConfusionMatrix confusion(all);
    for (int64_t i = 0; i < data.size(); ++i) {
      if (i % 64 == 0) check_stop();
      confusion.add(data.label(i), answer(i));
    }
    results.methods.push_back({std::move(name), metrics_of(confusion), part});
  };
  add("majority", [this](int64_t) { return int64_t{usual_}; });
  if (!nearest_) return results;
  const std::string part = nearest_->size() < clips_ ? fmt::format("{} of {} clips", nearest_->size(), clips_) : "";
  const auto values = [&](int64_t i) { return make_example(data, i, how).values; };
  add(
      "nearest neighbour", [&](int64_t i) { return static_cast<int64_t>(nearest_->by_distance(values(i))); }, part);
  double cost = 0;
  for (int64_t i = 0; i < data.size(); ++i) cost += nearest_->warping_cost(data.steps(i));
  if (cost > NearestNeighbour::kMostWarping) return results;
  add(
      "nearest by warping", [&](int64_t i) { return static_cast<int64_t>(nearest_->by_warping(values(i))); }, part);
  return results;
}

std::string RecognizeBaselines::to_text() const {
  Json json{{"usual", int64_t{usual_}}, {"clips", clips_}};
  if (nearest_) json["nearest"] = nearest_->to_text();
  return json.dump();
}

RecognizeBaselines RecognizeBaselines::from_text(std::string_view text, int64_t classes, int64_t features) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("expected a JSON object");
  RecognizeBaselines all;
  try {
    all.usual_ = json->at("usual").get<int32_t>();
    all.clips_ = json->at("clips").get<int64_t>();
    if (const Json* nearest = json->find("nearest")) {
      all.nearest_ = NearestNeighbour::from_text(nearest->get<std::string>(), features);
    }
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
  const auto is_class = [&](float answer) {
    return answer >= 0 && answer < static_cast<float>(classes) && answer == std::floor(answer);
  };
  if (!is_class(static_cast<float>(all.usual_)) || (all.nearest_ && !all.nearest_->all_answers(is_class))) {
    fail("an answer is none of the model's");
  }
  return all;
}

}  // namespace recur
