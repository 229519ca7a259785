#include "recur/tasks/denoise/denoise_task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/base/threads.h"
#include "recur/data/image_set.h"
#include "recur/tasks/denoise/noise.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// Pictures of smooth waves, one PGM each, in a folder.
class DenoiseTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<DenoiseTask> make(const std::vector<std::string>& overrides = {}) {
    auto task = std::make_unique<DenoiseTask>();
    Config config;
    task->declare(config);
    for (const char* each : {"hidden=6", "patch=16", "batch=4"}) config.apply_override(each);
    const auto is_other = [](const std::string& each) {
      return each.starts_with("network=") && each != "network=conv";
    };
    if (std::ranges::none_of(overrides, is_other)) {
      for (const char* each : {"width=12", "blocks=2"}) config.apply_override(each);
    }
    if (std::ranges::count(overrides, "learn_from=noisy") == 0) config.apply_override("level=30");
    for (const std::string& each : overrides) config.apply_override(each);
    return task;
  }

  static Image wave(uint64_t seed, int64_t height, int64_t width, int64_t channels = 1) {
    Random random(seed);
    const double fy = 0.1 + 0.2 * random.uniform64(), fx = 0.1 + 0.2 * random.uniform64(), at = 6 * random.uniform64();
    Image image{.height = height, .width = width, .channels = channels, .values = {}};
    for (int64_t i = 0; i < height * width; ++i) {
      for (int64_t c = 0; c < channels; ++c) {
        const double y = static_cast<double>(i / width), x = static_cast<double>(i % width);
        image.values.push_back(
            static_cast<float>(0.5 + 0.4 * std::sin(fy * y + at + static_cast<double>(c)) * std::cos(fx * x)));
      }
    }
    return image;
  }

  DataFile folder(const std::string& name, int count, uint64_t seed, int64_t channels = 1) const {
    for (int i = 0; i < count; ++i) {
      const Image image = wave(seed + static_cast<uint64_t>(i), 24 + i % 3, 20 + i % 5, channels);
      scratch_.put(name + "/" + std::to_string(i) + (channels == 1 ? ".pgm" : ".ppm"), pnm_bytes(image, 8));
    }
    return scratch_ / name;
  }

  Scratch scratch_;
};

// Keeps pictures by name.
class Album : public Kept {
 public:
  void picture(const Picture& picture) override { pictures[picture.name] = picture.bytes; }
  std::map<std::string, std::string> pictures;
};

TEST_F(DenoiseTaskTest, EveryNetworkLearnsToBeatAMedianFilter) {
  for (const char* network : {"conv", "rows", "columns", "patches"}) {
    const bool conv = std::string(network) == "conv";
    const auto taught = teach(make({"network=" + std::string(network), conv ? "hidden=6" : "hidden=24"}),
                              {.files = {folder("a", 24, 1)}}, conv ? 0 : 700);
    if (conv) train_by_hand(*taught.training, 400, 0.003);
    const Evaluation result = taught.trained().evaluate({folder("b", 6, 100)});
    EXPECT_EQ(result.examples, 6);
    EXPECT_NEAR(result.at("noisy_psnr"), 20 * std::log10(255.0 / 30), 0.8) << network;
    EXPECT_GT(result.at("psnr"), result.at("median_psnr")) << network;
    EXPECT_GT(result.at("ssim"), result.at("noisy_ssim")) << network;
    EXPECT_EQ(result.verdict, "") << network;
  }
}

TEST_F(DenoiseTaskTest, OfSaltAndPepperToo) {
  const auto taught = teach(make({"noise=salt-pepper", "level=20"}), {.files = {folder("a", 24, 1)}}, 200);
  const Evaluation result = taught.trained().evaluate({folder("b", 6, 100)});
  EXPECT_GT(result.at("psnr"), result.at("noisy_psnr") + 8);
}

