// The adding problem of Hochreiter and Schmidhuber (1997), in the form of Le, Jaitly and Hinton, "A simple way to
// initialize recurrent networks of rectified linear units" (2015): of a sequence of numbers, two are marked, and their
// sum is asked for at the end. It is solved by who remembers a number over hundreds of steps: an LSTM, a gated linear
// recurrence (RG-LRU) and a ReLU network that starts from the identity do, a tanh network does not, and the gradient at
// every time step shows why.
#include <recur/recur.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "examples/support/command_line.h"
#include "examples/support/svg_plot.h"
#include "recur/base/file.h"

namespace {

using recur::Tensor;

constexpr int64_t kUnits = 64, kBatch = 32, kHeldOut = 512, kTest = 2000;
constexpr int64_t kEvery = 100;                // training steps between two looks at the held-out sequences
constexpr double kAlwaysOne = 1.0 / 6;         // the MSE of answering 1, the mean of the sum of two uniform numbers
constexpr double kSolved = 1e-3;               // of the MSE on test sequences
constexpr double kGoodEnough = 0.6 * kSolved;  // on the held-out ones: training ends

struct Contender {
  const char* cell;
  const char* label;
  const char* colour;
  const char* init;
  double rate;  // of Adam, falling to 0 by a cosine
  double clip;  // of the gradient's norm
  bool must_solve;
};

const std::vector<Contender>& contenders() {
  static const std::vector<Contender> all = {
      {"lstm", "LSTM", "#0072b2", "chrono", 5e-3, 1, true},
      {"rg_lru", "RG-LRU", "#cc79a7", "uniform", 5e-3, 1, true},
      {"rnn_relu", "IRNN", "#009e73", "identity", 3e-4, 0.1, true},
      {"rnn", "tanh RNN", "#d55e00", "uniform", 3e-4, 0.1, false},
  };
  return all;
}

struct Arguments {
  std::string cell;  // empty: all
  int64_t length = 200;
  int64_t steps = 30000;
  uint64_t seed = 1;
  std::string plot = "adding_problem.svg";
};

recur::RecurrentOptions options_of(const Contender& contender, const Arguments& arguments) {
  return {.cell = contender.cell,
          .input = 2,
          .hidden = kUnits,
          .init = contender.init,
          .chrono_steps = std::max<int64_t>(3, arguments.length)};
}

struct Batch {
  Tensor x;       // [T, B, 2]: a number in [0, 1), and 1 where it is marked
  Tensor target;  // [B, 1]
};

// One mark lies anywhere in the first half of the sequence, the other anywhere in the second.
Batch make_batch(int64_t T, int64_t B, recur::Random& random) {
  Batch batch{Tensor::zeros({T, B, 2}), Tensor::zeros({B, 1})};
  float* x = batch.x.data<float>();
  float* target = batch.target.data<float>();
  const uint64_t half = static_cast<uint64_t>(T / 2), rest = static_cast<uint64_t>(T) - half;
  for (int64_t i = 0; i < T * B; ++i) x[2 * i] = random.uniform();
  for (int64_t b = 0; b < B; ++b)
    for (const uint64_t t : {random.below(half), half + random.below(rest)}) {
      float* step = x + 2 * (static_cast<int64_t>(t) * B + b);
      step[1] = 1;
      target[b] += step[0];
    }
  return batch;
}

class Adder : public recur::Module {
 public:
  Adder(const recur::RecurrentOptions& options, recur::Random& random)
      : rnn_(options, random), head_({.in = options.hidden, .out = 1}, random) {
    register_module("rnn", rnn_);
    register_module("head", head_);
  }

  // x [T, B, 2] -> the sum [B, 1], read from h after the last step.
  Tensor operator()(const Tensor& x, recur::GradientTrace* trace = nullptr) const {
    return head_(rnn_(x, {.trace = trace}).state.layers[0][0]);
  }

 private:
  recur::Recurrent rnn_;
  recur::Linear head_;
};

double mean_squared_error(const Adder& model, const Batch& batch) {
  const recur::autograd::NoGrad no_grad;
  return recur::mse(model(batch.x), batch.target).item();
}

// The norm of the loss's gradient with respect to h at every time step. In f64: the tanh network's leaves the range of
// f32 within 200 steps.
std::vector<double> gradient_norms(Adder model, const Batch& batch) {
  model.to(recur::DType::kF64);
  recur::GradientTrace trace;
  const Tensor answer = model(batch.x.clone(recur::DType::kF64), &trace);
  recur::mse(answer, batch.target.clone(recur::DType::kF64)).backward();
  return trace.norms[0];
}

struct Outcome {
  std::vector<double> step, mse;       // on the held-out sequences
  std::vector<double> gradient_norms;  // before training
  double test_mse = 0;
  double seconds = 0;

