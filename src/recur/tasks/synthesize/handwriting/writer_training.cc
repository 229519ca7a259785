#include "recur/tasks/synthesize/handwriting/writer_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/synthesize/unread_options.h"

namespace recur {
namespace {

std::vector<std::string> names_of(const DataFiles& files) {
  std::vector<std::string> out;
  for (const DataFile& file : files) out.push_back(file.name());
  return out;
}

struct WritingParts {
  std::vector<Writing> train, valid;
  size_t read = 0;  // writings of the training files
};

// Chosen where it is left open.
Coordinates choose_coordinates(const std::vector<Writing>& as_read, HandwritingOptions& options) {
  if (options.coordinates == "auto") {
    const auto guess = guess_coordinates(as_read);
    if (!guess) {
      fail_usage(
          "coordinates: are the numbers of the strokes moves from point to point, or the points? They look like "
          "either; set coordinates to moves or points");
    }
    options.coordinates = *guess == Coordinates::kMoves ? "moves" : "points";
  }
  return coordinates_of(options);
}

WritingParts parts_of(const TrainingData& data, HandwritingOptions& options, uint64_t seed) {
  std::vector<Writing> as_read = read_writings(data.files);
  const Coordinates kind = choose_coordinates(as_read, options);
  WritingParts out{.train = moves_of(std::move(as_read), kind), .valid = {}};
  out.read = out.train.size();
  if (data.held_out) {
    const HoldOut drawn = hold_out(std::vector<std::string>(out.train.size()), *data.held_out, seed);
    std::vector<Writing> rest;
    for (const int64_t i : drawn.valid) out.valid.push_back(out.train[static_cast<size_t>(i)]);
    for (const int64_t i : drawn.train) rest.push_back(std::move(out.train[static_cast<size_t>(i)]));
    out.train = std::move(rest);
  } else if (!data.valid.empty()) {
    if (!hold_writings(data.valid)) fail("valid: expected JSON lines of strokes, as the training data");
    out.valid = moves_of(read_writings(data.valid), kind);
  }
  return out;
}

// Those that are not too long, for `most` points or for their text.
std::vector<Writing> of_length(std::vector<Writing> all, int64_t most) {
  std::vector<std::string> long_ones, short_ones;
  std::vector<Writing> out;
  for (Writing& each : all) {
    if (std::ssize(each.moves) > most) {
      long_ones.push_back(each.name);
    } else if (std::ssize(each.moves) < count_code_points(each.text)) {
      short_ones.push_back(each.name);
    } else {
      out.push_back(std::move(each));
    }
  }
  if (!long_ones.empty()) {
    log_warning("{} of {} writings have more than {} points and are left out; most_points bounds them: {}",
                long_ones.size(), all.size(), most, listed(long_ones, 5));
  }
  if (!short_ones.empty()) {
    log_warning("{} of {} writings have more characters than points and are left out: {}", short_ones.size(),
                all.size(), listed(short_ones, 5));
  }
  if (out.empty()) fail("no writing is left to learn from");
  return out;
}

// The root of the mean square of a move along either axis, so that letters keep their shape.
double scale_of(const std::vector<Writing>& writings) {
  double sum = 0, count = 0;
  for (const Writing& each : writings) {
    for (const PenMove& move : each.moves) {
      sum += double{move.x} * double{move.x} + double{move.y} * double{move.y};
      count += 2;
    }
  }
  if (!(sum > 0)) fail("{}: strokes: expected a pen that moves, got no move", writings.front().name);
  return std::sqrt(sum / count);
}

WriterKnowledge knowledge_of(const std::vector<Writing>& writings) {
  constexpr int64_t kParts = 16;
  constexpr size_t kMostMoves = 50000;
  std::vector<std::string> texts;
  for (const Writing& each : writings) texts.push_back(each.text);
  WriterKnowledge out{.text = SpeechText::fit(texts, character_reader(false)),
                      .scale = scale_of(writings),
                      .longest_text = {},
                      .gaussian = {},
                      .mixture = {}};
  double points = 0, symbols = 0;
  int64_t longest = 1;
  SpeechGaps gaps;
  PenMoves moves;
  for (const Writing& each : writings) {
    const auto count = std::ssize(out.text.encode(each.text, gaps));
    points += static_cast<double>(each.moves.size());
    symbols += static_cast<double>(count);
    longest = std::max(longest, count_code_points(each.text));
    for (PenMove move : each.moves) {
      if (moves.size() >= kMostMoves) break;
      move.x /= static_cast<float>(out.scale);
      move.y /= static_cast<float>(out.scale);
      moves.push_back(move);
    }
  }
  if (symbols == 0) fail("none of {} texts has a letter or digit", writings.size());
  out.points_per_symbol = points / symbols;
  out.longest_text = longest;
  out.gaussian = MoveDensity::fit(moves, 1);
  out.mixture = MoveDensity::fit(moves, kParts);
  return out;
}

WriterParts encoded(const WriterTrained& trained, const std::vector<Writing>& writings) {
  std::vector<EncodedWriting> all;
  std::vector<int64_t> lengths;
  WriterParts out;
  SpeechGaps gaps;
  for (const Writing& each : writings) {
    EncodedWriting own = trained.encode(each, gaps);
    if (own.symbols.empty()) continue;
    out.checksum.add(own.symbols);
    for (const PenMove& move : own.moves) {
      const float numbers[]{move.x, move.y, move.lifts ? 1.0f : 0.0f};
      out.checksum.add(std::span<const float>(numbers));
    }
    lengths.push_back(std::ssize(own.moves));
    all.push_back(std::move(own));
  }
  gaps.warn();
  if (all.empty()) fail("none of {} texts has a letter or digit that the model knows", writings.size());
  if (all.size() < writings.size()) {
    log_warning("{} of {} texts have no letter or digit and are left out", writings.size() - all.size(),
                writings.size());
  }
  out.train = memory_dataset(std::move(all), std::move(lengths));
  return out;
}

}  // namespace

WriterTraining::WriterTraining(WriterTrained trained, WriterParts parts, ShuffledBatches<EncodedWriting> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.checksum);
}

