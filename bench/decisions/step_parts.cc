// What a training step of a language model spends outside its recurrent layers. The numbers of docs/performance.md.
//
// Build: ./dev build, then
//        g++ -O2 -std=c++20 -Isrc bench/decisions/step_parts.cc build/release/src/recur/librecur.a -o step_parts
//          -lfmt -lhwy -lsentencepiece -lsentencepiece_train -lz -llzma -lzstd
// Run:   ./step_parts TEXT        the best of many runs of each part, the variants of a part in turn, one thread
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/data/text/lm_batcher.h"
#include "recur/data/text/text_source.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/embedding.h"
#include "recur/ops/linear_cross_entropy.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/optim/adam.h"
#include "recur/optim/clip.h"

namespace {

using namespace recur;
using Clock = std::chrono::steady_clock;

struct Part {
  const char* name;
  std::function<void()> run;
};

void time_in_turn(const std::vector<Part>& parts, int rounds) {
  std::vector<double> best(parts.size(), 1e9);
  for (int round = 0; round <= rounds; ++round)
    for (size_t i = 0; i < parts.size(); ++i) {
      const auto begin = Clock::now();
      parts[i].run();
      const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      if (round > 0) best[i] = std::min(best[i], seconds);
    }
  for (size_t i = 0; i < parts.size(); ++i) std::printf("  %-36s %9.3f ms\n", parts[i].name, best[i] * 1e3);
}

Tensor normal(const Shape& shape, uint64_t seed, double scale = 1) {
  Tensor t = Tensor::empty(shape);
  init::normal(t, 0, scale, *std::make_unique<Random>(seed));
  return t.set_requires_grad();
}

Tensor ids(int64_t count, int64_t vocabulary) {
  Tensor t = Tensor::empty({count}, DType::kI32);
  for (int64_t k = 0; k < count; ++k) t.data<int32_t>()[k] = static_cast<int32_t>(k * 7919 % vocabulary);
  return t;
}

void batches(const char* path) {
  const TextSource source({DataFile(path)});
  const Corpus corpus(source, source.all(), fit_tokenizer(source, source.all(), {}));
  LmBatcher batcher(corpus, {.batch = 50, .steps = 100});
  std::vector<int32_t> inputs(5000), targets(5000);
  std::printf("a batch of characters, T 100, B 50\n");
  time_in_turn({{"assembled", [&] { batcher.next(inputs, targets); }}}, 500);
}

void output_layer(int64_t rows, int64_t features, int64_t classes) {
  const Tensor x = normal({rows, features}, 1), w = normal({classes, features}, 2, 0.1), b = normal({classes}, 3);
  const Tensor targets = ids(rows, classes);
  std::printf("output layer and loss, forward and backward, N %ld F %ld V %ld\n", rows, features, classes);
  time_in_turn({{"linear, cross_entropy",
                 [&] {
                   grad({cross_entropy(linear(x, w, b), targets)}, {x, w, b});
                 }},
                {"linear_cross_entropy",
                 [&] {
                   grad({linear_cross_entropy(x, w, b, targets)}, {x, w, b});
                 }}},
               rows * features * classes > 1'000'000'000 ? 4 : 20);
}

void embedding_rows(int64_t rows, int64_t features, int64_t classes) {
  const Tensor g = normal({rows, features}, 1), symbols = ids(rows, classes);
  std::printf("gradient of an embedding, N %ld F %ld V %ld\n", rows, features, classes);
  time_in_turn({{"zeros [V, F] alone",
                 [&] {
                   Tensor::zeros({classes, features});
                 }},
                {"zeros and rows added", [&] { scatter_rows(g.detach(), symbols, classes); }}},
               20);
}

void first_layer(int64_t hidden) {
  Random random(1);
  const Recurrent lstm({.input = hidden, .hidden = hidden}, random);
  const Tensor table = normal({65, hidden}, 2), symbols = reshape(ids(5000, 65), Shape{100, 50});
  const Tensor ones = Tensor::ones({100, 50, hidden});
  Tensors leaves = lstm.parameters();
  leaves.push_back(table);
  const auto backward = [&](const RecurrentOutput& out) { grad({out.y}, leaves, {.grad_outputs = {ones}}); };
  std::printf("embedding and first LSTM layer, forward and backward, T 100 B 50 V 65 H %ld\n", hidden);
  time_in_turn({{"over the vectors", [&] { backward(lstm(embedding(table, symbols))); }},
                {"over the table",
                 [&] {
                   backward(lstm(Symbols{symbols, table}));
                 }}},
               10);
}

void update(int64_t hidden) {
  const Tensors parameters{normal({65, hidden}, 1),         normal({4 * hidden, hidden}, 2),
                           normal({4 * hidden, hidden}, 3), normal({4 * hidden, hidden}, 4),
                           normal({4 * hidden, hidden}, 5), normal({65}, 6)};
  Adam adam(parameters, {});
  for (Tensor p : parameters) p.set_grad(p.detach().clone());
  std::printf("clipping and Adam, 2x%ld\n", hidden);
  time_in_turn({{"clip_norm, step",
                 [&] {
                   clip_norm(parameters, 1e-3);
                   for (Tensor p : parameters) p.set_grad(p.grad());
                   adam.step();
                 }},
                {"clipped_step", [&] { adam.clipped_step(1e-3); }},
                {"a copy of all gradients",
                 [&] {
                   for (const Tensor& p : parameters) p.grad().clone();
                 }}},
               30);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  batches(arguments[1]);
  first_layer(128);
  first_layer(512);
  output_layer(5000, 128, 65);
  output_layer(5000, 512, 65);
  output_layer(700, 200, 10'000);
  output_layer(700, 1500, 10'000);
  output_layer(2000, 256, 33'000);
  embedding_rows(5000, 128, 65);
  embedding_rows(700, 200, 10'000);
  update(128);
  update(512);
  return 0;
}