// Pictures with white noise of 30 / 255 beside those without, and a model that has learnt from the noisy ones alone.
TEST_F(DenoiseTaskTest, LearnsFromNoisyPicturesAlone) {
  const auto noisy_folder = [&](const std::string& name, const DataFile& clean, uint64_t seed) {
    const ImageSet set = ImageSet::read(std::vector<DataFile>{clean});
    Random random(seed);
    for (int64_t i = 0; i < set.size(); ++i) {
      Image image = set.load(i);
      add_noise(image.values, {.level = {30}}, random);
      scratch_.put(name + "/" + set.item(i).id, pnm_bytes(image, 8));
    }
    return DataFile(scratch_ / name);
  };
  const DataFile train = noisy_folder("an", folder("a", 48, 1), 5), clean = folder("b", 6, 100);
  const DataFile test = noisy_folder("bn", clean, 6);
  for (const char* network : {"conv", "rows", "columns", "patches"}) {
    const bool conv = std::string(network) == "conv";
    const auto taught = teach(
        make({"network=" + std::string(network), conv ? "hidden=6" : "hidden=24", "learn_from=noisy", "batch=24"}),
        {.files = {train}, .held_out = 0.2}, conv ? 0 : 1600);
    if (conv) train_by_hand(*taught.training, 500, 0.003);
    const auto own = with_use(taught.trained(), {"clean=" + clean.name()});
    const Evaluation result = own->evaluate({test});
    EXPECT_GT(result.at("psnr"), result.at("noisy_psnr") + 4) << network;
    EXPECT_GT(result.at("psnr"), result.at("median_psnr")) << network;
    // Without the clean pictures the loss at hidden pixels is all there is; it holds the variance of the noise.
    const Evaluation blind = taught.trained().evaluate({test});
    EXPECT_FALSE(blind.find("psnr").has_value());
    EXPECT_GT(blind.at("loss"), result.at("loss"));
    EXPECT_LT(blind.at("loss"), 2.5 * std::pow(30.0 / 255, 2)) << network;
    EXPECT_EQ(taught.training->criterion().metric, "loss");
    EXPECT_EQ(taught.training->validate().at("loss"), taught.training->validate().at("loss"));
  }
}

// Of noise alone there is nothing to learn but its mean: a network that could see what it is asked for would give it
// back.
TEST_F(DenoiseTaskTest, NoiseAloneIsNotLearntByHeart) {
  Random random(3);
  for (int i = 0; i < 16; ++i) {
    Image image{.height = 16, .width = 16, .channels = 1, .values = std::vector<float>(256)};
    for (float& value : image.values) value = static_cast<float>(random.uniform64());
    scratch_.put("noise/" + std::to_string(i) + ".pgm", pnm_bytes(image, 8));
  }
  for (const char* network : {"conv", "rows"}) {
    const auto taught = teach(make({"network=" + std::string(network), "learn_from=noisy", "batch=16", "hidden=24"}),
                              {.files = {scratch_ / "noise"}});
    train_by_hand(*taught.training, 500, 0.003);
    const Evaluation blind = taught.trained().evaluate({scratch_ / "noise"});
    EXPECT_GT(blind.at("loss"), 0.8 / 12) << network;  // the variance is 1/12
    Kept rows;
    taught.trained().predict({scratch_ / "noise"}, rows);
    for (const double taken : rows.numbers("taken_off")) EXPECT_GT(taken, 0.8 * 255 / std::sqrt(12)) << network;
  }
}

TEST_F(DenoiseTaskTest, NoisyPicturesAreNotMeasuredByCleanOnes) {
  const TrainingData data{.files = {folder("a", 4, 1)}};
  EXPECT_ERROR(teach(make({"learn_from=noisy", "select=ssim"}), data), "select: expected loss");
  EXPECT_ERROR(teach(make({"learn_from=noisy", "level=25"}), data), "no noise is added to noisy data");
  scratch_.put("thin/a.pgm", pnm_bytes(wave(3, 1, 30), 8));
  EXPECT_ERROR(teach(make({"learn_from=noisy"}), {.files = {scratch_ / "thin"}}),
               "at least 2 pixels on each side, got 1");
}

TEST_F(DenoiseTaskTest, AnUntaughtModelIsNoBetterThanAMedianFilterAndSaysSo) {
  const auto taught = teach(make(), {.files = {folder("a", 4, 1)}});
  EXPECT_NE(taught.trained().evaluate({folder("b", 3, 100)}).verdict.find("no better than a median filter"),
            std::string::npos);
}

TEST_F(DenoiseTaskTest, LearnsWithRecurrentBatchNormalisation) {
  const DataFile test = folder("b", 6, 100);
  for (const char* network : {"rows", "patches"}) {
    const auto taught = teach(make({"network=" + std::string(network), "hidden=24", "cell=lstm_batch_norm", "batch=8"}),
                              {.files = {folder("a", 24, 1)}}, 250);
    const Evaluation result = taught.trained().evaluate({test});
    EXPECT_GT(result.at("psnr"), result.at("median_psnr")) << network;
    taught.trained().save(scratch_ / "m.recur");  // with the running statistics
    EXPECT_EQ(load_trained(scratch_ / "m.recur")->evaluate({test}).at("psnr"), result.at("psnr"));
  }
  EXPECT_ERROR(teach(make({"cell=lstm_batch_norm"}), {.files = {test}}), "is for the networks rows, columns");
}

