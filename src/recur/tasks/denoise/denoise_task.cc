#include "recur/tasks/denoise/denoise_task.h"

#include <string>
#include <utility>

#include "recur/base/error.h"
#include "recur/tasks/denoise/denoise_input.h"
#include "recur/tasks/denoise/denoise_trained.h"
#include "recur/tasks/denoise/denoise_training.h"
#include "recur/tasks/denoise/noise.h"
#include "recur/tasks/denoise/series_trained.h"
#include "recur/tasks/denoise/unread_options.h"

namespace recur {
namespace {

// Throws UsageError for options that contradict each other or the data.
void check_options(const DenoiseOptions& options) {
  check_noise(options.noise);
  const std::string& select = options.learning.select;
  const bool series = is_series(options);
  if (select != "auto" && select != "loss" && learns_from_noisy(options)) {
    fail_usage("select: expected loss, as clean data are not known (learn_from = noisy), got {}", select);
  }
  if (select == "snr" ? !series : series && (select == "psnr" || select == "ssim")) {
    fail_usage("select: expected {}, got {}", series ? "snr or loss of series" : "psnr, ssim or loss of pictures",
               select);
  }
  if (series && options.noise.kind == "poisson") {
    fail_usage("noise: expected gaussian, salt-pepper or mixed of series, got poisson");
  }
  if (series && options.model.network != "conv" && options.model.network != "columns") {
    fail_usage("network: expected conv or columns of series, got {}", options.model.network);
  }
  if (options.model.rnn.cell == kBatchNormLstm && options.model.network == "conv") {
    fail_usage("cell: {} is for the networks rows, columns and patches, got network = conv", kBatchNormLstm);
  }
}

// Those of the model that training begins from, or the defaults.
DenoiseOptions usual_options(const TrainingStart& start) {
  if (const auto* pictures = first_model<DenoiseTrained>(start)) return pictures->options();
  if (const auto* series = first_model<SeriesDenoiseTrained>(start)) return series->options();
  return {};
}

// Sets what follows from the kind of data.
void choose_defaults(DenoiseOptions& options) {
  if (learns_from_noisy(options) && !options.noise.level.empty()) {
    fail_usage("level: no noise is added to noisy data (learn_from = noisy)");
  }
  if (options.data.patch != 0 && options.data.patch < 8) {
    fail_usage("patch: expected 0 or at least 8, got {}", options.data.patch);
  }
  if (options.data.patch == 0) options.data.patch = is_series(options) ? 256 : 64;
  if (options.noise.level.empty() && is_series(options)) {
    if (options.noise.kind == "gaussian") options.noise.level = {10, 100};
    if (options.noise.kind == "mixed") options.noise.level = {10, 50};
  }
}

}  // namespace

const TaskInfo& DenoiseTask::info() const { return denoise_info(); }

std::unique_ptr<Training> DenoiseTask::train(const TrainingData& data, const TrainingStart& start) {
  if (options.data.input == "auto") options.data.input = input_of(data.files);
  check_options(options);
  refuse_unread_options(options, usual_options(start));
  choose_defaults(options);
  return is_series(options) ? train_on_series(options, data, start) : train_on_pictures(options, data, start);
}

std::unique_ptr<Trained> DenoiseTask::restore(const Assets& assets, int64_t elements) const {
  DenoiseOptions own = options;
  // Which files are read and written, and whether they are clean, is for whoever uses a model to say, not for its file.
  own.use.images.clear();
  own.use.arrays.clear();
  own.use.sounds.clear();
  own.use.clean.clear();
  own.use.eval_level.clear();
  if (own.data.input == "auto") own.data.input = "pictures";  // of a model from before there were series
  check_options(own);
  Random random(0);
  if (is_series(own)) {
    SeriesScale scale(assets);
    check_series_size(own.model, {.channels = scale.channels(), .patch = own.data.patch}, elements);
    return std::make_unique<SeriesDenoiseTrained>(own, std::move(scale), widths_from(assets), random);
  }
  if (own.data.channels == "auto") fail("channels: expected those of a model, got auto");
  check_size(own.model, sizes_of(own), elements);
  return std::make_unique<DenoiseTrained>(own, random);
}

}  // namespace recur
