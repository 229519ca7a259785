#include "recur/exchange/c/c_parts.h"

#include <algorithm>
#include <map>
#include <vector>

namespace recur::c {

std::string fill(std::string_view text, const Values& values) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = std::min(text.find('@', at), text.size());
    out += text.substr(at, begin - at);
    if (begin == text.size()) break;
    const size_t end = text.find('@', begin + 1);
    const std::string_view key = text.substr(begin + 1, end - begin - 1);
    for (const auto& [name, value] : values) {
      if (name == key) out += value;
    }
    at = end + 1;
  }
  return out;
}

// exp and log as in Cephes (Moshier): a power of two, and a polynomial on a short interval; to about 1e-7 relative.
const std::initializer_list<Helper> kHelpers = {
    {"exp_f32", R"(/* e^x, within 2e-7 of it relatively; from 1.2e-38 to 2.4e38. */
static float exp_f32(float x) {
  union { float value; int32_t bits; } power;
  float whole, rest, sum;
  int32_t n;
  if (!(x > -87.0f)) return x != x ? x : 1.64581e-38f;
  if (x > 88.0f) x = 88.0f;
  n = (int32_t)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));
  whole = (float)n;
  rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  sum = 1.9875691500e-4f;
  sum = sum * rest + 1.3981999507e-3f;
  sum = sum * rest + 8.3334519073e-3f;
  sum = sum * rest + 4.1665795894e-2f;
  sum = sum * rest + 1.6666665459e-1f;
  sum = sum * rest + 5.0000001201e-1f;
  sum = sum * rest * rest + rest + 1.0f;
  power.bits = (n + 127) * 8388608;
  return sum * power.value;
}
)"},
    {"log_f32", R"(/* The natural logarithm of x > 0. */
static float log_f32(float x) {
  union { float value; int32_t bits; } parts;
  float n, y, square;
  parts.value = x;
  n = (float)((parts.bits >> 23) - 126);
  parts.bits = (parts.bits & 0x7FFFFF) | 0x3F000000; /* in [0.5, 1) */
  y = parts.value;
  if (y < 0.707106781f) {
    n -= 1.0f;
    y = y + y - 1.0f;
  } else {
    y -= 1.0f;
  }
  square = y * y;
  x = ((((((((7.0376836292e-2f * y - 1.1514610310e-1f) * y + 1.1676998740e-1f) * y - 1.2420140846e-1f) * y +
           1.4249322787e-1f) * y - 1.6668057665e-1f) * y + 2.0000714765e-1f) * y - 2.4999993993e-1f) * y +
       3.3333331174e-1f) * y * square;
  x += n * -2.12194440e-4f - 0.5f * square;
  return x + y + n * 0.693359375f;
}
)"},
    {"sigmoid_f32", R"(static float sigmoid_f32(float x) { return 1.0f / (1.0f + exp_f32(-x)); }
)"},
    {"tanh_f32", R"(static float tanh_f32(float x) {
  const float size = x < 0.0f ? -x : x;
  if (size < 0.625f) {
    const float s = x * x;
    return ((((-5.70498872745e-3f * s + 2.06390887954e-2f) * s - 5.37397155531e-2f) * s + 1.33314422036e-1f) * s -
            3.33332819422e-1f) * s * x + x;
  }
  {
    const float y = 1.0f - 2.0f / (exp_f32(2.0f * size) + 1.0f);
    return x < 0.0f ? -y : y;
  }
}
)"},
    {"softplus_f32", R"(/* log(1 + e^x) */
static float softplus_f32(float x) {
  return (x > 0.0f ? x : 0.0f) + log_f32(1.0f + exp_f32(x > 0.0f ? -x : x));
}
)"},
    {"gelu_f32", R"(/* By tanh: x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
static float gelu_f32(float x) {
  return 0.5f * x * (1.0f + tanh_f32(0.797884561f * (x + 0.044715f * x * x * x)));
}
)"},
    {"one_minus_exp", R"(/* 1 - e^-x of x >= 0, within 2e-7 of it relatively. */
static float one_minus_exp(float x) {
  float sum = 1.0f;
  int32_t k;
  if (x > 0.5f) return 1.0f - exp_f32(-x);
  for (k = 8; k > 1; --k) sum = 1.0f - x * sum / (float)k;
  return x * sum;
}
)"},
    {"inverse_root", R"(/* 1 / sqrt(x) of x > 0, by Newton's method. */
static float inverse_root(float x) {
  union { float value; int32_t bits; } y;
  int32_t k;
  y.value = x;
  y.bits = 0x5F375A86 - (y.bits >> 1);
  for (k = 0; k < 4; ++k) y.value *= 1.5f - 0.5f * x * y.value * y.value;
  return y.value;
}
)"},
    {"copy_bias", R"(/* y = bias, or zeros. */
static void copy_bias(const float *bias, int32_t rows, float *y) {
  int32_t i;
  for (i = 0; i < rows; ++i) y[i] = bias ? bias[i] : 0.0f;
}
)"},
    {"add_product",
     R"(/* y += weight x, of weight [rows][columns]. Eight sums side by side are faster than one, and short ones, of 16
 * products each before they are put together, are more exact. */
static void add_product(const float *weight, const float *x, int32_t rows, int32_t columns, float *y) {
  int32_t i, k;
  for (i = 0; i < rows; ++i, weight += columns) {
    float total = 0.0f;
    for (k = 0; k < columns;) {
      float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f, e = 0.0f, f = 0.0f, g = 0.0f, h = 0.0f;
      const int32_t end = columns - k > 128 ? k + 128 : columns;
      for (; k + 7 < end; k += 8) {
        a += weight[k] * x[k];
        b += weight[k + 1] * x[k + 1];
        c += weight[k + 2] * x[k + 2];
        d += weight[k + 3] * x[k + 3];
        e += weight[k + 4] * x[k + 4];
        f += weight[k + 5] * x[k + 5];
        g += weight[k + 6] * x[k + 6];
        h += weight[k + 7] * x[k + 7];
      }
      for (; k < end; ++k) a += weight[k] * x[k];
      total += ((a + b) + (c + d)) + ((e + f) + (g + h));
    }
    y[i] += total;
  }
}
)"},
    {"quantize", R"(/* x as integers of 8 bits times the scale that is returned. */
static float quantize(const float *x, int32_t count, int8_t *q) {
  float most = 0.0f, factor;
  int32_t k;
  for (k = 0; k < count; ++k) {
    const float size = x[k] < 0.0f ? -x[k] : x[k];
    if (size > most) most = size;
  }
  if (most / 127.0f <= 1e-36f) {
    for (k = 0; k < count; ++k) q[k] = 0;
    return 0.0f;
  }
  factor = 127.0f / most;
  /* Adding and taking off 1.5 2^23 rounds to the nearest integer, a half to the even one. */
  for (k = 0; k < count; ++k) {
    const volatile float shifted = x[k] * factor + 12582912.0f;
    q[k] = (int8_t)(shifted - 12582912.0f);
  }
  return most / 127.0f;
}
)"},
    {"add_product_int8", R"(/* y += weight x, both in integers of 8 bits; a row of weight has a scale. */
static void add_product_int8(const int8_t *weight, const float *scales, const float *x, int32_t rows, int32_t columns,
                             int8_t *q, float *y) {
  const float scale = quantize(x, columns, q);
  int32_t i, k;
  for (i = 0; i < rows; ++i, weight += columns) {
    int32_t sum = 0;
    for (k = 0; k < columns; ++k) sum += (int32_t)weight[k] * (int32_t)q[k];
    y[i] += (float)sum * (scales[i] * scale);
  }
}
)"},
    {"add_scaled_product", R"(/* y += weight x, of integers with a scale for each row, x as it is. */
static void add_scaled_product(const int8_t *weight, const float *scales, const float *x, int32_t rows, int32_t columns,
                               float *y) {
  int32_t i, k;
  for (i = 0; i < rows; ++i, weight += columns) {
    float sum = 0.0f;
    for (k = 0; k < columns; ++k) sum += (float)weight[k] * x[k];
    y[i] += sum * scales[i];
  }
}
)"},
};

