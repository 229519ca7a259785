// Frame prediction: two digits move through a frame and bounce off its edges; of ten frames that are seen, the next ten
// are predicted (Srivastava et al., "Unsupervised learning of video representations using LSTMs", 2015). A
// convolutional LSTM (Shi et al., 2015) is held against a fully connected one of as many parameters, and against a copy
// of the last frame. See docs/moving_digits.md.
#include <recur/recur.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "examples/support/command_line.h"
#include "examples/support/digit_glyphs.h"
#include "examples/support/frame_predictors.h"
#include "examples/support/moving_frames.h"
#include "recur/base/file.h"
#include "recur/data/images/image.h"
#include "recur/tasks/metrics/image_quality.h"

namespace {

using examples::FramePredictor;
using examples::kFramePixels;
using examples::kFrameSide;
using recur::Tensor;

constexpr int64_t kSeen = 10, kAhead = 10;  // frames
constexpr int64_t kDrawn = 2000;            // glyphs, where there is no file of them
constexpr int64_t kHeldOutShare = 10;       // one glyph in so many is for the test, where it has no file of its own
constexpr uint64_t kTestSeed = 20150601;    // of the test sequences, whatever the seed of training
constexpr int64_t kTestBatch = 20;
constexpr int64_t kShown = 3;  // test sequences in the picture

struct Arguments {
  std::string digits, test_digits;  // IDX files; empty: drawn, or a part of `digits`
  std::string network;              // empty: both
  int64_t hidden = 32;              // channels of each layer of the convolutional LSTM
  int64_t batch = 4;
  double rate = 3e-3;  // of Adam, falling to 0 by a cosine
  double clip = 0.1;   // of the gradient's norm
  double minutes = 5;  // of training, for each network
  int64_t steps = 0;   // or so many, whatever the time
  int64_t test = 500;  // sequences
  uint64_t seed = 1;
  int threads = 0;  // 0: as RECUR_THREADS says
  std::string out = ".";
};

// --- data -----------------------------------------------------------------------------------------------------------

struct Digits {
  examples::Glyphs train, test;
};

Digits load_digits(const Arguments& arguments) {
  const auto most_side = static_cast<int64_t>(kFrameSide - examples::MovingOptions{}.fastest);
  if (arguments.digits.empty()) {
    recur::Random random(kTestSeed, 1);
    examples::Glyphs drawn = examples::draw_glyphs(kDrawn, random);
    examples::Glyphs test = split_off(drawn, kDrawn / kHeldOutShare);
    return {std::move(drawn), std::move(test)};
  }
  examples::Glyphs train = examples::read_glyphs(arguments.digits, most_side);
  if (!arguments.test_digits.empty())
    return {std::move(train), examples::read_glyphs(arguments.test_digits, most_side)};
  if (train.count() < kHeldOutShare) {
    recur::fail("{}: expected at least {} digits, got {}", arguments.digits, kHeldOutShare, train.count());
  }
  examples::Glyphs test = split_off(train, train.count() / kHeldOutShare);
  return {std::move(train), std::move(test)};
}

// Frames [20, B, 4096], row by row: ten to see, ten to predict.
Tensor make_batch(const examples::Glyphs& glyphs, int64_t batch, recur::Random& random) {
  return moving_frames(glyphs, {.side = kFrameSide, .steps = kSeen + kAhead}, batch, random);
}

// --- scores ---------------------------------------------------------------------------------------------------------

// Of frames 11 .. 20, row by row [10, B, 4096].
struct Prediction {
  Tensor frames;  // in 0 .. 1
  Tensor logits;  // whose sigmoid the cross-entropy takes for the probability of white
};

// Means over all predicted frames of the test.
struct Score {
  double cross_entropy = 0;                // nats a frame
  double first_frame = 0, last_frame = 0;  // the same of the first and the last predicted one
  double squared_error = 0;                // sum over the pixels of a frame
  double ssim = 0;
  int64_t sequences = 0;

