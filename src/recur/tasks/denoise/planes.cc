#include "recur/tasks/denoise/planes.h"

#include <cmath>
#include <span>
#include <utility>

namespace recur {

Planes planes_of(const Image& image, const PlaneReading& reading) {
  if (reading.channels == 1 && image.channels != 1) return planes_of(grey_of(image), reading);
  Planes out{.shape = {reading.channels, image.height, image.width}, .values = {}};
  out.values.reserve(static_cast<size_t>(out.shape.size()));
  const bool real = image.bits == 0;
  const auto low = static_cast<float>(reading.low), scale = static_cast<float>(1 / (reading.high - reading.low));
  for (int64_t c = 0; c < reading.channels; ++c) {
    const int64_t from = image.channels == 1 ? 0 : c;
    for (int64_t i = 0; i < image.pixels(); ++i) {
      const float value = image.values[static_cast<size_t>(i * image.channels + from)];
      out.values.push_back(real ? (value - low) * scale : value);
    }
  }
  return out;
}

Image image_of(const Planes& planes, const Image& like, const PlaneReading& reading) {
  Image out = like;
  out.values.clear();
  const bool real = like.bits == 0;
  const auto low = static_cast<float>(reading.low), range = static_cast<float>(reading.high - reading.low);
  const PlaneShape& shape = planes.shape;
  for (int64_t i = 0; i < like.pixels(); ++i) {
    for (int64_t c = 0; c < like.channels; ++c) {
      float value = planes.plane(shape.channels == 1 ? 0 : c)[i];
      if (like.channels == 1 && shape.channels == 3) value = (value + planes.plane(1)[i] + planes.plane(2)[i]) / 3;
      out.values.push_back(real ? low + value * range : value);
    }
  }
  return out;
}

int64_t mirrored(int64_t i, int64_t n) {
  const int64_t period = 2 * n;
  i = (i % period + period) % period;
  return i < n ? i : period - 1 - i;
}

Planes cut_out(const Planes& from, int64_t top, int64_t left, int64_t height, int64_t width) {
  Planes out{.shape = {from.shape.channels, height, width}, .values = {}};
  out.values.reserve(static_cast<size_t>(out.shape.size()));
  for (int64_t c = 0; c < from.shape.channels; ++c) {
    for (int64_t y = 0; y < height; ++y) {
      const float* row = from.plane(c) + mirrored(top + y, from.shape.height) * from.shape.width;
      for (int64_t x = 0; x < width; ++x) out.values.push_back(row[mirrored(left + x, from.shape.width)]);
    }
  }
  return out;
}

namespace {

void bridge(std::span<float> row) {
  const size_t n = row.size();
  for (size_t begin = 0; begin < n; ++begin) {
    if (!std::isnan(row[begin])) continue;
    size_t end = begin;
    while (end < n && std::isnan(row[end])) ++end;
    const float left = begin > 0 ? row[begin - 1] : end < n ? row[end] : 0.0f;
    const float right = end < n ? row[end] : left;
    const auto steps = static_cast<float>(end - begin + 1);
    for (size_t i = begin; i < end; ++i) row[i] = left + (right - left) * static_cast<float>(i - begin + 1) / steps;
    begin = end;
  }
}

}  // namespace

Planes bridged(Planes planes) {
  const auto width = static_cast<size_t>(planes.shape.width);
  for (size_t at = 0; at < planes.values.size(); at += width) bridge(std::span(planes.values).subspan(at, width));
  return planes;
}

Planes turned(const Planes& square, int turns, bool mirror) {
  const int64_t n = square.shape.width;
  Planes out{.shape = square.shape, .values = std::vector<float>(square.values.size())};
  for (int64_t c = 0; c < square.shape.channels; ++c) {
    for (int64_t y = 0; y < n; ++y) {
      for (int64_t x = 0; x < n; ++x) {
        int64_t to_y = y, to_x = x;
        for (int k = 0; k < turns; ++k) to_y = std::exchange(to_x, n - 1 - to_y);
        if (mirror) to_x = n - 1 - to_x;
        out.values[static_cast<size_t>((c * n + to_y) * n + to_x)] = square.plane(c)[y * n + x];
      }
    }
  }
  return out;
}

}  // namespace recur