  bool solved() const { return test_mse < kSolved; }
};

void show(const Contender& contender, double step, double mse) {
  std::fprintf(stderr, "%-9s step %6.0f  held-out MSE %.5f\n", contender.label, step, mse);
}

Outcome train(const Contender& contender, const Arguments& arguments) {
  recur::Random weights(arguments.seed, 0), training(arguments.seed, 1), held(arguments.seed, 2);
  const Adder model(options_of(contender, arguments), weights);
  recur::Adam adam(model.parameters(), {.rate = contender.rate});
  const auto schedule = recur::make_schedule({.name = "cosine", .total = arguments.steps});
  const Batch held_out = make_batch(arguments.length, kHeldOut, held);
  const Batch traced = make_batch(arguments.length, kBatch, held);
  Outcome outcome;
  recur::Random same_weights(arguments.seed, 0);
  outcome.gradient_norms = gradient_norms(Adder(options_of(contender, arguments), same_weights), traced);
  const auto start = std::chrono::steady_clock::now();
  for (int64_t step = 0;; ++step) {
    if (step % kEvery == 0 || step == arguments.steps) {
      outcome.step.push_back(static_cast<double>(step));
      outcome.mse.push_back(mean_squared_error(model, held_out));
      const bool done = step == arguments.steps || outcome.mse.back() < kGoodEnough;
      if (done || step % (10 * kEvery) == 0) show(contender, outcome.step.back(), outcome.mse.back());
      if (done) break;
    }
    const Batch batch = make_batch(arguments.length, kBatch, training);
    adam.zero_grad();
    recur::mse(model(batch.x), batch.target).backward();
    recur::clip_norm(adam.parameters(), contender.clip);
    adam.set_rate(contender.rate * schedule->factor({.step = step}));
    adam.step();
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.test_mse = mean_squared_error(model, make_batch(arguments.length, kTest, held));
  return outcome;
}

// --- the report -----------------------------------------------------------------------------------------------------

using Outcomes = std::vector<std::pair<const Contender*, Outcome>>;

void print_table(const Outcomes& outcomes, const Arguments& arguments) {
  std::printf("| network | seed | T | training steps | test MSE | gradient at t=1 against t=T | seconds | solved |\n");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  for (const auto& [contender, outcome] : outcomes)
    std::printf("| %s | %llu | %lld | %.0f | %.5f | %.0e | %.0f | %s |\n", contender->label,
                static_cast<unsigned long long>(arguments.seed), static_cast<long long>(arguments.length),
                outcome.step.back(), outcome.test_mse, outcome.gradient_norms.front() / outcome.gradient_norms.back(),
                outcome.seconds, outcome.solved() ? "yes" : "no");
}

// 1, 2, ... and the norms as shares of the last one.
examples::Curve gradient_curve(const Contender& contender, const std::vector<double>& norms) {
  examples::Curve curve{.colour = contender.colour};
  for (size_t t = 0; t < norms.size(); ++t) {
    curve.x.push_back(static_cast<double>(t + 1));
    curve.y.push_back(norms[t] / norms.back());
  }
  return curve;
}

void write_plot(const Outcomes& outcomes, const Arguments& arguments) {
  examples::Panel losses{.title = "What they learn",
                         .x_label = "training step",
                         .y_label = "held-out mean squared error",
                         .x_max = static_cast<double>(arguments.steps),
                         .y_min = 1e-4,
                         .y_max = 3,
                         .log_y = true,
                         .levels = {{kAlwaysOne, "always answering 1"}, {kSolved, "solved"}}};
  examples::Panel gradients{.title = "Why: the gradient that reaches each time step",
                            .x_label = "time step t",
                            .y_label = "norm of dL/dh at t before training, relative to the last step",
                            .x_max = static_cast<double>(arguments.length),
                            .y_min = 1e-20,
                            .y_max = 3,
                            .log_y = true};
  examples::Figure figure{.title = "The adding problem, T = " + std::to_string(arguments.length)};
  for (const auto& [contender, outcome] : outcomes) {
    figure.legend.push_back({contender->label, contender->colour});
    losses.curves.push_back({.colour = contender->colour, .x = outcome.step, .y = outcome.mse});
    gradients.curves.push_back(gradient_curve(*contender, outcome.gradient_norms));
  }
  figure.panels = {losses, gradients};
  recur::write_file_atomic(arguments.plot, examples::to_svg(figure));
  std::fprintf(stderr, "wrote %s\n", arguments.plot.c_str());
}

// --- the command line -----------------------------------------------------------------------------------------------

constexpr const char* kHelp =
    "usage: adding_problem [--cell lstm|rg_lru|rnn_relu|rnn] [--length 200] [--steps 30000] [--seed 1]\n"
    "                      [--plot adding_problem.svg]\n"
    "Trains the networks (one with --cell) on the adding problem, prints a table and writes a plot.\n"
    "Exit code 1 when one of the first three has not solved it.\n";

Arguments parse(const std::vector<std::string>& words) {
  Arguments a;
  examples::for_each_option(words, [&a](const std::string& option, const std::string& value) {
    if (option == "--cell")
      a.cell = value;
    else if (option == "--length")
      a.length = examples::number<int64_t>(option, value, 2);
    else if (option == "--steps")
      a.steps = examples::number<int64_t>(option, value, 1);
    else if (option == "--seed")
      a.seed = examples::number<uint64_t>(option, value, 0);
    else if (option == "--plot")
      a.plot = value;
    else
      return false;
    return true;
  });
  return a;
}

int run(const Arguments& arguments) {
  Outcomes outcomes;
  for (const Contender& contender : contenders())
    if (arguments.cell.empty() || arguments.cell == contender.cell)
      outcomes.emplace_back(&contender, train(contender, arguments));
  if (outcomes.empty()) recur::fail_usage("--cell: expected lstm, rg_lru, rnn_relu or rnn, got \"{}\"", arguments.cell);
  print_table(outcomes, arguments);
  write_plot(outcomes, arguments);
  const auto as_expected = [](const auto& o) { return o.second.solved() || !o.first->must_solve; };
  return std::ranges::all_of(outcomes, as_expected) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return examples::main_of("adding_problem", kHelp, argc, argv,
                           [](const std::vector<std::string>& words) { return run(parse(words)); });
}