  void add(const Prediction& prediction, const Tensor& truth);
  double mean(double sum) const { return sum / static_cast<double>(sequences); }
};

// `sum` of the loss over the frames of step t.
double cross_entropy_at(const Prediction& prediction, const Tensor& truth, int64_t t) {
  const Tensor loss = binary_cross_entropy_with_logits(row(prediction.logits, t), row(truth, t));
  return loss.item() * static_cast<double>(truth.size(1) * kFramePixels);
}

void Score::add(const Prediction& prediction, const Tensor& truth) {
  const int64_t B = truth.size(1);
  for (int64_t t = 0; t < kAhead; ++t) {
    const double here = cross_entropy_at(prediction, truth, t);
    cross_entropy += here / kAhead;
    if (t == 0) first_frame += here;
    if (t == kAhead - 1) last_frame += here;
  }
  for (int64_t i = 0; i < kAhead * B; ++i) {
    const std::span<const float> ours(prediction.frames.data<float>() + i * kFramePixels, kFramePixels);
    const std::span<const float> real(truth.data<float>() + i * kFramePixels, kFramePixels);
    squared_error += recur::mean_squared_error(ours, real) * kFramePixels / kAhead;
    ssim += recur::structural_similarity(ours, real, {.height = kFrameSide, .width = kFrameSide}) / kAhead;
  }
  sequences += B;
}

// f(seen [10, B, 4096]) -> Prediction, over all test batches.
template <class Predict>
Score score_of(const std::vector<Tensor>& test, Predict&& predict) {
  const recur::autograd::NoGrad no_grad;
  Score score;
  for (const Tensor& frames : test) score.add(predict(rows(frames, 0, kSeen)), rows(frames, kSeen, kSeen + kAhead));
  return score;
}

Prediction predict(const FramePredictor& network, const Tensor& seen) {
  const Tensor all = network(examples::frames_to_patches(seen), kAhead);
  const Tensor logits = examples::patches_to_frames(rows(all, all.size(0) - kAhead, all.size(0)));
  return {sigmoid(logits), logits};
}

// frame [1, B, 4096] -> [10, B, 4096]
Tensor ten_times(const Tensor& frame) { return concat(recur::Tensors(kAhead, frame), 0); }

// A copy is never sure of its pixels: with probabilities kept within doubt .. 1 - doubt.
Prediction copy_last(const Tensor& seen, double doubt) {
  const Tensor last = ten_times(rows(seen, kSeen - 1, kSeen));
  const Tensor p = minimum(maximum(last, Tensor::scalar(doubt)), Tensor::scalar(1 - doubt));
  return {last, log(p / (1.0 - p))};
}

// The doubt with the least cross-entropy on the test itself.
double best_doubt(const std::vector<Tensor>& test) {
  const recur::autograd::NoGrad no_grad;
  double best = 0, least = 0;
  for (const double doubt : {0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15}) {
    double sum = 0;
    for (const Tensor& frames : test) {
      const Prediction copy = copy_last(rows(frames, 0, kSeen), doubt);
      for (int64_t t = 0; t < kAhead; ++t) sum += cross_entropy_at(copy, rows(frames, kSeen, kSeen + kAhead), t);
    }
    if (best == 0 || sum < least) std::tie(best, least) = std::pair(doubt, sum);
  }
  return best;
}

// The mean of training frames [1, 1, 4096].
Tensor mean_frame(const examples::Glyphs& glyphs, uint64_t seed) {
  constexpr int64_t kBatches = 50, kBatch = 20;
  recur::Random random(seed, 2);
  Tensor sum = Tensor::zeros({kFramePixels});
  for (int64_t i = 0; i < kBatches; ++i) sum = sum + mean(mean(make_batch(glyphs, kBatch, random), 0), 0);
  return reshape(sum / static_cast<double>(kBatches), {1, 1, kFramePixels});
}

// The same frame [1, 1, 4096], of probabilities, for every sequence and step. A pixel that is always black is not sure
// to be.
Prediction always(const Tensor& frame, int64_t batch) {
  const Tensor all = ten_times(broadcast_to(frame, {1, batch, kFramePixels}));
  const Tensor p = maximum(all, Tensor::scalar(1e-4));
  return {all, log(p / (1.0 - p))};
}

// --- training -------------------------------------------------------------------------------------------------------

struct Row {
  std::string name;
  int64_t parameters = 0, steps = 0;
  double seconds = 0;
  Score score;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Cross-entropy of frames 2 .. 20, the mean over their pixels.
Tensor loss_of(const FramePredictor& network, const Tensor& frames) {
  const Tensor patches = examples::frames_to_patches(frames);
  const Tensor logits = network(rows(patches, 0, kSeen), kAhead);
  return binary_cross_entropy_with_logits(logits, rows(patches, 1, kSeen + kAhead));
}

// Fills in the steps and seconds of `row`.
void train(const FramePredictor& network, const examples::Glyphs& glyphs, const Arguments& arguments, Row& row) {
  constexpr int kReports = 20;
  recur::Random random(arguments.seed, 1);
  recur::Adam adam(network.parameters(), {.rate = arguments.rate});
  const auto schedule = recur::make_schedule({.name = "cosine"});
  const auto start = std::chrono::steady_clock::now();
  double share = 0, losses = 0, norms = 0;
  int64_t since = 0;
  for (int reported = 0; share < 1;) {
    const Tensor frames = make_batch(glyphs, arguments.batch, random);
    adam.zero_grad();
    const Tensor loss = loss_of(network, frames);
    loss.backward();
    norms += recur::clip_norm(adam.parameters(), arguments.clip);
    adam.set_rate(arguments.rate * schedule->factor({.step = row.steps, .share = share}));
    adam.step();
    losses += loss.item() * kFramePixels;
    ++row.steps;
    ++since;
    row.seconds = seconds_since(start);
    share = arguments.steps > 0 ? static_cast<double>(row.steps) / static_cast<double>(arguments.steps)
                                : row.seconds / (60 * arguments.minutes);
    if (share * kReports < reported) continue;
    std::fprintf(stderr, "%-9s step %7lld  %5.0f s  training cross-entropy a frame %.1f, gradient norm %.3f\n",
                 row.name.c_str(), static_cast<long long>(row.steps), row.seconds, losses / static_cast<double>(since),
                 norms / static_cast<double>(since));
    losses = norms = 0;
    since = 0;
    reported = static_cast<int>(share * kReports) + 1;
  }
}

// --- the report -----------------------------------------------------------------------------------------------------

void print_table(const std::vector<Row>& table) {
  std::printf(
      "| | parameters | steps | minutes | BCE a frame | of frame 11 | of frame 20 | BCE a pixel | MSE a frame | SSIM "
      "|\n");
  std::printf("|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& [name, parameters, steps, seconds, score] : table) {
    const double entropy = score.mean(score.cross_entropy);
    std::printf("| %s | %lld | %lld | %.1f | %.1f | %.1f | %.1f | %.4f | %.1f | %.3f |\n", name.c_str(),
                static_cast<long long>(parameters), static_cast<long long>(steps), seconds / 60, entropy,
                score.mean(score.first_frame), score.mean(score.last_frame), entropy / kFramePixels,
                score.mean(score.squared_error), score.mean(score.ssim));
  }
}

// Rows of ten frames each, on grey.
class Strip {
 public:
  // rows_of_frames[i] is [10, B, 4096]: frames of sequence b.
  void add(const Tensor& frames, int64_t b) {
    const int64_t top = height_ + kGap;
    height_ = top + kFrameSide;
    picture_.resize(static_cast<size_t>((height_ + kGap) * width()), kGrey);
    for (int64_t t = 0; t < kAhead; ++t) {
      const float* from = frames.data<float>() + (t * frames.size(1) + b) * kFramePixels;
      for (int64_t y = 0; y < kFrameSide; ++y) {
        std::copy_n(from + y * kFrameSide, kFrameSide,
                    picture_.begin() + (top + y) * width() + kGap + t * (kFrameSide + kGap));
      }
    }
  }
  void add_space() { height_ += 4 * kGap; }

