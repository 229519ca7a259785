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

namespace recur {
namespace {

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
    const auto [height, width] = denoiser.network.unit();
    const bool any = denoiser.network.any_size();
    high_ = {.unit = height, .side = any ? whole(denoiser.tile, height) : height};
    wide_ = {.unit = width, .side = any ? whole(denoiser.tile, width) : width};
  }

  void run() {
    for (int64_t i = 0; i < noisy_.size; ++i) {
      open_.emplace_back(noisy_.load(i), wide_.overlap(denoiser_.overlap));
      add_tiles(i);
    }
    flush();
  }

 private:
  // Of tiles along an axis.
  struct Axis {
    int64_t unit = 1, side = 1;

    // Of one of n pixels.
    int64_t side_of(int64_t n) const { return std::min(whole(n, unit), side); }
    int64_t overlap(int64_t wanted) const { return std::min(wanted, side / 2); }
  };

  // The least multiple of a unit that is not less than n.
  static int64_t whole(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

  void add_tiles(int64_t picture) {
    const PlaneShape shape = open_.back().noisy().shape;
    const int64_t height = high_.side_of(shape.height), width = wide_.side_of(shape.width);
    const auto tops = tile_begins(shape.height, height, high_.overlap(denoiser_.overlap));
    const auto lefts = tile_begins(shape.width, width, wide_.overlap(denoiser_.overlap));
    open_.back().waiting = std::ssize(tops) * std::ssize(lefts);
    for (const int64_t top : tops) {
      for (const int64_t left : lefts) {
        const bool fits = tiles_.empty() || (tiles_[0].height == height && tiles_[0].width == width);
        if (!fits || std::ssize(tiles_) == denoiser_.batch) flush();
        tiles_.push_back({picture, top, left, height, width});
      }
    }
  }

  BlendedTiles& picture(int64_t i) { return open_[static_cast<size_t>(i - first_open_)]; }

  void flush() {
    if (tiles_.empty()) return;
    check_stop();
    const Tile& like = tiles_[0];
    const int64_t channels = denoiser_.network.channels(), size = channels * like.height * like.width;
    Tensor x = Tensor::empty({std::ssize(tiles_), channels, like.height, like.width});
    float* to = x.data<float>();
    for (size_t k = 0; k < tiles_.size(); ++k) {
      const Tile& tile = tiles_[k];
      const Planes part = cut_out(picture(tile.picture).noisy(), tile.top, tile.left, tile.height, tile.width);
      std::ranges::copy(part.values, to + static_cast<int64_t>(k) * size);
    }
    const DType dtype = denoiser_.network.parameters().front().dtype();
    const Tensor y = cast(denoiser_.network(cast(x, dtype), Mode::evaluation()), DType::kF32);
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
  Axis high_, wide_;
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

}  // namespace recur
