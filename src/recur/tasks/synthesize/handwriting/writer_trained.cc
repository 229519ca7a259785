#include "recur/tasks/synthesize/handwriting/writer_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"
#include "recur/ops/cast.h"
#include "recur/tasks/baseline_results.h"
#include "recur/tasks/svg_name.h"
#include "recur/tasks/synthesize/handwriting/writings_picture.h"
#include "recur/tasks/synthesize/synthesize_trained.h"

namespace recur {
namespace {

constexpr const char *kPenAsset = "pen", *kGaussianAsset = "pen_gaussian", *kMixtureAsset = "pen_mixture";

// What is found of a writing.
struct WritingScore {
  double loss = 0, other = 0, gaussian = 0, mixture = 0;  // sums over its points
};

PenMoves unscaled(PenMoves moves, double scale) {
  for (PenMove& move : moves) {
    move.x *= static_cast<float>(scale);
    move.y *= static_cast<float>(scale);
  }
  return moves;
}

}  // namespace

Assets assets_of(const WriterKnowledge& knowledge) {
  Assets out = knowledge.text.assets();
  Json pen{{"scale", knowledge.scale}, {"points_per_symbol", knowledge.points_per_symbol}};
  if (knowledge.longest_text) pen.add("longest_text", *knowledge.longest_text);
  out.emplace(kPenAsset, pen.dump());
  out.emplace(kGaussianAsset, knowledge.gaussian.text());
  out.emplace(kMixtureAsset, knowledge.mixture.text());
  return out;
}

bool are_of_a_writer(const Assets& assets) { return assets.contains(kPenAsset); }

WriterKnowledge read_writer_knowledge(const Assets& assets) {
  WriterKnowledge out{.text = SpeechText(assets, character_reader(false)),
                      .longest_text = {},
                      .gaussian = read_asset(assets, kGaussianAsset, MoveDensity::read),
                      .mixture = read_asset(assets, kMixtureAsset, MoveDensity::read)};
  read_asset(assets, kPenAsset, [&](const std::string& text) {
    const auto json = parse_json(text, 2);
    if (!json) fail("expected a JSON object");
    try {
      out.scale = json->at("scale").get<double>();
      out.points_per_symbol = json->at("points_per_symbol").get<double>();
      if (const Json* longest = json->find("longest_text")) out.longest_text = longest->get<int64_t>();
    } catch (const JsonError& error) {
      fail("{}", error.what());
    }
    constexpr double kMost = 1e9;
    if (!(out.scale > 0 && out.scale <= kMost)) fail("scale: expected a number above 0, got {}", out.scale);
    if (!(out.points_per_symbol > 0 && out.points_per_symbol <= 1e5)) {
      fail("points_per_symbol: expected a number above 0, up to 1e5, got {}", out.points_per_symbol);
    }
    constexpr int64_t kLongest = int64_t{1} << 26;
    if (out.longest_text && (*out.longest_text < 1 || *out.longest_text > kLongest)) {
      fail("longest_text: expected 1 .. {}, got {}", kLongest, *out.longest_text);
    }
    return 0;
  });
  return out;
}

Coordinates coordinates_of(const HandwritingOptions& options) {
  return options.coordinates == "points" ? Coordinates::kPoints : Coordinates::kMoves;
}

WriterTrained::WriterTrained(const SynthesizeOptions& options, WriterKnowledge knowledge, Random& random)
    : TrainedOf(options),
      knowledge_(std::move(knowledge)),
      model_(options, {.symbols = knowledge_.text.symbols(), .points_per_symbol = knowledge_.points_per_symbol},
             random) {}

const TaskInfo& WriterTrained::info() const {
  static const TaskInfo info = [] {
    TaskInfo own = synthesize_info();
    own.unit = "writings";
    return own;
  }();
  return info;
}

EncodedWriting WriterTrained::encode(const Writing& writing, SpeechGaps& gaps) const {
  return {.symbols = knowledge_.text.encode(writing.text, gaps),
          .moves = unscaled(writing.moves, 1 / knowledge_.scale)};
}

Evaluation WriterTrained::evaluate(const DataFiles& data, Sink* examples) const {
  return measure(moves_of(read_writings(data), coordinates_of(options_.handwriting)), examples, /*says=*/true);
}

Evaluation WriterTrained::measure(const std::vector<Writing>& writings, Sink* examples, bool says) const {
  const autograd::NoGrad no_grad;
  SpeechGaps gaps;
  std::vector<EncodedWriting> all;
  std::vector<const Writing*> used;
  std::vector<std::string> left_out;
  for (const Writing& each : writings) {
    EncodedWriting own = encode(each, gaps);
    if (own.symbols.empty()) {
      left_out.push_back(each.name);
      continue;
    }
    all.push_back(std::move(own));
    used.push_back(&each);
  }
  if (all.empty()) fail("none of {} texts has a letter or digit that the model knows", writings.size());
  if (says) gaps.warn();
  if (says && !left_out.empty()) {
    log_warning("{} texts have no letter or digit that the model knows, and are left out: {}", left_out.size(),
                listed(left_out, 5));
  }
  std::vector<WritingScore> scores(all.size());
  std::vector<int64_t> lengths;
  for (const EncodedWriting& each : all) lengths.push_back(std::ssize(each.moves));
  for (const auto& which : batches_by_length(lengths, {.batch = options_.pen.batch, .most_steps = 1 << 15})) {
    check_stop();
    std::vector<WriterModel::Pair> right, other;
    for (const int32_t i : which) {
      const auto at = static_cast<size_t>(i);
      right.push_back({&all[at].symbols, &all[at].moves});
      other.push_back({&all[(at + 1) % all.size()].symbols, &all[at].moves});
    }
    const Tensor nats = cast(model_.losses(right, Mode::evaluation()), DType::kF32);
    const Tensor others = cast(model_.losses(other, Mode::evaluation()), DType::kF32);
    for (size_t b = 0; b < which.size(); ++b) {
      const auto at = static_cast<size_t>(which[b]);
      scores[at].loss = nats.values<float>()[b];
      scores[at].other = others.values<float>()[b];
      check_finite(scores[at].loss, [&] { return used[at]->name; });
      for (const PenMove& move : all[at].moves) {
        scores[at].gaussian += knowledge_.gaussian.loss(move);
        scores[at].mixture += knowledge_.mixture.loss(move);
      }
    }
  }
  if (examples != nullptr) {
    examples->columns({"writing", "points", "loss", "text"});
    for (size_t i = 0; i < all.size(); ++i) {
      const auto points = std::ssize(all[i].moves);
      examples->row(
          std::vector<TableCell>{used[i]->name, points, scores[i].loss / static_cast<double>(points), used[i]->text});
    }
  }
  WritingScore sums;
  double points = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    points += static_cast<double>(all[i].moves.size());
    sums.loss += scores[i].loss;
    sums.other += scores[i].other;
    sums.gaussian += scores[i].gaussian;
    sums.mixture += scores[i].mixture;
  }
  Evaluation result{.examples = std::ssize(all),
                    .metrics = {{"loss", sums.loss / points}, {"loss_of_another_text", sums.other / points}}};
  add_baselines(result, {.by = {.metric = "loss"},
                         .methods = {{"mixture of Gaussians", {{"loss", sums.mixture / points}}},
                                     {"Gaussian", {{"loss", sums.gaussian / points}}}}});
  return result;
}

