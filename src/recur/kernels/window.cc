#include "recur/kernels/window.h"

#include <algorithm>

namespace recur::kernels {
namespace {

// The outputs along an axis whose tap k lies inside the image: begin .. end - 1.
struct Inside {
  Inside(const Window& w, int axis, int64_t k) : first(k * w.dilation[axis] - w.padding[axis]), step(w.stride[axis]) {
    const int64_t n = w.out(axis);
    begin = std::clamp<int64_t>(first >= 0 ? 0 : (-first + step - 1) / step, 0, n);
    end = w.image[axis] <= first ? begin : std::clamp<int64_t>((w.image[axis] - first + step - 1) / step, begin, n);
  }

  int64_t at(int64_t output) const { return first + output * step; }

  int64_t first, step, begin, end;
};

// Calls row(place in the columns, image row, taps inside along the width, whether inside along the height).
template <class F>
void for_each_row(const Window& w, int64_t channels, F&& row) {
  int64_t place = 0;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t kh = 0; kh < w.kernel[0]; ++kh) {
      const Inside vertical(w, 0, kh);
      for (int64_t kw = 0; kw < w.kernel[1]; ++kw) {
        const Inside horizontal(w, 1, kw);
        for (int64_t oh = 0; oh < w.out(0); ++oh, place += w.out(1))
          row(place, (c * w.image[0] + vertical.at(oh)) * w.image[1], horizontal,
              oh >= vertical.begin && oh < vertical.end);
      }
    }
}

}  // namespace

template <class T>
void image_to_columns(const Window& window, int64_t channels, const T* image, T* columns) {
  const int64_t n = window.out(1);
  for_each_row(window, channels, [=](int64_t place, int64_t from, const Inside& inside, bool is_inside) {
    T* to = columns + place;
    if (!is_inside) {
      std::fill(to, to + n, T(0));
      return;
    }
    std::fill(to, to + inside.begin, T(0));
    if (inside.step == 1)
      std::copy(image + from + inside.at(inside.begin), image + from + inside.at(inside.end), to + inside.begin);
    else
      for (int64_t o = inside.begin; o < inside.end; ++o) to[o] = image[from + inside.at(o)];
    std::fill(to + inside.end, to + n, T(0));
  });
}

template <class T>
void columns_to_image(const Window& window, int64_t channels, const T* columns, T* image) {
  for_each_row(window, channels, [=](int64_t place, int64_t to, const Inside& inside, bool is_inside) {
    if (!is_inside) return;
    for (int64_t o = inside.begin; o < inside.end; ++o) image[to + inside.at(o)] += columns[place + o];
  });
}

template void image_to_columns(const Window&, int64_t, const float*, float*);
template void image_to_columns(const Window&, int64_t, const double*, double*);
template void columns_to_image(const Window&, int64_t, const float*, float*);
template void columns_to_image(const Window&, int64_t, const double*, double*);

}  // namespace recur::kernels
