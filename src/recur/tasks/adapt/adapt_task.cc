#include "recur/tasks/adapt/adapt_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/random.h"
#include "recur/base/suggest.h"
#include "recur/tasks/adapt/adapt_training.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

// The records of each part. Whole classes or series, or files where problems keep to one, go into each.
struct Split {
  std::vector<int64_t> train, valid, test;
  int64_t of_train = 0, of_valid = 0, of_test = 0;  // classes or series
};

Split split(const AdaptClasses& classes, const AdaptDataOptions& data, double held_out, double test, uint64_t seed) {
  if (held_out + test >= 1)
    fail_usage("test: expected valid and test to leave something, got {} and {}", held_out, test);
  const bool by_file = data.within == "file";
  std::vector<int64_t> units;
  const auto unit_of = [&](int64_t category) {
    return by_file ? classes.groups[static_cast<size_t>(category)] : category;
  };
  for (int64_t c = 0; c < std::ssize(classes.names); ++c) {
    if (std::ranges::count(units, unit_of(c)) == 0) units.push_back(unit_of(c));
  }
  Random random(seed, kHoldOutStream);
  random.shuffle(std::span(units));
  const auto share = [&](double fraction) {
    if (fraction <= 0) return int64_t{0};
    const int64_t own = std::llround(fraction * static_cast<double>(units.size()));
    return std::max<int64_t>(own, 1);
  };
  const int64_t of_test = share(test), of_valid = share(held_out);
  std::map<int64_t, int> part;
  for (int64_t k = 0; k < std::ssize(units); ++k) {
    part[units[static_cast<size_t>(k)]] = k < of_test ? 2 : k < of_test + of_valid ? 1 : 0;
  }
  Split out;
  for (int64_t i = 0; i < std::ssize(classes.of_record); ++i) {
    const int own = part.at(unit_of(classes.of_record[static_cast<size_t>(i)]));
    (own == 2 ? out.test : own == 1 ? out.valid : out.train).push_back(i);
  }
  for (int64_t c = 0; c < std::ssize(classes.names); ++c) {
    const int own = part.at(unit_of(c));
    ++(own == 2 ? out.of_test : own == 1 ? out.of_valid : out.of_train);
  }
  return out;
}

void choose_target(AdaptDataOptions& data, const AdaptSource& source) {
  if (data.target == "auto") {
    data.target = source.has_pictures() || source.has_labels() ? "class" : "forecast";
    if (data.target == "forecast")
      log_info("no labels: a problem is a series whose next values are predicted (target)");
  }
  if (data.target != "class" && source.has_pictures()) {
    fail_usage("target: expected class, since the data are pictures, got {}", data.target);
  }
}

// Classes of series adapt far better by convolutions than by recurrent layers, through whose many steps a step of
// gradient descent hardly reaches (docs/adapt.md).
void choose_defaults(AdaptOptions& options) {
  const bool is_class = options.data.target == "class";
  AdaptModelOptions& model = options.model;
  if (model.network == "auto") {
    const bool texts = options.data.input == "text";
    model.network = is_class && !texts ? "conv" : options.data.target == "value" ? "mlp" : "rnn";
  }
  AdaptEpisodeOptions& episodes = options.episodes;
  if (!episodes.shots) episodes.shots = is_class ? 1 : 10;
  if (!episodes.queries) episodes.queries = is_class ? 5 : 10;
  if (!episodes.batch) episodes.batch = is_class ? 4 : 25;
  AdaptLearnerOptions& learning = options.learning;
  const bool steep = is_class && model.network == "conv";
  if (!learning.inner_rate) learning.inner_rate = !steep ? 0.01 : learning.learner == "pretrained" ? 0.1 : 0.4;
}

void check(const AdaptOptions& options, bool pictures) {
  const std::string& learner = options.learning.learner;
  if (learner == "prototypes" && options.data.target != "class") {
    fail_usage("learner: prototypes tell classes apart, and the target is {}; maml and reader learn it",
               options.data.target);
  }
  if (options.model.network == "none" && learner != "reader") {
    fail_usage("network: none is for learner = reader, got {}", learner);
  }
  if (options.data.rotate && !pictures) fail_usage("rotate: expected pictures");
  if (!options.use.pretrained.empty())
    fail_usage("pretrained: evaluate has it beside the model, and training does not");
  if (options.data.within == "file" && options.data.target != "class") {
    fail_usage("within: file is for classes, and the target is {}", options.data.target);
  }
}