void WriterTrained::check_lengths(const std::vector<NamedText>& texts) const {
  constexpr int64_t kMost = 10000, kFar = 4;
  std::vector<std::string> far;
  for (const NamedText& each : texts) {
    const int64_t length = count_code_points(each.text);
    if (length > kMost) fail("{}: expected a text of at most {} characters, got {}", each.source, kMost, length);
    if (knowledge_.longest_text && length > kFar * *knowledge_.longest_text) {
      far.push_back(fmt::format("{} ({})", each.source, length));
    }
  }
  if (far.empty()) return;
  log_warning("{} more than {} times as many characters as the longest of training, {}, and may go wrong: {}",
              counted(std::ssize(far), "text has", "texts have"), kFar, *knowledge_.longest_text, listed_files(far));
}

void WriterTrained::write_all(const std::vector<NamedText>& texts, uint64_t seed, Sink& out) const {
  const WriteHandOptions& use = options_.pen.write;
  check_svg_name("picture", use.picture);
  const bool are_points = coordinates_of(options_.handwriting) == Coordinates::kPoints;
  check_lengths(texts);
  SpeechGaps gaps;
  std::vector<Writing> drawn;
  for (size_t k = 0; k < texts.size(); ++k) {
    const NamedText& each = texts[k];
    gaps.place = each.source;
    const SpeechSymbols symbols = knowledge_.text.encode(each.text, gaps);
    if (symbols.empty()) {
      log_warning("{}: no letter or digit that the model knows: left out", each.source);
      continue;
    }
    Written written = model_.write(symbols, {.sharpness = use.sharpness}, Random(seed, k));
    if (!written.ended) log_warning("{}: it did not end by itself", each.source);
    drawn.push_back({each.text, unscaled(std::move(written.moves), knowledge_.scale), each.text});
    const PenMoves& moves = drawn.back().moves;
    for (const PenMove& move : moves) {
      if (!std::isfinite(move.x) || !std::isfinite(move.y)) fail("{}: a move is not finite", each.source);
    }
    if (drawn.size() == 1) out.columns({"text", "points", "ended", "strokes"});
    out.row(std::vector<TableCell>{each.text, std::ssize(moves), written.ended ? "window" : "bound",
                                   strokes_json(moves, are_points)});
  }
  if (drawn.empty()) fail("expected a text with a letter or digit that the model knows, got none");
  gaps.warn();
  if (!use.picture.empty()) out.picture({.name = use.picture, .bytes = writings_svg(drawn)});
}

void WriterTrained::predict(const DataFiles& data, Sink& out) const {
  std::vector<NamedText> texts;
  if (hold_writings(data)) {
    for (const Writing& each : read_writings(data)) {
      texts.push_back({each.name, each.text, each.name});
    }
  } else {
    for (const DataFile& file : data) {
      if (!is_plain_text(file)) fail("{}: expected lines of a .txt file, or JSON lines of strokes", file.name());
    }
    texts = text_lines(data);
  }
  if (texts.empty()) fail("no text to write");
  write_all(texts, options_.pen.seed, out);
}

void WriterTrained::generate(const GenerateOptions& options, Sink& out) const {
  if (options.length != GenerateOptions{}.length) fail_usage("length: how long a text takes follows from the text");
  const SamplingOptions usual;
  if (options.sampling.top_k != usual.top_k || options.sampling.top_p != usual.top_p ||
      options.sampling.temperature != usual.temperature) {
    fail_usage("temperature, top_k, top_p: a writer knows sharpness alone");
  }
  write_all(text_lines("prompt", options.prompt), options.seed, out);
}

Description WriterTrained::describe() const {
  return {{"writes", std::string("strokes of a pen")},
          {"characters", knowledge_.text.known()},
          {"points per character", knowledge_.points_per_symbol},
          {"Gaussians", options_.handwriting.parts},
          {"scale", knowledge_.scale}};
}

}  // namespace recur
