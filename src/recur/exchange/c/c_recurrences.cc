// Each kind computes what nn/layers/ has, whose comments say where the equations come from.
#include "recur/exchange/c/c_recurrences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/exchange/c/c_layers.h"
#include "recur/exchange/c/c_parts.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/unary.h"

namespace recur::c {
namespace {

using Keeps = std::vector<Kept>;

std::string digits(int64_t count) { return fmt::format("{}", count); }

const Matrix& matrix_of(const Layer& layer, std::string_view name) {
  const Matrix* found = find_part(layer, name);
  if (found == nullptr) fail("a layer {} lacks {}", layer.what.kind, name);
  return *found;
}

int64_t units(const Layer& layer) { return layer.what.size; }
int64_t heads_of(const Layer& layer) {
  if (layer.what.kind == "attention") return matrix_of(layer, "distance").rows;
  return layer.what.kind == "slstm" ? units(layer) / matrix_of(layer, "weight_hh").columns
                                    : matrix_of(layer, "weight_gates").rows / 2;
}

// --- minGRU and minLSTM ---

Keeps keep_h(const Layer& layer) { return {{"h", units(layer)}}; }

std::string min_text(const Layer& layer, const StepWriter& write) {
  const bool is_gru = layer.what.kind == "mingru";
  std::string text = write.affine("weight_ih", "bias_ih", "input", "x");
  text += "  for (i = 0; i < @H@; ++i) {\n";
  text += is_gru ? "    const float gate = sigmoid_f32(x[i]), keep = 1.0f - gate, a = x[@H@ + i];\n"
                 : R"(    const float f = sigmoid_f32(x[i]), in = sigmoid_f32(x[@H@ + i]), a = x[2 * @H@ + i];
    const float keep = f / (f + in), gate = in / (f + in);
)";
  text += R"(    h[i] = keep * h[i] + gate * (a < 0.0f ? sigmoid_f32(a) : a + 0.5f);
    y[i] = h[i];
  }
)";
  return fill(text, {{"H", digits(units(layer))}});
}

// --- QRNN ---

Keeps keep_qrnn(const Layer& layer) { return {{"c", units(layer)}, {"window", 2 * layer.input}}; }

std::string qrnn_text(const Layer& layer, const StepWriter& write) {
  const std::string product = write.affine("weight_ih", "bias_ih", "window", "x");
  return fill(R"(  for (i = 0; i < @F@; ++i) {
    window[i] = window[@F@ + i];
    window[@F@ + i] = input[i];
  }
@PRODUCT@  for (i = 0; i < @H@; ++i) {
    const float f = sigmoid_f32(x[@H@ + i]);
    c[i] = f * c[i] + (1.0f - f) * tanh_f32(x[i]);
    y[i] = sigmoid_f32(x[2 * @H@ + i]) * c[i];
  }
)",
              {{"F", digits(layer.input)}, {"H", digits(units(layer))}, {"PRODUCT", product}});
}

// --- IndRNN and SRU ---

std::string indrnn_text(const Layer& layer, const StepWriter& write) {
  const std::string text = write.affine("weight_ih", "bias_ih", "input", "x") + R"(  for (i = 0; i < @H@; ++i) {
    const float a = x[i] + @U@[i] * h[i];
    h[i] = a > 0.0f ? a : 0.0f;
    y[i] = h[i];
  }
)";
  return fill(text, {{"H", digits(units(layer))}, {"U", write.array("recurrent")}});
}

Keeps keep_c(const Layer& layer) { return {{"c", units(layer)}}; }

// Without a matrix of its own for the skip, that is the input itself.
bool has_skip_weight(const Layer& layer) { return matrix_of(layer, "weight_ih").rows == 4 * units(layer); }

std::string sru_text(const Layer& layer, const StepWriter& write) {
  const std::string text = write.affine("weight_ih", "bias_ih", "input", "x") + R"(  for (i = 0; i < @H@; ++i) {
    const float f = sigmoid_f32(x[@H@ + i] + @F@[i] * c[i]), r = sigmoid_f32(x[2 * @H@ + i] + @R@[i] * c[i]);
    c[i] = f * c[i] + (1.0f - f) * x[i];
    y[i] = r * c[i] + (1.0f - r) * @SKIP@;
  }
)";
  return fill(text, {{"H", digits(units(layer))},
                     {"F", write.array("forget_peephole")},
                     {"R", write.array("reset_peephole")},
                     {"SKIP", has_skip_weight(layer) ? fmt::format("x[3 * {} + i]", units(layer)) : "input[i]"}});
}

