#include "recur/tasks/adapt/adapt_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/adapt/adapt_baselines.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

constexpr uint64_t kEvaluationStream = 20;
constexpr int64_t kMostKept = 1 << 24;

// A bad model of the option `pretrained` is the user's mistake.
const AdaptTrained& as_pretrained(const Trained& other, const std::string& name, const AdaptShape& shape) {
  const auto* own = dynamic_cast<const AdaptTrained*>(&other);
  if (own == nullptr || own->options().learning.learner != "pretrained") {
    fail_usage("pretrained: {}: expected a model of the task adapt with learner = pretrained", name);
  }
  if (own->encoder().shape().to_text() != shape.to_text()) {
    fail_usage("pretrained: {}: it reads other data than this model", name);
  }
  return *own;
}

}  // namespace

const TaskInfo& AdaptTrained::info() const {
  static const TaskInfo fitted = [] {
    TaskInfo own = adapt_info();
    own.unit = "examples";
    return own;
  }();
  return kept_.is_fitted() ? fitted : adapt_info();
}

const TaskInfo& adapt_info() {
  static const TaskInfo info{
      .name = "adapt",
      .summary = "Meta-learning: learns to adapt to new classes or series from a few examples",
      .data = "labelled texts, series or pictures of many classes, many series, or the word sinusoids",
      .unit = "problems"};
  return info;
}

std::string AdaptAssets::to_text() const {
  return Json{{"seen", seen}, {"categories", categories}, {"classes", classes}, {"shots", shots}}.dump();
}

AdaptAssets AdaptAssets::from_text(const std::string& text) {
  const auto json = parse_json(text, 3);
  if (!json || !json->is_object()) fail("expected a JSON object");
  AdaptAssets out;
  for (const int64_t mark : json->at("seen").get<std::vector<int64_t>>())
    out.seen.push_back(static_cast<uint32_t>(mark));
  out.categories = json->at("categories").get<int64_t>();
  out.classes = json->at("classes").get<std::vector<std::string>>();
  out.shots = json->at("shots").get<int64_t>();
  const auto fits = [](int64_t count) { return count >= 0 && count <= kMostKept; };
  if (!fits(out.categories) || !fits(out.shots)) fail("such sizes cannot be");
  return out;
}

namespace {

AdaptSizes sizes_of(const AdaptEncoder& encoder, const AdaptAssets& kept) {
  AdaptSizes sizes{.shape = encoder.shape(), .categories = kept.categories};
  if (kept.is_fitted()) sizes.fitted = FittedSizes{.classes = std::ssize(kept.classes), .shots = kept.shots};
  return sizes;
}

}  // namespace

