#include "recur/tasks/caption/caption_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/picture_augment.h"
#include "recur/tasks/caption/caption_training.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/unknown_symbols.h"

namespace recur {
namespace {

using SharedSet = std::shared_ptr<const CaptionSet>;

SharedSet read_set(const DataFiles& files, const CaptionOptions& options, const std::string& features) {
  auto set = std::make_shared<const CaptionSet>(
      CaptionSet::read(files, set_options(options.data, features, /*need_captions=*/true)));
  set->log_all();
  return set;
}

// The training images with those of their captions that are not too long.
struct Kept {
  std::vector<int64_t> images;
  std::vector<std::vector<CaptionSymbols>> captions;  // of each
};

Kept kept_of(const CaptionSet& set, const std::vector<int64_t>& train, const CaptionEncoder& encoder,
             int64_t most_tokens) {
  Kept kept;
  int64_t all = 0, left_out = 0;
  for (const int64_t i : train) {
    std::vector<CaptionSymbols> own;
    for (const std::string& caption : set.image(i).captions) {
      ++all;
      CaptionSymbols symbols = encoder.encode(caption);
      if (std::ssize(symbols) > most_tokens) {
        ++left_out;
      } else {
        own.push_back(std::move(symbols));
      }
    }
    if (own.empty()) continue;
    kept.images.push_back(i);
    kept.captions.push_back(std::move(own));
  }
  if (kept.images.empty()) fail("most_tokens: all {} captions are longer than {} tokens", all, most_tokens);
  if (left_out > 0) {
    log_warning("{} of {} captions are longer than {} tokens and are left out; the limit is most_tokens", left_out, all,
                most_tokens);
  }
  return kept;
}

DataChecksum checksum_of(const CaptionSet& set, const Kept& kept) {
  DataChecksum checksum;
  for (size_t i = 0; i < kept.images.size(); ++i) {
    checksum.add(set.values(kept.images[i]));
    for (const CaptionSymbols& each : kept.captions[i]) checksum.add(each);
  }
  return checksum;
}

// Pictures are changed by `kinds`.
DatasetPtr<CaptionExample> examples_of(const SharedSet& set, Kept kept, const std::vector<std::string>& kinds) {
  std::vector<int64_t> lengths(kept.images.size(), 1);
  const auto load = [set, kept = std::move(kept), kinds](int64_t i, Random& random) {
    const auto at = static_cast<size_t>(i);
    CaptionExample example{.values = set->values(kept.images[at]), .captions = kept.captions[at]};
    const int64_t side = set->shape().side;
    if (set->shape().has_pictures()) change_pictures(example.values, {side, side, 3}, kinds, random);
    return example;
  };
  return function_dataset<CaptionExample>(std::move(lengths), load, set->in_memory());
}

std::vector<int64_t> drawn(std::vector<int64_t> which, int64_t most, uint64_t seed) {
  Random random(seed, kHoldOutStream);
  random.shuffle(std::span(which));
  which.resize(static_cast<size_t>(std::min(std::ssize(which), static_cast<std::ptrdiff_t>(most))));
  std::ranges::sort(which);
  return which;
}

std::vector<std::string> captions_of(const CaptionSet& set, std::span<const int64_t> images) {
  std::vector<std::string> captions;
  for (const int64_t i : images)
    for (const std::string& caption : set.image(i).captions) captions.push_back(caption);
  return captions;
}

}  // namespace

const TaskInfo& CaptionTask::info() const { return caption_info(); }

std::unique_ptr<Training> CaptionTask::train(const TrainingData& data, const TrainingStart& start) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  for (std::string* path : {&options.use.features, &options.data.valid_features}) {
    if (!path->empty()) *path = absolute_path(*path);
  }
  const std::vector<std::string>& kinds = options.augment.kinds;
  if (kinds.size() > 1 && std::ranges::count(kinds, "none") > 0) fail_usage("augment: expected none alone");
  const SharedSet set = read_set(data.files, options, options.use.features);
  std::vector<int64_t> train = all_of(set->size());
  CaptionParts parts;
  if (data.held_out) {
    const std::vector<std::string> alike(train.size());
    HoldOut cut = hold_out(alike, *data.held_out, start.seed);
    train = std::move(cut.train);
    parts.valid = std::move(cut.valid);
    parts.valid_set = set;
  } else if (!data.valid.empty()) {
    parts.valid_set = read_set(data.valid, options, options.data.valid_features);
    check_shape(*parts.valid_set, set->shape());
    parts.valid = all_of(parts.valid_set->size());
  }
  parts.sample = drawn(parts.valid, options.learning.valid_sample, start.seed);
  const auto* first = first_model<CaptionTrained>(start);
  if (first != nullptr) check_shape(*set, first->encoder().shape());
  CaptionEncoder encoder = first != nullptr ? first->encoder() : CaptionEncoder::fit(*set, train, options.data.tokens);
  if (first != nullptr) warn_of_unknown(encoder.tokens(), captions_of(*set, train), "the captions to train on");
  Kept kept = kept_of(*set, train, encoder, options.data.most_tokens);
  parts.checksum = checksum_of(*set, kept);
  parts.train = examples_of(set, std::move(kept), kinds);
  Random random(start.seed, kInitialValues);
  CaptionTrained trained(options, std::move(encoder), random);
  ShuffledBatches<CaptionExample> batches(parts.train, {.batch = options.data.batch}, start);
  auto training = std::make_unique<CaptionTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(fmt::format("{}: {}, {}", files_text(set->files()), counted(set->size(), "image", "images"),
                                  counted(set->captions(), "caption", "captions")));
  return training;
}

std::unique_ptr<Trained> CaptionTask::restore(const Assets& assets, int64_t elements) const {
  CaptionOptions own = options;
  own.use.features.clear();  // they were those of the training data
  // What is written is for whoever uses a model to say, not for its file.
  own.use.chart.clear();
  own.use.attention = false;
  own.data.valid_features.clear();
  CaptionEncoder encoder(assets);
  check_size(own.model, encoder, elements);
  Random random(0);
  return std::make_unique<CaptionTrained>(own, std::move(encoder), random);
}

}  // namespace recur