TrainingStep WriterTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  std::vector<WriterModel::Pair> pairs;
  double points = 0;
  for (const Loaded<EncodedWriting>& each : chosen.examples) {
    pairs.push_back({&each->symbols, &each->moves});
    points += static_cast<double>(each->moves.size());
  }
  const Tensor objective = sum(trained_.network().losses(pairs, mode(), new_trace(trace_gradients))) * (1 / points);
  return {.objective = objective,
          .weight = chosen.counted > 0 ? points : 0,
          .loss = objective.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

std::unique_ptr<Training> train_writer(SynthesizeOptions& options, const TrainingData& data,
                                       const TrainingStart& start) {
  if (!options.data.pronounce.empty() || options.data.tokens == "phonemes") {
    fail_usage("tokens, pronounce: handwriting is learnt from characters");
  }
  const auto* first = first_model<WriterTrained>(start);
  if (start.first != nullptr && first == nullptr) fail("from_model: expected a model that writes, got one that speaks");
  refuse_speech_options(options, first != nullptr ? first->options() : SynthesizeOptions{});
  const bool is_open = options.handwriting.coordinates == "auto";
  WritingParts read = parts_of(data, options.handwriting, start.seed);
  const std::vector<Writing> writings = of_length(std::move(read.train), options.handwriting.most_points);
  log_info("the files hold strokes of a pen: handwriting is learnt");
  if (is_open) log_info("strokes: {}; set coordinates to change this", text_of(coordinates_of(options.handwriting)));
  Random random(start.seed, kInitialValues);
  WriterTrained trained(options, first != nullptr ? first->knowledge() : knowledge_of(writings), random);
  WriterParts parts = encoded(trained, writings);
  parts.valid = std::move(read.valid);
  ShuffledBatches<EncodedWriting> batches(
      parts.train, {.batch = options.data.batch, .most_steps = options.data.batch * options.handwriting.most_points},
      start);
  auto training = std::make_unique<WriterTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(
      fmt::format("{}: {} writings, {} to learn from", files_text(names_of(data.files)), read.read, writings.size()));
  return training;
}

std::unique_ptr<Trained> restore_writer(const SynthesizeOptions& options, const Assets& assets, int64_t elements) {
  if (options.handwriting.coordinates == "auto") fail("coordinates: expected those of a model, got auto");
  WriterKnowledge knowledge = read_writer_knowledge(assets);
  check_least_parameters(least_writer_parameters(options, {.symbols = knowledge.text.symbols()}), elements);
  Random random(0);
  return std::make_unique<WriterTrained>(options, std::move(knowledge), random);
}

}  // namespace recur
