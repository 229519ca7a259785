#include "recur/tasks/denoise/denoiser.h"

#include <algorithm>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/ops/cast.h"
#include "recur/tasks/denoise/noise.h"

namespace recur {
namespace {

constexpr uint64_t kNoiseStream = 11;

// Where tiles of `side` begin that cover n pixels and overlap by at least so many.
std::vector<int64_t> tile_begins(int64_t n, int64_t side, int64_t overlap) {
  std::vector<int64_t> begins;
  for (int64_t at = 0;; at += side - overlap) {
    if (at + side >= n) {
      begins.push_back(std::max<int64_t>(n - side, 0));
      return begins;
    }
    begins.push_back(at);
  }
}

// Sums of tiles of one picture, each weighing less towards its edges.
class BlendedTiles {
 public:
  BlendedTiles(Planes noisy, int64_t overlap)
      : noisy_(std::move(noisy)),
        overlap_(overlap),
        sums_(noisy_.values.size()),
        weights_(static_cast<size_t>(noisy_.shape.height * noisy_.shape.width)) {}

  const Planes& noisy() const { return noisy_; }
  int64_t waiting = 0;  // tiles that are not yet there

  // values [C, height, width] at top and left; what lies outside the picture is passed over.
  void add(const float* values, int64_t top, int64_t left, int64_t height, int64_t width) {
    const PlaneShape& shape = noisy_.shape;
    const int64_t rows = std::min(height, shape.height - top), columns = std::min(width, shape.width - left);
    for (int64_t y = 0; y < rows; ++y) {
      for (int64_t x = 0; x < columns; ++x) {
        const float weight = ramp(y, height) * ramp(x, width);
        const int64_t to = (top + y) * shape.width + left + x;
        weights_[static_cast<size_t>(to)] += weight;
        for (int64_t c = 0; c < shape.channels; ++c) {
          sums_[static_cast<size_t>(c * shape.height * shape.width + to)] +=
              weight * values[(c * height + y) * width + x];
        }
      }
    }
  }

  Planes result(bool bounded) const {
    Planes out{.shape = noisy_.shape, .values = sums_};
    for (size_t i = 0; i < out.values.size(); ++i) {
      const float value = out.values[i] / weights_[i % weights_.size()];
      out.values[i] = bounded ? std::clamp(value, 0.0f, 1.0f) : value;
    }
    return out;
  }

 private:
  float ramp(int64_t i, int64_t side) const { return static_cast<float>(std::min({i + 1, side - i, overlap_ + 1})); }

  Planes noisy_;
  int64_t overlap_;
  std::vector<float> sums_, weights_;
};

struct Tile {
  int64_t picture, top, left, height, width;
};

// Runs tiles of one size through the network.
class TileRunner {
 public:
  TileRunner(const Denoiser& denoiser, const PlaneSource& noisy,
             const std::function<void(int64_t, const Planes&, const Planes&)>& visit)
      : denoiser_(denoiser), noisy_(noisy), visit_(visit) {
    const DenoiseUseOptions& use = denoiser.options.use;
    const int64_t unit = denoiser.model.unit();
    side_ = denoiser.model.any_size() ? (use.tile + unit - 1) / unit * unit : unit;
    overlap_ = std::min(use.overlap, side_ / 2);
  }

  void run() {
    for (int64_t i = 0; i < noisy_.size; ++i) {
      open_.emplace_back(noisy_.load(i), overlap_);
      add_tiles(i);
    }
    flush();
  }

 private:
  // Side of tiles along an axis of n pixels.
  int64_t side_of(int64_t n) const {
    const int64_t unit = denoiser_.model.unit();
    return std::min((n + unit - 1) / unit * unit, side_);
  }

  void add_tiles(int64_t picture) {
    const PlaneShape shape = open_.back().noisy().shape;
    const int64_t height = side_of(shape.height), width = side_of(shape.width);
    const auto tops = tile_begins(shape.height, height, overlap_), lefts = tile_begins(shape.width, width, overlap_);
    open_.back().waiting = std::ssize(tops) * std::ssize(lefts);
    for (const int64_t top : tops) {
      for (const int64_t left : lefts) {
        const bool fits = tiles_.empty() || (tiles_[0].height == height && tiles_[0].width == width);
        if (!fits || std::ssize(tiles_) == denoiser_.options.use.batch) flush();
        tiles_.push_back({picture, top, left, height, width});
      }
    }
  }

  BlendedTiles& picture(int64_t i) { return open_[static_cast<size_t>(i - first_open_)]; }

  void flush() {
    if (tiles_.empty()) return;
    check_stop();
    const Tile& like = tiles_[0];
    const int64_t channels = denoiser_.reading.channels, size = channels * like.height * like.width;
    Tensor x = Tensor::empty({std::ssize(tiles_), channels, like.height, like.width});
    float* to = x.data<float>();
    for (size_t k = 0; k < tiles_.size(); ++k) {
      const Tile& tile = tiles_[k];
      const Planes part = cut_out(picture(tile.picture).noisy(), tile.top, tile.left, tile.height, tile.width);
      std::ranges::copy(part.values, to + static_cast<int64_t>(k) * size);
    }
    const DType dtype = denoiser_.model.parameters().front().dtype();
    const Tensor y = cast(denoiser_.model(cast(x, dtype), Mode::evaluation()), DType::kF32);
    const std::vector<Tile> done = std::exchange(tiles_, {});
    for (size_t k = 0; k < done.size(); ++k) {
      const Tile& tile = done[k];
      const std::span values = y.values<float>().subspan(k * static_cast<size_t>(size), static_cast<size_t>(size));
      check_finite(values, [&] { return noisy_.name(tile.picture); });
      BlendedTiles& own = picture(tile.picture);
      own.add(values.data(), tile.top, tile.left, tile.height, tile.width);
      --own.waiting;
    }
    while (!open_.empty() && open_.front().waiting == 0) {
      visit_(first_open_++, open_.front().noisy(), open_.front().result(denoiser_.bounded));
      open_.pop_front();
    }
  }

  const Denoiser& denoiser_;
  const PlaneSource& noisy_;
  const std::function<void(int64_t, const Planes&, const Planes&)>& visit_;
  int64_t side_ = 0, overlap_ = 0;
  std::deque<BlendedTiles> open_;  // pictures that are not complete, in order
  int64_t first_open_ = 0;
  std::vector<Tile> tiles_;  // of one size, that wait for a batch
};

}  // namespace

void clean(const Denoiser& denoiser, const PlaneSource& noisy,
           const std::function<void(int64_t, const Planes&, const Planes&)>& visit) {
  const autograd::NoGrad no_grad;
  TileRunner(denoiser, noisy, visit).run();
}

PlaneSource with_noise(const PlaneSource& clean, const DenoiseNoiseOptions& noise, uint64_t seed) {
  return {.size = clean.size,
          .load =
              [clean, noise, seed](int64_t i) {
                Planes planes = clean.load(i);
                Random random(seed, (kNoiseStream << 40) + static_cast<uint64_t>(i));
                add_noise(planes.values, noise, random);
                return planes;
              },
          .name = clean.name};
}

PlaneSource source_of(const ImageSet& set, const PlaneReading& reading) {
  return {.size = set.size(),
          .load = [&set, reading](int64_t i) { return planes_of(set.load(i), reading); },
          .name = [&set](int64_t i) { return set.item(i).id; }};
}

}  // namespace recur
