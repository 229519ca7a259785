// A tiny task of each kind with its data, for what must hold of all of them.
#pragma once

#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/tasks/caption/coloured.h"
#include "tests/tasks/lm/lm_text.h"
#include "tests/tasks/train_by_hand.h"
#include "tests/tasks/transcribe/tones.h"
#include "tests/tasks/translate/translate_pairs.h"

namespace recur::testing {

struct TinyTask {
  std::string name, task, file;
  std::string (*data)(uint64_t seed);  // null: the task reads none
  std::vector<std::string> options;
};

inline std::ostream& operator<<(std::ostream& out, const TinyTask& tiny) { return out << tiny.name; }

inline std::string tiny_lines(uint64_t seed) { return small_text(12, seed); }

// One class in four is rare.
inline std::string tiny_reviews(uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < 23; ++i) {
    out += i % 4 == 0 ? "pos\twonderful" : "neg\tdreadful";
    for (uint64_t k = random.below(5); k > 0; --k) out += random.bernoulli(0.5) ? " film" : " one";
    out += " again\n";
  }
  return out;
}

// Rows of one channel, each with the value of its level.
inline std::string tiny_levels(uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < 11; ++i) {
    const double level = random.uniform();
    std::string cells;
    for (uint64_t t = 0, steps = 2 + random.below(5); t < steps; ++t) {
      cells += fmt::format("{}{:.3f}", t > 0 ? ", " : "", level + std::sin(static_cast<double>(t)));
    }
    out += fmt::format("{{\"values\": [{}], \"label\": \"{:.4f}\"}}\n", cells, level);
  }
  return out;
}

inline std::string tiny_names(uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int s = 0; s < 11; ++s) {
    for (uint64_t t = 0, steps = 1 + random.below(4); t < steps; ++t) {
      out += random.bernoulli(0.4) ? "mr B-PER\nsmith I-PER\n" : random.bernoulli(0.5) ? "we O\n" : "saw O\n";
    }
    out += "\n";
  }
  return out;
}

// Two channels with gaps; of ten steps two are odd.
inline std::string tiny_wave(uint64_t seed) {
  Random random(seed);
  std::string out = "t,x,y,label\n";
  for (int t = 0; t < 75; ++t) {
    const bool odd = t % 10 >= 8;
    const std::string x = random.bernoulli(0.2) ? "" : fmt::format("{:.3f}", odd ? 3 * random.uniform() : std::sin(t));
    out += fmt::format("{},{},{:.3f},{}\n", t, x, std::cos(t), odd ? 1 : 0);
  }
  return out;
}

inline std::string tiny_series(uint64_t seed, double gaps) {
  Random random(seed);
  std::string out = "id,t,y\n";
  for (int i = 0; i < 3; ++i) {
    for (int t = 0; t < 9 + 4 * i; ++t) {
      const double y = (i + 1) * (3 + std::sin(t + i) + 0.1 * random.uniform());
      out += fmt::format("s{},{},{}\n", i, t, random.bernoulli(gaps) ? "" : fmt::format("{:.4f}", y));
    }
  }
  return out;
}
inline std::string tiny_series_whole(uint64_t seed) { return tiny_series(seed, 0); }
inline std::string tiny_series_with_gaps(uint64_t seed) { return tiny_series(seed, 0.2); }

// Answers to one of the questions are not known of some.
inline std::string tiny_records(uint64_t seed) {
  Random random(seed);
  std::string out = "id,time,pulse,lab,ill,tested\n";
  for (int i = 0; i < 13; ++i) {
    for (uint64_t t = 0, steps = 1 + random.below(5); t < steps; ++t) {
      const std::string lab = random.bernoulli(0.5) ? "" : fmt::format("{:.2f}", random.uniform());
      out += fmt::format("p{},{},{:.1f},{},{},{}\n", i, t, 70 + 20 * random.uniform(), lab, i % 3 == 0 ? 1 : 0,
                         i % 5 == 0 ? "" : (i % 2 == 0 ? "yes" : "no"));
    }
  }
  return out;
}

// Words and what they are backwards.
inline std::string tiny_pairs(uint64_t seed) { return reversals(13, seed, 4); }