TEST_F(DenoiseTaskTest, AValidationReadsSoManyPixels) {
  const DataFile train = folder("a", 8, 1), valid = folder("v", 10, 50);  // of 480 pixels and more
  const auto examples = [&](const std::string& most, const TrainingData& data) {
    return teach(make({"valid_pixels=" + most}), data).training->validate().examples;
  };
  EXPECT_EQ(examples("2000000", {.files = {train}, .valid = {valid}}), 10);
  EXPECT_EQ(examples("2000", {.files = {train}, .valid = {valid}}), 4);  // every third
  EXPECT_EQ(examples("1", {.files = {train}, .valid = {valid}}), 1);
  EXPECT_EQ(examples("0", {.files = {train}, .valid = {valid}}), 10);
  EXPECT_EQ(examples("1000", {.files = {train}, .held_out = 0.5}), 2);  // of four, every third
}

TEST_F(DenoiseTaskTest, WritesPicturesAsTheyCame) {
  const auto taught = teach(make(), {.files = {folder("a", 6, 1)}}, 5);
  scratch_.put("in/x/wide.png", png_bytes(wave(3, 9, 30), 16));
  scratch_.put("in/y/colour.ppm", pnm_bytes(wave(4, 12, 9, 3), 8));
  const auto album = [&](const std::vector<DataFile>& data, const std::vector<std::string>& use = {}) {
    std::vector<std::string> all = use;
    all.push_back("images=out");
    Album out;
    with_use(taught.trained(), all)->predict(data, out);
    return out;
  };
  const Album out = album({scratch_ / "in"});
  ASSERT_EQ(out.pictures.size(), 2u);
  const Image png = read_image(DataFile::from_memory("a", out.pictures.at("out/x/wide.png")));
  EXPECT_EQ(png.bits, 16);
  EXPECT_EQ(png.width, 30);
  EXPECT_EQ(png.height, 9);
  const Image colour = read_image(DataFile::from_memory("a", out.pictures.at("out/y/colour.ppm")));
  EXPECT_EQ(colour.channels, 3);
  EXPECT_EQ(out.rows().size(), 2u);
  const DataFile array = DataFile::from_memory("d/set.npy.gz", npy_of("<u2", "(2, 8, 6)", std::string(192, '\x40')));
  const NumberArray cleaned = read_array(DataFile::from_memory("a", album({array}).pictures.at("out/set.npy")));
  EXPECT_EQ(cleaned.shape, (std::vector<int64_t>{2, 8, 6}));
  EXPECT_NEAR(cleaned.values[0], 0x4040, 4000);
  EXPECT_ERROR(with_use(taught.trained(), {"images=" + (scratch_ / "in").string()})
                   ->predict({scratch_ / "in"}, *std::make_unique<Album>()),
               "would be overwritten");
  scratch_.put("other/x/wide.png", png_bytes(wave(3, 9, 30), 8));
  EXPECT_ERROR(album({scratch_ / "in", scratch_ / "other"}), "would both be written to out/x/wide.png");
}

TEST_F(DenoiseTaskTest, TilesAreBlendedAndThreadsAndBatchesChangeNothing) {
  const auto taught = teach(make({"shrink=2"}), {.files = {folder("a", 12, 1)}}, 60);
  scratch_.put("big/a.pgm", pnm_bytes(wave(9, 101, 67), 8));
  scratch_.put("big/b.pgm", pnm_bytes(wave(10, 40, 40), 8));
  const auto psnr = [&](const std::vector<std::string>& use) {
    Kept rows;
    with_use(taught.trained(), use)->evaluate({scratch_ / "big"}, &rows);
    return rows.numbers("psnr");
  };
  const std::vector<double> whole = psnr({}), tiled = psnr({"tile=32", "overlap=8"});
  EXPECT_EQ(tiled, psnr({"tile=32", "overlap=8", "eval_batch=3"}));
  set_threads(3);
  EXPECT_EQ(tiled, psnr({"tile=32", "overlap=8"}));
  set_threads(1);
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(tiled[i], whole[i], 1) << i;
}