std::string problem_text(const AdaptOptions& options) {
  const AdaptEpisodeOptions& o = options.episodes;
  const bool is_class = options.data.target == "class";
  return fmt::format("a problem: {}{} to adapt to, {} to measure with{}",
                     is_class ? fmt::format("{} classes, ", o.ways) : std::string(),
                     counted(*o.shots, "example", "examples"), *o.queries, is_class ? " of each" : "");
}

std::unique_ptr<Training> train_on_sinusoids(AdaptOptions& options, const TrainingData& data,
                                             const TrainingStart& start) {
  if (data.has_validation() || options.episodes.test > 0) {
    fail_usage("valid, test: sinusoids are made anew for validation (valid_problems), and nothing is held out");
  }
  if (options.data.target != "auto" && options.data.target != "value") {
    fail_usage("target: expected value with sinusoids, got {}", options.data.target);
  }
  options.data.target = "value";
  options.data.input = "series";
  options.data.scaler = "none";
  options.data.series.values = {"x", "y"};
  options.data.target_column = "y";
  choose_defaults(options);
  check(options, false);
  const AdaptSource source = AdaptSource::sinusoids();
  const int64_t all[] = {0};
  const auto* first = first_model<AdaptTrained>(start);
  AdaptEncoder encoder = first != nullptr ? first->encoder() : AdaptEncoder(source, all, options);
  Random random(start.seed, kInitialValues);
  AdaptParts parts{.train = sinusoid_problems(), .valid = sinusoid_problems(), .checksum = {}};
  parts.checksum.add("sinusoids");
  parts.checksum.add(std::vector<int64_t>{*options.episodes.shots, *options.episodes.queries});
  auto training =
      std::make_unique<AdaptTraining>(AdaptTrained(options, std::move(encoder), {}, random), std::move(parts), start);
  training->set_taken(fmt::format("sinusoids a sin(x - p), a in [0.1, 5], p in [0, pi]; {}", problem_text(options)));
  return training;
}

// A slip in the one word that is not a file.
void check_names(const DataFiles& files) {
  static constexpr std::string_view kMade[] = {"sinusoids"};
  std::error_code ignored;
  for (const DataFile& file : files) {
    if (file.memory() != nullptr || std::filesystem::exists(file.name(), ignored)) continue;
    const std::string meant = did_you_mean(file.name(), kMade);
    if (!meant.empty()) fail_usage("{}: there is no such file{}", file.name(), meant);
  }
}

}  // namespace

const TaskInfo& AdaptTask::info() const { return adapt_info(); }

std::unique_ptr<Training> AdaptTask::train(const TrainingData& data, const TrainingStart& start) {
  if (is_sinusoids(data.files)) return train_on_sinusoids(options, data, start);
  check_names(data.files);
  const auto* first = first_model<AdaptTrained>(start);
  AdaptSource::Reading reading;
  if (first != nullptr) {
    const AdaptEncoder& known = first->encoder();
    reading = {.columns = known.columns(),
               .text_columns = known.text_columns(),
               .chosen = false,
               .pictures = known.reads_picture_files()};
  }
  const AdaptSource source = AdaptSource::read(data.files, options.data, options.use, reading);
  if (source.size() == 0) fail("the training data are empty");
  choose_target(options.data, source);
  const bool text = !source.has_pictures() && source.sequences().is_text();
  const bool pictures = source.has_pictures() || options.data.input == "pictures";
  if (options.data.input == "auto") options.data.input = pictures ? "pictures" : text ? "text" : "series";
  choose_defaults(options);
  check(options, pictures);
  const AdaptClasses classes = classes_of(source, options.data);
  const Split parts = split(classes, options.data, data.held_out.value_or(0), options.episodes.test, start.seed);
  AdaptEncoder encoder = first != nullptr ? first->encoder() : AdaptEncoder(source, parts.train, options);
  if (options.data.rotate && encoder.shape().steps * encoder.shape().channels != encoder.shape().features) {
    fail_usage("rotate: expected square pictures, got {} x {}; side = {} makes them so", encoder.shape().steps,
               encoder.shape().features / encoder.shape().channels, encoder.shape().steps);
  }

  AdaptData of_train = encoder.encode(source, classes, parts.train), of_valid;
  if (!parts.valid.empty()) {
    of_valid = encoder.encode(source, classes, parts.valid);
  } else if (!data.valid.empty()) {
    const TextColumns text_columns = encoder.text_columns();
    const AdaptSource other =
        AdaptSource::read(data.valid, options.data, options.use,
                          {.columns = encoder.columns(), .text_columns = text_columns, .chosen = false});
    std::vector<int64_t> all;
    for (int64_t i = 0; i < other.size(); ++i) all.push_back(i);
    of_valid = encoder.encode(other, classes_of(other, options.data), all);
  }
  AdaptAssets kept;
  for (const AdaptData* part : {&of_train, &of_valid}) {
    for (const AdaptCategory& each : part->categories) kept.seen.push_back(each.mark);
  }
  AdaptParts made{.train = nullptr, .valid = nullptr, .checksum = of_train.checksum()};
  CategoryOptions how{.classes = encoder.shape().is_class(),
                      .ordered = encoder.shape().target == "forecast",
                      .rotate = options.data.rotate,
                      .channels = encoder.shape().channels,
                      .hint = window_hint(options.data)};
  const Drawing drawing{
      .ways = options.episodes.ways, .shots = *options.episodes.shots, .queries = *options.episodes.queries};
  const int64_t learnt = std::ssize(of_train.categories), validated = std::ssize(of_valid.categories);
  made.train = category_problems(std::move(of_train), how, drawing, "the training data");
  how.rotate = false;
  if (validated > 0) made.valid = category_problems(std::move(of_valid), how, drawing, "the validation data");
  kept.categories = made.train->categories();
  Random random(start.seed, kInitialValues);
  const char* what = encoder.shape().is_class() ? "classes" : "series";
  const std::string taken =
      fmt::format("{}; {} {} to learn from{}, {} to validate on, {} left for a test; {}", source.taken(), learnt, what,
                  options.data.rotate ? ", turned four ways" : "", validated, parts.of_test, problem_text(options));
  auto training = std::make_unique<AdaptTraining>(AdaptTrained(options, std::move(encoder), std::move(kept), random),
                                                  std::move(made), start);
  training->set_taken(taken);
  return training;
}