// Pictures of 12 x 12 that are dark on one side, as an .npy array of bytes.
inline std::string tiny_pictures(uint64_t seed) {
  constexpr int64_t kCount = 11, kSide = 12;
  Random random(seed);
  std::string pixels;
  for (int64_t n = 0; n < kCount; ++n) {
    const auto edge = static_cast<int64_t>(2 + random.below(9));
    for (int64_t i = 0; i < kSide * kSide; ++i) {
      const int64_t value = (i % kSide < edge ? 200 : 40) + static_cast<int64_t>(random.below(8));
      pixels += static_cast<char>(static_cast<unsigned char>(value));
    }
  }
  return npy_of("|u1", fmt::format("({}, {}, {})", kCount, kSide, kSide), pixels);
}

// Classes of a few waves each.
inline std::string tiny_classes(uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < 32; ++i) {
    const int c = i / 4;
    std::string values;
    for (int t = 0; t < 4; ++t) {
      values += fmt::format("{}{:.3f}", t > 0 ? ", " : "", std::sin((0.3 + 0.1 * c) * t + c) + 0.1 * random.normal());
    }
    out += fmt::format("{{\"values\": [{}], \"label\": \"c{}\"}}\n", values, c);
  }
  return out;
}

// Clips of two sensors with a gap: one turns up, the other down.
inline std::string tiny_clips(uint64_t seed) {
  Random random(seed);
  std::string out = "clip,t,x,y,label\n";
  for (int i = 0; i < 14; ++i) {
    for (uint64_t t = 0, steps = 2 + random.below(5); t < steps; ++t) {
      const double slope = i % 2 == 0 ? 0.5 : -0.5;
      const std::string x = random.bernoulli(0.1) ? "" : fmt::format("{:.3f}", slope * static_cast<double>(t));
      out += fmt::format("c{},{},{},{:.3f},{}\n", i, t, x, random.uniform(), i % 2 == 0 ? "rise" : "fall");
    }
  }
  return out;
}

// Recordings whose frames have labels: high ones wave.
inline std::string tiny_recordings(uint64_t seed) {
  Random random(seed);
  std::string out = "id,t,x,y,label\n";
  for (int i = 0; i < 6; ++i) {
    for (uint64_t t = 0, steps = 9 + random.below(9); t < steps; ++t) {
      const bool wave = (t + static_cast<uint64_t>(i)) % 7 >= 4;
      out += fmt::format("r{},{},{:.3f},{:.3f},{}\n", i, t, (wave ? 1 : 0) + 0.1 * random.uniform(), random.uniform(),
                         wave ? "wave" : "none");
    }
  }
  return out;
}