TEST_F(DenoiseTaskTest, EvaluatesNoisyPicturesAgainstCleanOnes) {
  const auto taught = teach(make(), {.files = {folder("a", 6, 1)}}, 10);
  const DataFile clean = folder("clean", 3, 50);
  for (int i = 0; i < 3; ++i) {
    Image image = read_image(scratch_ / ("clean/" + std::to_string(i) + ".pgm"));
    for (float& value : image.values) value = std::min(value + 0.1f, 1.0f);
    scratch_.put("noisy/" + std::to_string(i) + ".pgm", pnm_bytes(image, 8));
  }
  const auto own = with_use(taught.trained(), {"clean=" + clean.name()});
  EXPECT_NEAR(own->evaluate({scratch_ / "noisy"}).at("noisy_psnr"), 20, 0.5);
  EXPECT_ERROR(own->evaluate({folder("b", 2, 1)}), "expected as many pictures as there are noisy ones, 2, got 3");
  scratch_.put("noisy/3.pgm", pnm_bytes(read_image(scratch_ / "noisy/1.pgm"), 8));
  std::filesystem::remove(scratch_ / "noisy/1.pgm");
  EXPECT_ERROR(own->evaluate({scratch_ / "noisy"}),
               "clean: picture 2 is 1.pgm, and that of the noisy ones 2.pgm: expected the same names");
  Kept out;
  EXPECT_ERROR(own->predict({scratch_ / "noisy"}, out), "clean: predict compares with nothing");
}

TEST_F(DenoiseTaskTest, DataAreEitherNoisyOrGetNoise) {
  const auto taught = teach(make(), {.files = {folder("a", 6, 1)}});
  const DataFile data = folder("b", 3, 50);
  EXPECT_ERROR(with_use(taught.trained(), {"clean=" + data.name(), "eval_level=20,30"})->evaluate({data}),
               "clean, eval_level: expected one of them, as DATA are noisy with clean and clean with eval_level; got " +
                   data.name() + " and 20,30");
  Kept out;
  EXPECT_ERROR(with_use(taught.trained(), {"eval_level=20"})->predict({data}, out),
               "eval_level: predict adds no noise");
}

TEST_F(DenoiseTaskTest, RefusesOptionsThatNothingReads) {
  const DataFile data = folder("a", 4, 1);
  const auto refused = [&](const std::vector<std::string>& overrides, const std::string& message) {
    EXPECT_ERROR(teach(make(overrides), {.files = {data}}), message);
  };
  refused({"impulses=3"}, "impulses: an option of noise = mixed, got gaussian");
  refused({"network=rows", "width=4", "blocks=2"}, "width, blocks: options of network = conv, got rows");
  refused({"network=columns", "block_side=2"}, "block_side: an option of network = patches, got columns");
  refused({"value_columns=x", "decimal=."}, "value_columns, decimal: options of series, got pictures");
  teach(make({"noise=mixed", "impulses=3"}), {.files = {data}});
  teach(make({"network=patches", "block_side=2"}), {.files = {data}});
}

TEST_F(DenoiseTaskTest, ChoosesByTheData) {
  EXPECT_EQ(teach(make(), {.files = {folder("c", 4, 1, 3)}}).options().data.channels, "colour");
  const auto grey = teach(make({"patch=64"}), {.files = {folder("a", 4, 1)}});
  EXPECT_EQ(grey.options().data.channels, "grey");
  EXPECT_EQ(grey.options().data.patch, 20);
  std::vector<float> values;
  for (int i = 0; i < 2 * 16 * 16; ++i) values.push_back(static_cast<float>(i % 7) * 100 - 50);
  const auto reals =
      teach(make(), {.files = {DataFile::from_memory("x.npy", npy_of("<f4", "(2, 16, 16)", f32_bytes(values)))}});
  EXPECT_EQ(reals.options().data.low, -50);
  EXPECT_EQ(reals.options().data.high, 550);
  EXPECT_ERROR(teach(make({"level=9,2"}), {.files = {folder("a", 4, 1)}}), "level: expected one number");
}

TEST_F(DenoiseTaskTest, RestoresWhatItSavedAndRefusesSizesThatDoNotFit) {
  for (const char* network : {"conv", "rows"}) {
    const auto taught = teach(make({"network=" + std::string(network)}), {.files = {folder("a", 6, 1)}}, 5);
    taught.trained().save(scratch_ / "m.recur");
    const DataFile test = folder("b", 3, 100);
    EXPECT_EQ(load_trained(scratch_ / "m.recur")->evaluate({test}).at("psnr"),
              taught.trained().evaluate({test}).at("psnr"));
  }
  auto huge = make({"width=60000", "channels=grey"});
  EXPECT_ERROR(huge->restore({}, 1000), "the options need a model of at least");
  EXPECT_ERROR(make()->restore({}, 1000), "channels: expected those of a model, got auto");
}

}  // namespace
}  // namespace recur