// W has no bias, nor has the skip.
NamedTensors sru_parts(const NamedTensors& parameters) {
  NamedTensors parts = parameters;
  const auto weight = std::ranges::find(parts, "weight_ih", &NamedTensor::name);
  for (NamedTensor& each : parts) {
    if (each.name != "bias_ih") continue;
    const int64_t own = each.value.numel(), all = weight->value.size(0);
    Tensors biases{Tensor::zeros({own / 2}, each.value.dtype()), each.value};
    if (all > own + own / 2) biases.push_back(biases[0]);
    each.value = concat(biases, 0);
  }
  return parts;
}

// --- LRU ---

Keeps keep_lru(const Layer& layer) { return {{"h", 2 * units(layer)}}; }

Tensor taken_out(NamedTensors& parts, std::string_view name) {
  const auto found = std::ranges::find(parts, name, &NamedTensor::name);
  if (found == parts.end()) fail("a layer lacks {}", name);
  Tensor value = found->value.clone(DType::kF64);
  parts.erase(found);
  return value;
}

NamedTensors lru_parts(const NamedTensors& parameters) {
  NamedTensors parts = parameters;
  const Tensor modulus = exp(-exp(taken_out(parts, "nu"))), angle = exp(taken_out(parts, "theta"));
  parts.push_back({"factor", concat({modulus * cos(angle), modulus * sin(angle)}, 0)});
  parts.push_back({"scale", exp(taken_out(parts, "gamma"))});
  return parts;
}

std::string lru_text(const Layer& layer, const StepWriter& write) {
  const std::string text = write.affine("weight_ih", "", "input", "x") + R"(  for (i = 0; i < @H@; ++i) {
    const float re = h[i], im = h[@H@ + i];
    h[i] = @L@[i] * re - @L@[@H@ + i] * im + @S@[i] * x[i];
    h[@H@ + i] = @L@[i] * im + @L@[@H@ + i] * re + @S@[i] * x[@H@ + i];
  }
)" + write.affine("weight_out", "", "h", "y") +
                           write.affine("weight_skip", "", "input", "x") + R"(  for (i = 0; i < @H@; ++i) y[i] += x[i];
)";
  return fill(text, {{"H", digits(units(layer))}, {"L", write.array("factor")}, {"S", write.array("scale")}});
}

// --- RG-LRU and Griffin ---

constexpr double kRgLruSharpness = 8;

bool is_griffin(const Layer& layer) { return layer.what.kind == "griffin"; }

Keeps keep_rg_lru(const Layer& layer) {
  Keeps keeps = keep_h(layer);
  if (is_griffin(layer)) keeps.push_back({"last", 3 * units(layer)});
  return keeps;
}

NamedTensors rg_lru_parts(const NamedTensors& parameters) {
  NamedTensors parts = parameters;
  parts.push_back({"rate", softplus(-taken_out(parts, "lambda")) * kRgLruSharpness});
  if (std::ranges::find(parts, "weight_conv", &NamedTensor::name) != parts.end())
    parts.push_back({"taps", taken_out(parts, "weight_conv")});
  return parts;
}

// The latest of the last three is first.
std::string conv_taps_text(const Layer& layer, const StepWriter& write) {
  const std::string bias = write.array("bias_conv");
  return fill(
      R"(  for (i = 0; i < @H@; ++i) {
    const float now = x[i];
    x[i] = now * @T@[3 * @H@ + i] + last[i] * @T@[2 * @H@ + i] + last[@H@ + i] * @T@[@H@ + i] +
           last[2 * @H@ + i] * @T@[i]@B@;
    last[2 * @H@ + i] = last[@H@ + i];
    last[@H@ + i] = last[i];
    last[i] = now;
  }
)",
      {{"H", digits(units(layer))}, {"T", write.array("taps")}, {"B", bias == "0" ? "" : " + " + bias + "[i]"}});
}