// At least one of each, with all that is drawn in training.
inline std::vector<TinyTask> tiny_tasks() {
  return {
      {"lm", "lm", "a.txt", tiny_lines, {"batch=4", "bptt=7", "hidden=5", "dropout=0.2"}},
      {"classify", "classify", "a.tsv", tiny_reviews, {"batch=5", "hidden=4", "embedding=3"}},
      {"tag",
       "tag",
       "a.conll",
       tiny_names,
       {"batch=4", "hidden=4", "embedding=3", "char_embedding=3", "char_hidden=3"}},
      {"classify_attending",
       "classify",
       "a.tsv",
       tiny_reviews,
       {"batch=5", "hidden=4", "embedding=3", "attention_blocks=1", "heads=2", "pooling=attention"}},
      {"tag_attending",
       "tag",
       "a.conll",
       tiny_names,
       {"batch=4", "hidden=4", "embedding=3", "characters=none", "attention_blocks=2", "heads=2"}},
      {"detect", "detect", "a.csv", tiny_wave, {"batch=4", "hidden=4", "window=8", "dropout=0.2"}},
      {"forecast",
       "forecast",
       "a.csv",
       tiny_series_whole,
       {"batch=4", "hidden=4", "horizon=2", "context=4", "season=2", "decoder=autoregressive", "samples=5"}},
      {"diagnose",
       "diagnose",
       "a.csv",
       tiny_records,
       {"batch=4", "hidden=4", "label_columns=ill,tested", "select=loss", "bootstrap=5"}},
      {"translate",
       "translate",
       "a.tsv",
       tiny_pairs,
       {"batch=4", "hidden=4", "dropout=0.2", "scheduled_sampling=linear", "sampling_steps=9"}},
      {"transcribe",
       "transcribe",
       "a.tsv",
       tiny_tones,
       {"batch=4", "hidden=4", "layers=1", "bands=8", "conv_widths=4", "conv_kernels=3", "speeds=90,100"}},
      {"transcribe_attending",
       "transcribe",
       "a.tsv",
       tiny_tones,
       {"batch=4", "hidden=4", "layers=1", "bands=8", "conv_widths=4", "conv_kernels=3", "pyramid=1",
        "attention_blocks=1", "heads=2"}},
      {"synthesize",
       "synthesize",
       "a.tsv",
       tiny_tones,
       {"batch=4", "hidden=4", "embedding=4", "prenet=4", "decoder_hidden=4", "decoder_layers=1", "attention_units=3",
        "attention_location=3", "bands=8", "postnet=4", "vocoder_hidden=5", "vocoder_features=3", "vocoder_levels=8",
        "vocoder_prediction=2", "vocoder_segment=2", "vocoded=1", "griffin_lim_steps=2"}},
      {"act", "act", "", nullptr, {"env=t-maze:2", "envs=3", "rollout=9", "hidden=4", "encoder=3", "minibatches=2"}},
      {"denoise", "denoise", "a.npy", tiny_pictures, {"batch=4", "width=4", "blocks=2", "hidden=3", "patch=8"}},
      {"denoise_series",
       "denoise",
       "a.csv",
       tiny_series_with_gaps,
       {"batch=4", "width=4", "blocks=2", "hidden=3", "patch=8"}},
      {"adapt",
       "adapt",
       "a.jsonl",
       tiny_classes,
       {"batch=3", "hidden=4", "ways=2", "queries=2", "valid_problems=3", "eval_problems=5", "eval_steps=2",
        "eval_baselines=0"}},
      {"caption",
       "caption",
       "a.csv",
       tiny_captions,
       {"batch=4", "hidden=4", "embedding=3", "side=8", "conv_widths=4", "conv_blocks=0", "dropout=0.2"}},
      {"recognize",
       "recognize",
       "a.csv",
       tiny_clips,
       {"batch=4", "hidden=4", "network=rnn", "augment=jitter,scale,crop,mixup"}}};
}

inline std::string name_of_tiny(const ::testing::TestParamInfo<TinyTask>& info) { return info.param.name; }

inline std::unique_ptr<Task> make_tiny(const TinyTask& tiny) {
  auto task = make_task(tiny.task);
  Config config;
  task->declare(config);
  for (const std::string& each : tiny.options) config.apply_override(each);
  return task;
}

inline std::filesystem::path tiny_data(const TinyTask& tiny, const Scratch& scratch, uint64_t seed = 1) {
  return scratch.put(std::to_string(seed) + tiny.file, tiny.data(seed));
}

// The same of a task that may read none.
inline DataFiles tiny_files(const TinyTask& tiny, const Scratch& scratch, uint64_t seed = 1) {
  if (tiny.data == nullptr) return {};
  return {DataFile(tiny_data(tiny, scratch, seed))};
}
inline TrainingData tiny_training_data(const DataFiles& files, double held_out) {
  TrainingData data{.files = files};
  if (!files.empty()) data.held_out = held_out;
  return data;
}

// Throws Error where there is none of this name.
inline TinyTask tiny_of(const std::string& name) {
  for (const TinyTask& tiny : tiny_tasks())
    if (tiny.name == name) return tiny;
  fail("no tiny task {}", name);
}

// A tiny model that has learnt for a few steps.
struct TaughtTiny {
  explicit TaughtTiny(const TinyTask& tiny) : task(make_tiny(tiny)), file(tiny_data(tiny, scratch)) {
    training = task->train({.files = {DataFile(file)}, .held_out = 0.3}, {.seed = 1});
    train_by_hand(*training, 5);
    if (training->has_validation()) training->validate();
  }
  const Trained& trained() const { return training->trained(); }

  Scratch scratch;
  std::unique_ptr<Task> task;
  std::filesystem::path file;
  std::unique_ptr<Training> training;
};

}  // namespace recur::testing
