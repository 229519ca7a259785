// recur bench: how fast the recurrent layers are over shapes, in rows that can be compared with other systems'.
#include <algorithm>
#include <chrono>
#include <numeric>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/shapes.h"
#include "recur/autograd/grad.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/threads.h"
#include "recur/kernels/probe.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/stream.h"
#include "recur/ops/precision.h"
#include "recur/optim/pruning.h"
#include "recur/tensor/storage.h"

namespace recur::cli {
namespace {

struct BenchOptions {
  double seconds = 1;
  int threads = 1;
  std::string mode = "both";
  std::string precision = "f32";
  bool ragged = false;
  int64_t recompute = 0;
  double sparsity = 0;
  std::string sparse_block = "16x1";

  template <class Visitor>
  void visit(Visitor& v) {
    v("seconds", seconds, "Measuring time per row in seconds; at least three runs are made", Range{0, 3600});
    v("threads", threads, "Number of threads", Range{1, 1024});
    v("mode", mode,
      "Measure infer (forward pass), train (forward and backward to the input and every parameter), both, or step (one "
      "time step of B streams)",
      OneOf{"both", "infer", "train", "step"});
    v("precision", precision, "Operands of the matrix products (int8 in mode step only); sums and states are f32",
      OneOf{"f32", "bf16", "int8"});
    v("ragged", ragged, "Sequences of unequal length, spread evenly from T/B to T; padding does not count in the rate");
    v("recompute", recompute,
      "Gradient checkpointing: store only every Nth step and recompute the steps between in the backward pass; 0: "
      "store all",
      Range{0, 1e9});
    v("sparsity", sparsity, "Share of the input and recurrent weights that is 0",
      Range{.min = 0, .max = 1, .open_max = true});
    v("sparse_block", sparse_block, "Blocks, rows x columns, that are 0 as a whole", OneOf(pruning_blocks()));
  }
};

// The median time of a run, after two that do not count.
template <class Run>
double median_seconds(double seconds, const Run& run) {
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::duration<double>;
  run();
  run();
  std::vector<double> times;
  const auto begin = Clock::now();
  while (times.size() < 3 || Duration(Clock::now() - begin).count() < seconds) {
    const auto start = Clock::now();
    run();
    times.push_back(Duration(Clock::now() - start).count());
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

struct Measured {
  std::string_view mode;
  double seconds;
  double filled;       // part of all steps that the sequences have
  int64_t peak_bytes;  // of tensors, beside the weights and the input
};

kernels::WeightFormat weight_format(const std::string& precision) {
  if (precision == "f32") return kernels::WeightFormat::kF32;
  return precision == "bf16" ? kernels::WeightFormat::kBF16 : kernels::WeightFormat::kI8;
}

class ShapeBench {
 public:
  ShapeBench(const BenchShape& shape, const BenchOptions& options)
      : shape_(shape),
        options_(options),
        random_(1),
        layer_({.cell = shape.cell,
                .input = shape.input,
                .hidden = shape.hidden,
                .layers = static_cast<int>(shape.layers),
                .bidirectional = shape.bidirectional,
                .recompute = options.recompute},
               random_) {
    std::vector<float> values(static_cast<std::size_t>(shape.steps * shape.batch * shape.input));
    random_.normal(values);
    if (options.sparsity > 0)
      Pruner(layer_.named_parameters(),
             {.sparsity = options.sparsity, .block = options.sparse_block, .begin = 0, .end = 0})
          .step(1);
    x_ = Tensor::from(values, {shape.steps, shape.batch, shape.input});
    if (!options.ragged) return;
    for (int64_t row = 0; row < shape.batch; ++row)
      lengths_.push_back((shape.steps * (row + 1) + shape.batch - 1) / shape.batch);
  }

  Measured infer() {
    const autograd::NoGrad no_grad;
    return measure("infer", [&] { layer_(x_, {.lengths = lengths_, .mode = Mode::evaluation()}); });
  }

  Measured train() {
    x_.set_requires_grad();
    Tensors leaves = layer_.parameters();
    leaves.push_back(x_);
    const Tensor ones = Tensor::ones({shape_.steps, shape_.batch, layer_.output_features()});
    return measure("train", [&] { grad({layer_(x_, {.lengths = lengths_}).y}, leaves, {.grad_outputs = {ones}}); });
  }

  // One time step.
  Measured step() {
    constexpr int kSteps = 100;  // a run, since a clock is no finer than a step
    Stream stream = layer_.stream({.streams = shape_.batch, .weights = weight_format(options_.precision)});
    const auto x = x_.values<float>().first(static_cast<std::size_t>(shape_.batch * shape_.input));
    std::vector<float> out(static_cast<std::size_t>(shape_.batch * stream.output_features()));
    Measured run = measure("step", [&] {
      for (int i = 0; i < kSteps; ++i) stream.step(x, out);
    });
    run.seconds /= kSteps;
    return run;
  }

  // Floating-point operations of the products with weights in one forward pass.
  double forward_flops() const {
    for (const Cell* cell : cells())
      if (cell->name == shape_.cell) return shape_.forward_flops(cell->gates);
    double elements = 0;
    for (const Tensor& parameter : layer_.parameters())
      if (parameter.rank() == 2) elements += static_cast<double>(parameter.numel());
    return 2 * elements * static_cast<double>(shape_.steps * shape_.batch);
  }

 private:
  template <class Run>
  Measured measure(std::string_view mode, const Run& run) const {
    const int64_t before = arena_stats().bytes_in_use;
    reset_arena_peak();
    const double seconds = median_seconds(options_.seconds, run);
    return {mode, seconds, filled(), arena_stats().peak_bytes - before};
  }

  // The part of all T B steps that the sequences have.
  double filled() const {
    if (lengths_.empty()) return 1;
    const auto steps = std::accumulate(lengths_.begin(), lengths_.end(), int64_t{0});
    return static_cast<double>(steps) / static_cast<double>(shape_.steps * shape_.batch);
  }

  const BenchShape& shape_;
  const BenchOptions& options_;
  Random random_;
  Recurrent layer_;
  Tensor x_;                      // [T, B, I]
  std::vector<int64_t> lengths_;  // empty: all T
};

void print_row(const BenchShape& shape, const BenchOptions& options, double forward_flops, const Measured& run,
               bool json) {
  const double passes = run.mode == "train" ? 3 : 1;  // the gradient has two products for each one of the forward pass
  const double flops = passes * run.filled * forward_flops;
  const double gflops = flops / run.seconds / 1e9;
  const int bidirectional = shape.bidirectional ? 1 : 0;
  std::string peer = options.precision == "f32" ? "recur" : "recur-" + options.precision;
  if (options.sparsity > 0) peer += "-sparse";
  if (json) {
    print(json_line({{"peer", peer},
                     {"cell", shape.cell},
                     {"layers", shape.layers},
                     {"bidir", bidirectional},
                     {"T", shape.steps},
                     {"B", shape.batch},
                     {"I", shape.input},
                     {"H", shape.hidden},
                     {"mode", run.mode},
                     {"threads", options.threads},
                     {"median_us", run.seconds * 1e6},
                     {"gflops", gflops},
                     {"peak_bytes", run.peak_bytes}}));
  } else {
    print(fmt::format("{},{},{},{},{},{},{},{},{},{},{:.2f},{:.1f}\n", peer, shape.cell, shape.layers, bidirectional,
                      shape.steps, shape.batch, shape.input, shape.hidden, run.mode, options.threads, run.seconds * 1e6,
                      gflops));
  }
  flush_output();
}

void print_probe(double seconds, bool json) {
  const kernels::CoreProbe core = kernels::probe_core(seconds);
  const double f32 = core.f32_flops / 1e9, bf16 = core.bf16_flops / 1e9, l2 = core.l2_bytes / 1e9;
  if (json)
    print(json_line({{"f32_gflops", f32}, {"bf16_gflops", bf16}, {"l2_gb_per_s", l2}}));
  else
    print(fmt::format("f32_gflops,bf16_gflops,l2_gb_per_s\n{:.1f},{:.1f},{:.1f}\n", f32, bf16, l2));
}

}  // namespace

int run_bench(const Words& words) {
  BenchOptions options;
  Config config(options);
  std::string file;
  bool json = false, probe = false;
  Arguments arguments("recur bench [SHAPES.csv] [options]",
                      "Measures the speed of recurrent layers and prints a row for each shape: median time in\n"
                      "microseconds, and GFLOP/s counting the products with weights only. SHAPES.csv has the columns\n"
                      "cell,layers,bidir,T,B,I,H (I input features, H hidden units).");
  arguments.positional("SHAPES.csv", file, false);
  arguments.config(config);
  arguments.flag("--probe", probe,
                 "Measure the peak of one core instead: f32 and bf16 products in registers, reads from the L2 cache");
  arguments.flag("--json", json, "Print a JSON object for each row");
  if (!arguments.parse(words)) return kDone;
  if (probe) {
    print_probe(options.seconds, json);
    return kDone;
  }

  std::vector<BenchShape> shapes =
      file.empty() ? parse_shapes(kDefaultShapes, "the default shapes") : parse_shapes(read_file(file, 1 << 20), file);
  for (const BenchShape& shape : shapes) find_layer_kind(shape.cell);  // fails before an hour of measuring, not after
  if (options.precision == "int8" && options.mode != "step")
    fail_usage("--precision int8: expected --mode step, got --mode {}", options.mode);
  set_threads(options.threads);
  const ProductPrecision precision(options.precision == "bf16" ? Precision::kBf16 : Precision::kFull);
  if (!json) print("peer,cell,layers,bidir,T,B,I,H,mode,threads,median_us,gflops\n");
  for (BenchShape& shape : shapes) {
    if (options.mode == "step") {
      shape.steps = 1;
      ShapeBench bench(shape, options);
      print_row(shape, options, bench.forward_flops(), bench.step(), json);
      continue;
    }
    ShapeBench bench(shape, options);
    if (options.mode != "train") print_row(shape, options, bench.forward_flops(), bench.infer(), json);
    if (options.mode != "infer") print_row(shape, options, bench.forward_flops(), bench.train(), json);
  }
  return kDone;
}

}  // namespace recur::cli