std::unique_ptr<Trained> AdaptTask::restore(const Assets& assets, int64_t elements) const {
  AdaptOptions own = options;
  // Which files are read is for whoever uses a model to say, not for its file.
  own.use.labels_file.clear();
  own.use.shots_file.clear();
  own.use.pretrained.clear();
  if (!own.episodes.shots || !own.episodes.queries || !own.learning.inner_rate) {
    fail("the options lack shots, queries or inner_rate");
  }
  if (own.model.network == "auto") fail("network: expected that of a model, got auto");
  AdaptAssets kept = read_asset(assets, "adapt", &AdaptAssets::from_text);
  AdaptEncoder encoder(assets, own);
  const AdaptShape& shape = encoder.shape();
  if (shape.is_class() && shape.outputs != own.episodes.ways) {
    fail("ways: expected {}, as the model's asset shape has it, got {}", shape.outputs, own.episodes.ways);
  }
  if (!shape.is_class() && own.learning.learner == "prototypes") fail("learner: prototypes tell classes apart");
  check_size(own, shape, elements);
  const bool sequences = assets.contains("columns") || assets.contains("vocabulary");
  if (shape.text && (own.model.network != "rnn" || !sequences)) fail("network: expected rnn of texts");
  if (own.model.network != "rnn" && shape.steps == 0) fail("the model's asset shape lacks the number of steps");
  const auto fits = [&](double numbers) { return numbers <= static_cast<double>(elements); };
  const auto many = static_cast<double>(kept.shots) * static_cast<double>(shape.outputs);
  const bool kept_fit = own.learning.learner == "reader" ? fits(2 * many) : true;
  if (!kept_fit || (own.learning.learner == "pretrained" && !fits(static_cast<double>(kept.categories))) ||
      (own.learning.learner == "prototypes" && !fits(static_cast<double>(kept.classes.size())))) {
    fail("the model's asset adapt asks for more numbers than the file has, {}", elements);
  }
  if (own.learning.learner == "pretrained" && shape.is_class() && kept.categories < 1) {
    fail("the model's asset adapt lacks the number of classes");
  }
  if (kept.is_fitted() && shape.is_class() != !kept.classes.empty()) fail("the model's asset adapt lacks its classes");
  if (kept.is_fitted() && own.learning.learner != "prototypes" && std::ssize(kept.classes) > shape.outputs) {
    fail("the model's asset adapt has more classes than outputs");
  }
  Random random(0);
  return std::make_unique<AdaptTrained>(own, std::move(encoder), std::move(kept), random);
}

}  // namespace recur