  std::string png() const {
    return recur::png_bytes({.height = height_ + kGap, .width = width(), .values = picture_}, 8);
  }

 private:
  static constexpr int64_t kGap = 2;
  static constexpr float kGrey = 0.4f;
  static int64_t width() { return kAhead * (kFrameSide + kGap) + kGap; }

  std::vector<float> picture_;
  int64_t height_ = 0;
};

// Of each of the first test sequences: what was seen, what came, and what each network predicts.
void write_picture(const Tensor& frames, const std::vector<std::unique_ptr<FramePredictor>>& networks,
                   const std::filesystem::path& path) {
  const recur::autograd::NoGrad no_grad;
  std::vector<Tensor> shown{rows(frames, 0, kSeen), rows(frames, kSeen, kSeen + kAhead)};
  for (const auto& network : networks) shown.push_back(predict(*network, shown[0]).frames);
  Strip strip;
  for (int64_t b = 0; b < std::min(kShown, frames.size(1)); ++b) {
    if (b > 0) strip.add_space();
    for (const Tensor& each : shown) strip.add(each, b);
  }
  recur::write_file_atomic(path, strip.png());
  std::fprintf(stderr, "wrote %s\n", path.string().c_str());
}

// --- the command line -----------------------------------------------------------------------------------------------

constexpr const char* kHelp =
    "usage: moving_digits [--digits FILE] [--test-digits FILE] [--network conv_lstm|lstm] [--hidden 32] [--batch 4]\n"
    "                     [--minutes 5 | --steps N] [--rate 0.003] [--clip 0.1] [--test 500] [--seed 1] [--threads N]\n"
    "                     [--out .]\n"
    "Trains a convolutional LSTM of two layers of --hidden channels, and a fully connected LSTM with as many "
    "parameters\n"
    "(one of them with --network), to predict ten frames of moving digits from ten that are seen. Prints a table of\n"
    "their errors on --test sequences and writes the picture moving_digits.png into the folder --out.\n"
    "Digits are those of IDX files such as MNIST's (.gz and the like too), or drawn. Without --test-digits the last "
    "tenth\n"
    "of the digits is for the test. --minutes or --steps are those of each network; with --steps a seed always gives "
    "the\n"
    "same result.\n";

Arguments parse(const std::vector<std::string>& words) {
  Arguments a;
  examples::for_each_option(words, [&a](const std::string& option, const std::string& value) {
    if (option == "--digits")
      a.digits = value;
    else if (option == "--test-digits")
      a.test_digits = value;
    else if (option == "--network")
      a.network = value;
    else if (option == "--hidden")
      a.hidden = examples::number<int64_t>(option, value, 1);
    else if (option == "--batch")
      a.batch = examples::number<int64_t>(option, value, 1);
    else if (option == "--rate")
      a.rate = examples::number(option, value, 1e-9);
    else if (option == "--clip")
      a.clip = examples::number(option, value, 1e-9);
    else if (option == "--minutes")
      a.minutes = examples::number(option, value, 1e-3);
    else if (option == "--steps")
      a.steps = examples::number<int64_t>(option, value, 1);
    else if (option == "--test")
      a.test = examples::number<int64_t>(option, value, 1);
    else if (option == "--seed")
      a.seed = examples::number<uint64_t>(option, value, 0);
    else if (option == "--threads")
      a.threads = examples::number<int>(option, value, 1);
    else if (option == "--out")
      a.out = value;
    else
      return false;
    return true;
  });
  if (!a.network.empty() && a.network != "conv_lstm" && a.network != "lstm")
    recur::fail_usage("--network: expected conv_lstm or lstm, got \"{}\"", a.network);
  if (a.digits.empty() && !a.test_digits.empty()) recur::fail_usage("--test-digits: expected --digits, too");
  return a;
}

std::vector<Tensor> make_test(const examples::Glyphs& glyphs, int64_t sequences) {
  recur::Random random(kTestSeed);
  std::vector<Tensor> test;
  for (int64_t left = sequences; left > 0; left -= kTestBatch) {
    test.push_back(make_batch(glyphs, std::min(left, kTestBatch), random));
  }
  return test;
}

int run(const Arguments& arguments) {
  if (arguments.threads > 0) recur::set_threads(arguments.threads);
  std::filesystem::create_directories(arguments.out);
  const Digits digits = load_digits(arguments);
  const std::vector<Tensor> test = make_test(digits.test, arguments.test);
  std::fprintf(stderr, "%lld digits for training, %lld for %lld test sequences of seed %llu\n",
               static_cast<long long>(digits.train.count()), static_cast<long long>(digits.test.count()),
               static_cast<long long>(arguments.test), static_cast<unsigned long long>(kTestSeed));
  recur::Random weights(arguments.seed);
  std::unique_ptr<FramePredictor> conv_lstm = examples::conv_lstm_predictor(arguments.hidden, weights);
  std::unique_ptr<FramePredictor> lstm = examples::lstm_predictor(conv_lstm->parameter_count(), weights);
  std::vector<std::unique_ptr<FramePredictor>> networks;
  std::vector<Row> table;
  const auto contend = [&](const char* key, const char* name, std::unique_ptr<FramePredictor> network) {
    if (!arguments.network.empty() && arguments.network != key) return;
    Row row{.name = name, .parameters = network->parameter_count(), .score = {}};
    train(*network, digits.train, arguments, row);
    row.score = score_of(test, [&](const Tensor& seen) { return predict(*network, seen); });
    table.push_back(row);
    networks.push_back(std::move(network));
  };
  contend("conv_lstm", "ConvLSTM", std::move(conv_lstm));
  contend("lstm", "LSTM", std::move(lstm));
  const double doubt = best_doubt(test);
  const auto add_baseline = [&](const char* name, const auto& predict) {
    table.push_back({.name = name, .score = score_of(test, predict)});
  };
  add_baseline("copy of the last frame", [&](const Tensor& seen) { return copy_last(seen, doubt); });
  const Tensor mean = mean_frame(digits.train, arguments.seed);
  add_baseline("mean frame", [&](const Tensor& seen) { return always(mean, seen.size(1)); });
  print_table(table);
  write_picture(test.front(), networks, std::filesystem::path(arguments.out) / "moving_digits.png");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return examples::main_of("moving_digits", kHelp, argc, argv,
                           [](const std::vector<std::string>& words) { return run(parse(words)); });
}