// 1 - a^2 of a near 1 would lose its digits: it is computed from log a. Its root is its product with the inverse root.
std::string rg_lru_text(const Layer& layer, const StepWriter& write) {
  std::string text = write.affine("weight_ih", "bias_ih", "input", "x");
  if (is_griffin(layer)) text += conv_taps_text(layer, write);
  text += write.affine("weight_gates", "bias_gates", "x", fmt::format("x + {}", units(layer)));
  text += R"(  for (i = 0; i < @H@; ++i) {
    const float fall = @R@[i] * sigmoid_f32(x[@H@ + i]), rest = one_minus_exp(2.0f * fall);
    const float square = rest > 1e-6f ? rest : 1e-6f;
    h[i] = exp_f32(-fall) * h[i] + square * inverse_root(square) * (sigmoid_f32(x[2 * @H@ + i]) * x[i]);
)";
  if (is_griffin(layer)) {
    text += "  }\n" + write.affine("weight_branch", "bias_branch", "input", "x");
    text += "  for (i = 0; i < @H@; ++i) x[i] = h[i] * gelu_f32(x[i]);\n";
    text += write.affine("weight_out", "bias_out", "x", "y");
  } else {
    text += "    y[i] = h[i];\n  }\n";
  }
  return fill(text, {{"H", digits(units(layer))}, {"R", write.array("rate")}});
}

// --- sLSTM ---

Keeps keep_slstm(const Layer& layer) {
  const int64_t H = units(layer);
  return {{"h", H}, {"c", H}, {"n", H}, {"m", H}};
}

// The matrix of h is one of d x d for each gate and head.
std::string slstm_text(const Layer& layer, const StepWriter& write) {
  const bool is_int8 = matrix_of(layer, "weight_hh").is_int8();
  const std::string weight = write.array("weight_hh");
  const std::string product = is_int8
                                  ? fmt::format("add_scaled_product({0} + i * @D@ * @D@, {0}_scale + i * @D@, ", weight)
                                  : fmt::format("add_product({} + i * @D@ * @D@, ", weight);
  const std::string text = write.affine("weight_ih", "bias_ih", "input", "x") + "  for (i = 0; i < 4 * @N@; ++i) " +
                           product +
                           R"(h + i % @N@ * @D@, @D@, @D@, x + i * @D@);
  for (i = 0; i < @H@; ++i) {
    const float in = x[@H@ + i], before = m[i] - softplus_f32(-x[2 * @H@ + i]);
    const int fresh = !(n[i] > 0.0f);
    const float most = fresh || in > before ? in : before;
    const float keep = fresh ? 0.0f : exp_f32(before - most), take = exp_f32(in - most);
    c[i] = keep * c[i] + take * tanh_f32(x[i]);
    n[i] = keep * n[i] + take;
    m[i] = most;
    h[i] = sigmoid_f32(x[3 * @H@ + i]) * (c[i] / n[i]);
    y[i] = h[i];
  }
)";
  const int64_t heads = heads_of(layer);
  return fill(text, {{"H", digits(units(layer))}, {"N", digits(heads)}, {"D", digits(units(layer) / heads)}});
}

// --- mLSTM and the delta rule: a matrix a head ---

// Query, key, value and output gate, then the two gates of each head.
int64_t memory_room(const Layer& layer) { return 4 * units(layer) + 2 * heads_of(layer); }

std::string memory_text(const Layer& layer, const StepWriter& write, const std::string& step, const std::string& part) {
  const int64_t H = units(layer), heads = heads_of(layer);
  const std::string text = write.affine("weight_ih", "bias_ih", "input", "x") +
                           write.affine("weight_gates", "bias_gates", "input", fmt::format("x + 4 * {}", H)) +
                           "  for (head = 0; head < @N@; ++head) {\n" + step + "  }\n";
  return "  int32_t j, head;\n" +
         fill(text, {{"H", digits(H)}, {"N", digits(heads)}, {"D", digits(H / heads)}, {"PART", part}});
}

Keeps keep_mlstm(const Layer& layer) {
  const int64_t H = units(layer), heads = heads_of(layer);
  return {{"memory", H * (H / heads)}, {"n", H}, {"m", heads}};
}