AdaptTrained::AdaptTrained(const AdaptOptions& options, AdaptEncoder encoder, AdaptAssets assets, Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      kept_(std::move(assets)),
      model_(options, sizes_of(encoder_, kept_), random) {}

Drawing AdaptTrained::drawing() const {
  const AdaptEpisodeOptions& o = options_.episodes;
  return {.ways = o.ways, .shots = *o.shots, .queries = *o.queries};
}

InnerSteps AdaptTrained::use_steps() const {
  return {.rate = options_.use.rate.value_or(*options_.learning.inner_rate), .steps = options_.use.steps};
}

CategoryOptions AdaptTrained::category_options() const {
  const AdaptShape& shape = encoder_.shape();
  return {.classes = shape.is_class(),
          .ordered = shape.target == "forecast",
          .rotate = options_.data.rotate,
          .channels = shape.channels,
          .hint = window_hint(options_.data) +
                  "; the model is not fitted yet: `recur adapt` fits it to a few examples, or predict with shots_file"};
}

AdaptSource AdaptTrained::read(const DataFiles& data, bool need_labels) const {
  return AdaptSource::read(data, options_.data, options_.use,
                           {.columns = encoder_.columns(),
                            .text_columns = encoder_.text_columns(),
                            .chosen = false,
                            .need_labels = need_labels,
                            .may_lack = need_labels ? "" : encoder_.predicted_channel(),
                            .pictures = encoder_.reads_picture_files()});
}

std::unique_ptr<Problems> AdaptTrained::problems_of(const DataFiles& data, const Drawing& least) const {
  if (is_sinusoids(data)) {
    const AdaptShape& shape = encoder_.shape();
    if (shape.target != "value" || shape.features != 1) {
      fail_usage("sinusoids: the model has learnt from other data, with {} numbers a step", shape.features);
    }
    return sinusoid_problems();
  }
  const AdaptSource source = read(data, true);
  if (source.size() == 0) fail("there are no examples to evaluate on");
  const AdaptClasses classes = classes_of(source, options_.data);
  AdaptData all = encoder_.encode(source, classes, all_of(source.size()));
  AdaptData fresh = all;
  const auto is_seen = [&](const AdaptCategory& each) { return std::ranges::count(kept_.seen, each.mark) > 0; };
  const int64_t before = std::ssize(fresh.categories);
  std::erase_if(fresh.categories, is_seen);
  const int64_t seen = before - std::ssize(fresh.categories), needed = encoder_.shape().is_class() ? least.ways : 1;
  const char* what = encoder_.shape().is_class() ? "classes" : "series";
  CategoryOptions how = category_options();
  how.rotate = false;
  if (seen > 0 && std::ssize(fresh.categories) >= needed) {
    log_info("{} of {} {} were seen in training and are left out", seen, before, what);
    return category_problems(std::move(fresh), how, least, files_text_of(data));
  }
  if (seen > 0) {
    log_warning(
        "{} of {} {} were seen in training, and without them there are too few: what follows is not how the "
        "model does on new ones",
        seen, before, what);
  }
  return category_problems(std::move(all), how, least, files_text_of(data));
}

Evaluation AdaptTrained::evaluate_adapting(const DataFiles& data, Sink* examples) const {
  std::vector<int64_t> shots = options_.use.shots;
  if (shots.empty()) shots = {*options_.episodes.shots};
  Drawing most = drawing();
  most.shots = std::ranges::max(shots);
  const auto problems = problems_of(data, most);
  const Course course{
      .drawing = drawing(), .seed = options_.use.seed, .stream = kEvaluationStream, .problems = options_.use.problems};
  std::optional<Evaluation> result;
  const bool is_class = encoder_.shape().is_class();
  const std::string name = is_class ? "accuracy" : "loss";
  Table by_shots{.name = "by_shots", .columns = {"shots", name, "interval"}, .rows = {}};
  for (const int64_t k : shots) {
    Course own = course;
    own.drawing.shots = k;
    Evaluation now = measure(model_, options_, *problems, own, use_steps(), result ? nullptr : examples);
    by_shots.rows.push_back({k, now.at(name), now.at(name + "_interval")});
    if (!result) result = std::move(now);
  }
  if (shots.size() > 1) result->tables.push_back(std::move(by_shots));
  std::unique_ptr<Trained> other;
  Pretrained pretrained;
  if (!options_.use.pretrained.empty()) {
    other = load_trained(options_.use.pretrained);
    const AdaptTrained& own = as_pretrained(*other, options_.use.pretrained, encoder_.shape());
    pretrained = {.model = &own.network(),
                  .options = &own.options(),
                  .rate = options_.use.rate.value_or(*own.options().learning.inner_rate)};
  }
  if (options_.use.baselines > 0 || pretrained.model != nullptr) {
    Course own = course;
    own.drawing.shots = shots.front();
    add_baselines(*result, adapt_baselines(model_, options_, *problems, own, options_.use.baselines, pretrained));
  }
  return *result;
}

void AdaptTrained::predict_problems(const DataFiles& data, Sink& out) const {
  constexpr int64_t kShown = 3;
  const auto problems = problems_of(data, drawing());
  const bool is_class = encoder_.shape().is_class();
  if (is_class) {
    out.columns({"problem", "query", "class", "prediction"});
  } else {
    out.columns({"problem", "query", "output", "target", "before", "prediction"});
  }
  for (int64_t n = 0; n < std::min(options_.use.problems, kShown); ++n) {
    const Problem problem = problems->draw(drawing(), {options_.use.seed, kEvaluationStream, n});
    const std::vector<Tensor> by_steps = answers(model_, options_, problem, use_steps());
    score_of(model_, problem, by_steps.back());  // finite
    const auto before = by_steps.front().values<float>(), after = by_steps.back().values<float>();
    const int64_t width = by_steps.back().size(1);
    for (int64_t q = 0; q < problem.queries.size(); ++q) {
      const AdaptExample& query = problem.queries.examples[static_cast<size_t>(q)];
      if (is_class) {
        const auto own = after.subspan(static_cast<size_t>(q * width), static_cast<size_t>(width));
        const auto best = static_cast<size_t>(std::ranges::max_element(own) - own.begin());
        const auto right = static_cast<size_t>(problem.queries.classes[static_cast<size_t>(q)]);
        const TableCell cells[] = {problem.name, q + 1, problem.classes[right], problem.classes[best]};
        out.row(cells);
        continue;
      }
      for (int64_t o = 0; o < width; ++o) {
        const auto at = static_cast<size_t>(q * width + o);
        const auto value = [&](float scaled) { return encoder_.target_value(o, scaled); };
        const TableCell cells[] = {
            problem.name,      q + 1,           o + 1, value(query.target[static_cast<size_t>(o)]),
            value(before[at]), value(after[at])};
        out.row(cells);
      }
    }
  }
}

Evaluation AdaptTrained::evaluate(const DataFiles& data, Sink* examples) const {
  return kept_.is_fitted() ? evaluate_fitted(data, examples) : evaluate_adapting(data, examples);
}

void AdaptTrained::predict(const DataFiles& data, Sink& out) const {
  if (kept_.is_fitted()) return predict_records(data, out);
  if (options_.use.shots_file.empty()) return predict_problems(data, out);
  adapt({DataFile(options_.use.shots_file)}).model->predict(data, out);
}

Description AdaptTrained::describe() const {
  constexpr size_t kShown = 20;
  Description facts = encoder_.describe();
  facts.push_back({"learner", options_.learning.learner});
  if (encoder_.shape().is_class()) facts.push_back({"ways", options_.episodes.ways});
  facts.push_back({"shots", *options_.episodes.shots});
  if (!kept_.seen.empty())
    facts.push_back({encoder_.shape().is_class() ? "classes_seen" : "series_seen", std::ssize(kept_.seen)});
  if (!kept_.is_fitted()) return facts;
  facts.push_back({"fitted_to", fmt::format("{} examples", kept_.shots)});
  if (!kept_.classes.empty()) facts.push_back({"labels", listed(kept_.classes, kShown)});
  return facts;
}

Assets AdaptTrained::assets() const {
  Assets assets = encoder_.assets();
  assets["adapt"] = kept_.to_text();
  return assets;
}

}  // namespace recur
