// Training steps of a translator: forward, loss, backward, clipping and Adam, on one thread. For
// tools/bench_seq2seq.sh, which compares bench/torch_translate.py.
//
// Run: ./translate_step PAIRS SECONDS [attention=KIND] [feeding=0|1] [hidden=N] [vocabulary=N] [cell=NAME] [layers=N]
// [precision=f32|bf16]
// PAIRS: lines of source and target symbols, a tab between; batches of 64 lines. Prints the median time of a step in
// ms.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/ops/precision.h"
#include "recur/optim/adam.h"
#include "recur/optim/clip.h"
#include "recur/tasks/translate/translate_model.h"

namespace {

using namespace recur;

constexpr int64_t kBatch = 64;

struct Batch {
  SourceBatch source;
  TargetBatch target;
};

std::vector<int32_t> numbers_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<int32_t> out;
  for (int32_t number = 0; in >> number;) out.push_back(number);
  return out;
}

// As TranslateEncoder makes them, of symbols below `end`.
Batch batch_of(const std::vector<EncodedPair>& pairs, int32_t end) {
  std::vector<const std::vector<int32_t>*> sources, targets;
  for (const EncodedPair& pair : pairs) sources.push_back(&pair.source), targets.push_back(&pair.target);
  return {TranslateEncoder::sources(sources), TranslateEncoder::targets(targets, end)};
}

std::vector<Batch> read_batches(const char* path, int32_t end) {
  std::ifstream in(path);
  std::vector<Batch> batches;
  std::vector<EncodedPair> pairs;
  for (std::string line; std::getline(in, line);) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos) fail("{}: expected a source, a tab and a target", path);
    pairs.push_back({numbers_of(line.substr(0, tab)), numbers_of(line.substr(tab + 1))});
    pairs.back().source.push_back(end);
    if (std::ssize(pairs) < kBatch) continue;
    batches.push_back(batch_of(pairs, end));
    pairs.clear();
  }
  if (batches.empty()) fail("{}: expected {} pairs at least", path, kBatch);
  return batches;
}

void run(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    given[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  const auto number = [&](const char* key, int64_t otherwise) {
    return given.contains(key) ? std::atoll(given[key].c_str()) : otherwise;
  };
  const int64_t vocabulary = number("vocabulary", 6000), hidden = number("hidden", 320);
  TranslateModelOptions options{.embedding = hidden, .dropout = 0.4f};
  options.rnn.hidden = hidden;
  options.rnn.cell = given.contains("cell") ? given["cell"] : "gru";
  options.rnn.layers = static_cast<int>(number("layers", 1));
  options.attention = given.contains("attention") ? given["attention"] : "general";
  options.input_feeding = number("feeding", 1) != 0;
  Random random(1);
  const TranslateModel model(options, {vocabulary + 1, vocabulary + 1, true}, random);
  const std::vector<Batch> batches = read_batches(argv[1], static_cast<int32_t>(vocabulary));
  const Tensors parameters = model.parameters();
  Adam adam(parameters, {.rate = 1e-3});
  const ProductPrecision precision(given["precision"] == "bf16" ? Precision::kBf16 : Precision::kFull);
  std::vector<double> times;
  double loss = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (size_t step = 0;; ++step) {
    const auto start = std::chrono::steady_clock::now();
    const Batch& batch = batches[step % batches.size()];
    const Mode mode = Mode::training(random);
    const auto source = model.read(batch.source, mode);
    const Tensor objective = model.objective(batch.target, source, {.ignored = kNoSymbol, .smoothing = 0.1}, mode);
    objective.backward();
    loss = objective.item();
    clip_norm(parameters, 1);
    adam.step();
    adam.zero_grad();
    const auto now = std::chrono::steady_clock::now();
    if (step >= batches.size()) times.push_back(std::chrono::duration<double, std::milli>(now - start).count());
    if (!times.empty() && std::chrono::duration<double>(now - begin).count() > std::atof(argv[2])) break;
  }
  std::ranges::sort(times);
  std::printf("recur,%.1f,%.3f\n", times[times.size() / 2], loss);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: translate_step PAIRS SECONDS [KEY=VALUE]...\n", stderr);
    return 2;
  }
  try {
    run(argc, argv);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "translate_step: %s\n", error.what());
    return 1;
  }
}