std::string mlstm_text(const Layer& layer, const StepWriter& write) {
  const int64_t features = units(layer) / heads_of(layer);
  const double scale = 1 / std::sqrt(static_cast<double>(features));
  return memory_text(layer, write, R"(    const float *q = x + head * @D@, *k = q + @H@, *v = k + @H@, *o = v + @H@;
    float *row = memory + head * @D@ * @D@, *sum = n + head * @D@, *to = y + head * @D@, weight = 0.0f;
    const float in = x[4 * @H@ + head], before = m[head] - softplus_f32(-x[4 * @H@ + @N@ + head]);
    const float larger = before > in ? before : in, most = larger > 0.0f ? larger : 0.0f;
    const float keep = exp_f32(before - most), take = exp_f32(in - most), least = exp_f32(-most);
    m[head] = most;
    for (j = 0; j < @D@; ++j) to[j] = 0.0f;
    for (i = 0; i < @D@; ++i, row += @D@) {
      const float taken = take * (k[i] * @PART@);
      for (j = 0; j < @D@; ++j) {
        row[j] = keep * row[j] + taken * v[j];
        to[j] += q[i] * row[j];
      }
      sum[i] = keep * sum[i] + taken;
      weight += q[i] * sum[i];
    }
    if (weight < 0.0f) weight = -weight;
    if (weight < least) weight = least;
    for (j = 0; j < @D@; ++j) to[j] = sigmoid_f32(o[j]) * (to[j] / weight);
)",
                     number(static_cast<float>(scale)));
}

Keeps keep_delta(const Layer& layer) { return {{"memory", units(layer) * (units(layer) / heads_of(layer))}}; }

NamedTensors delta_parts(const NamedTensors& parameters) {
  NamedTensors parts = parameters;
  parts.push_back({"rate", exp(taken_out(parts, "log_rate"))});
  return parts;
}

// The value becomes what is written for the key.
std::string delta_text(const Layer& layer, const StepWriter& write) {
  const std::string rate = write.array("rate"), beta = layer.what.kind == "delta" ? "" : "2.0f * ";
  return memory_text(layer, write,
                     R"(    float *q = x + head * @D@, *k = q + @H@, *v = k + @H@, *to = y + head * @D@;
    const float *o = v + @H@;
    float *row = memory + head * @D@ * @D@, q_square = 1e-6f, k_square = 1e-6f;
    const float alpha = exp_f32(-)" +
                         rate + R"([head] * softplus_f32(x[4 * @H@ + head]));
    const float beta = @PART@sigmoid_f32(x[4 * @H@ + @N@ + head]);
    for (i = 0; i < @D@; ++i) {
      q[i] *= sigmoid_f32(q[i]);
      k[i] *= sigmoid_f32(k[i]);
      v[i] *= sigmoid_f32(v[i]);
      q_square += q[i] * q[i];
      k_square += k[i] * k[i];
    }
    q_square = inverse_root(q_square);
    k_square = inverse_root(k_square);
    for (i = 0; i < @D@; ++i) {
      q[i] *= q_square;
      k[i] *= k_square;
      to[i] = 0.0f;
    }
    for (i = 0; i < @D@; ++i) {
      for (j = 0; j < @D@; ++j) to[j] += k[i] * row[i * @D@ + j];
    }
    for (j = 0; j < @D@; ++j) {
      v[j] = beta * (v[j] - alpha * to[j]);
      to[j] = 0.0f;
    }
    for (i = 0; i < @D@; ++i, row += @D@) {
      for (j = 0; j < @D@; ++j) {
        row[j] = alpha * row[j] + k[i] * v[j];
        to[j] += q[i] * row[j];
      }
    }
    for (j = 0; j < @D@; ++j) to[j] *= o[j] * sigmoid_f32(o[j]);
)",
                     beta);
}

// --- attention: a ring of keys and values ---

int64_t window_of(const Layer& layer) { return matrix_of(layer, "distance").columns; }

int64_t attention_room(const Layer& layer) { return 3 * units(layer) + window_of(layer); }

Keeps keep_attention(const Layer& layer) {
  const int64_t ring = window_of(layer) * units(layer);
  return {{"keys", ring}, {"values", ring}, {"steps", 1}};
}