std::string helpers_for(const std::string& body) {
  std::vector<std::string_view> chosen;  // from the last to the first, as later ones call those before them
  std::string seen = body;
  const std::vector<Helper> all(kHelpers);
  for (auto helper = all.rbegin(); helper != all.rend(); ++helper) {
    if (seen.find(std::string(helper->name) + "(") == std::string::npos) continue;
    chosen.push_back(helper->text);
    seen += helper->text;
  }
  std::string out;
  for (auto text = chosen.rbegin(); text != chosen.rend(); ++text) out += std::string(*text) + "\n";
  return out;
}

std::string_view gates_text(std::string_view cell) {
  static const std::map<std::string_view, std::string_view> kTexts{
      {"rnn", R"(    h[i] = tanh_f32(x[i] + r[i]);
)"},
      {"rnn_relu", R"(    const float a = x[i] + r[i];
    h[i] = a > 0.0f ? a : 0.0f;
)"},
      {"lstm", R"(    const float in = sigmoid_f32(x[i] + r[i]), forget = sigmoid_f32(x[@H@ + i] + r[@H@ + i]);
    const float g = tanh_f32(x[2 * @H@ + i] + r[2 * @H@ + i]), out = sigmoid_f32(x[3 * @H@ + i] + r[3 * @H@ + i]);
    c[i] = forget * c[i] + in * g;
    h[i] = out * tanh_f32(c[i]);
)"},
      {"lstm_peephole", R"(    const float in = sigmoid_f32(x[i] + r[i] + p[i] * c[i]);
    const float forget = sigmoid_f32(x[@H@ + i] + r[@H@ + i] + p[@H@ + i] * c[i]);
    const float g = tanh_f32(x[2 * @H@ + i] + r[2 * @H@ + i]);
    c[i] = forget * c[i] + in * g;
    h[i] = sigmoid_f32(x[3 * @H@ + i] + r[3 * @H@ + i] + p[2 * @H@ + i] * c[i]) * tanh_f32(c[i]);
)"},
      {"lstm_coupled", R"(    const float forget = sigmoid_f32(x[i] + r[i]);
    const float g = tanh_f32(x[@H@ + i] + r[@H@ + i]), out = sigmoid_f32(x[2 * @H@ + i] + r[2 * @H@ + i]);
    c[i] = forget * c[i] + (1.0f - forget) * g;
    h[i] = out * tanh_f32(c[i]);
)"},
      {"gru", R"(    const float reset = sigmoid_f32(x[i] + r[i]), keep = sigmoid_f32(x[@H@ + i] + r[@H@ + i]);
    const float n = tanh_f32(x[2 * @H@ + i] + reset * r[2 * @H@ + i]);
    h[i] = (1.0f - keep) * n + keep * h[i];
)"},
      {"gru_reset_before", R"(    const float keep = sigmoid_f32(x[@H@ + i] + r[@H@ + i]);
    const float n = tanh_f32(x[2 * @H@ + i] + r[2 * @H@ + i]);
    h[i] = (1.0f - keep) * n + keep * h[i];
)"}};
  const auto found = kTexts.find(cell);
  return found == kTexts.end() ? std::string_view() : found->second;
}

}  // namespace recur::c