// `steps` counts to 2 W - 1 and then goes on from W, so that it says both the place in the ring and whether that is
// full.
std::string attention_text(const Layer& layer, const StepWriter& write) {
  const int64_t heads = heads_of(layer), features = units(layer) / heads;
  const std::string text =
      "  int32_t j, head, age;\n" + write.affine("weight_ih", "bias_ih", "input", "x") +
      R"(  const int32_t seen = (int32_t)steps[0] + 1, there = seen < @W@ ? seen : @W@, at = (seen - 1) % @W@;
  float *weights = x + 3 * @H@;
  steps[0] = (float)(seen < 2 * @W@ ? seen : @W@);
  for (i = 0; i < @H@; ++i) {
    keys[at * @H@ + i] = x[@H@ + i];
    values[at * @H@ + i] = x[2 * @H@ + i];
  }
  for (head = 0; head < @N@; ++head) {
    const float *q = x + head * @D@;
    float *to = y + head * @D@, most = 0.0f, sum = 0.0f;
    for (age = 0; age < there; ++age) {
      const float *k = keys + (at - age + (at < age ? @W@ : 0)) * @H@ + head * @D@;
      float score = 0.0f;
      for (j = 0; j < @D@; ++j) score += q[j] * k[j];
      weights[age] = score * @SCALE@ + @DISTANCE@[head * @W@ + @W@ - 1 - age];
      if (age == 0 || weights[age] > most) most = weights[age];
    }
    for (j = 0; j < @D@; ++j) to[j] = 0.0f;
    for (age = 0; age < there; ++age) {
      const float *v = values + (at - age + (at < age ? @W@ : 0)) * @H@ + head * @D@;
      const float weight = exp_f32(weights[age] - most);
      sum += weight;
      for (j = 0; j < @D@; ++j) to[j] += weight * v[j];
    }
    for (j = 0; j < @D@; ++j) to[j] /= sum;
  }
)";
  return fill(text, {{"H", digits(units(layer))},
                     {"N", digits(heads)},
                     {"D", digits(features)},
                     {"W", digits(window_of(layer))},
                     {"SCALE", number(static_cast<float>(1 / std::sqrt(static_cast<double>(features))))},
                     {"DISTANCE", write.array("distance")}});
}

// --- the list ---

NamedTensors as_they_are(const NamedTensors& parameters) { return parameters; }

// The rows of the product with the input.
int64_t input_rows(const Layer& layer) { return matrix_of(layer, "weight_ih").rows; }

struct Recurrence {
  const char* kind;
  NamedTensors (*parts)(const NamedTensors& parameters);
  Keeps (*keeps)(const Layer& layer);
  int64_t (*room)(const Layer& layer);
  std::string (*text)(const Layer& layer, const StepWriter& write);
};

constexpr Recurrence kRecurrences[] = {
    {"mingru", as_they_are, keep_h, input_rows, min_text},
    {"minlstm", as_they_are, keep_h, input_rows, min_text},
    {"qrnn", as_they_are, keep_qrnn, input_rows, qrnn_text},
    {"indrnn", as_they_are, keep_h, input_rows, indrnn_text},
    {"sru", sru_parts, keep_c, input_rows, sru_text},
    {"lru", lru_parts, keep_lru, input_rows, lru_text},
    {"rg_lru", rg_lru_parts, keep_rg_lru, [](const Layer& layer) { return 3 * units(layer); }, rg_lru_text},
    {"griffin", rg_lru_parts, keep_rg_lru, [](const Layer& layer) { return 3 * units(layer); }, rg_lru_text},
    {"slstm", as_they_are, keep_slstm, input_rows, slstm_text},
    {"mlstm", as_they_are, keep_mlstm, memory_room, mlstm_text},
    {"delta", delta_parts, keep_delta, memory_room, delta_text},
    {"delta_negative", delta_parts, keep_delta, memory_room, delta_text},
    {"attention", as_they_are, keep_attention, attention_room, attention_text},
};

const Recurrence* find_recurrence(std::string_view kind) {
  for (const Recurrence& each : kRecurrences)
    if (each.kind == kind) return &each;
  return nullptr;
}

const Recurrence& recurrence_of(std::string_view kind) {
  const Recurrence* found = find_recurrence(kind);
  if (found == nullptr) fail("there is no C code for layers of the kind {}", kind);
  return *found;
}

}  // namespace

const Matrix* find_part(const Layer& layer, std::string_view name) {
  for (const auto& [own, matrix] : layer.parts)
    if (own == name) return &matrix;
  return nullptr;
}

bool is_recurrence(std::string_view kind) { return find_recurrence(kind) != nullptr; }

NamedTensors step_parts(std::string_view kind, const NamedTensors& parameters) {
  return recurrence_of(kind).parts(parameters);
}

std::vector<Kept> kept_by(const Layer& layer) { return recurrence_of(layer.what.kind).keeps(layer); }

int64_t room_of(const Layer& layer) { return recurrence_of(layer.what.kind).room(layer); }

std::string recurrence_text(const Layer& layer, const StepWriter& write) {
  return recurrence_of(layer.what.kind).text(layer, write);
}

}  // namespace recur::c
