#include "recur/exchange/c/c_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/base/ascii.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/version.h"
#include "recur/exchange/c/c_layers.h"
#include "recur/exchange/c/c_parts.h"
#include "recur/exchange/c/c_recurrences.h"

namespace recur::c {
namespace {

bool has_inner_state(std::string_view cell) { return cell.starts_with("lstm"); }
bool is_cell(const Layer& layer) { return !gates_text(layer.what.kind).empty(); }

std::vector<const Matrix*> matrices_of(const Layer& layer) {
  std::vector<const Matrix*> all{&layer.weight, &layer.bias,      &layer.recurrent, &layer.recurrent_bias,
                                 &layer.late,   &layer.late_bias, &layer.peephole,  &layer.projection};
  for (const auto& part : layer.parts) all.push_back(&part.second);
  return all;
}

// --- numbers ---

template <class T>
std::string array_text(const std::string& type, const std::string& name, const std::vector<T>& values) {
  std::string out = fmt::format("static const {} {}[{}] = {{", type, name, values.size());
  size_t width = 1000;
  for (const T& value : values) {
    const std::string text = number(value) + ",";
    if (width + text.size() + 1 > 110) {
      out += "\n   ";
      width = 3;
    }
    out += " " + text;
    width += text.size() + 1;
  }
  out.back() = '\n';
  return out + "};\n";
}

// --- the state ---

struct Field {
  std::string type, name;
  int64_t count = 0;
  std::string what;
};

class Writer {
 public:
  Writer(const Model& model, std::string name) : model_(model), name_(std::move(name)) {
    for (const char c : name_) upper_ += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    for (size_t k = 0; k < model.layers.size(); ++k) add_fields(k);
    add_room();
  }

  int64_t ram() const {
    int64_t bytes = 0;
    for (const Field& field : fields_) bytes += field.count * (field.type == "int8_t" ? 1 : 4);
    return (bytes + 3) / 4 * 4;
  }

  std::string header(const Footprint& footprint) const {
    std::string fields;
    for (const Field& field : fields_) {
      fields += fmt::format("  {} {}[{}];", field.type, field.name, field.count);
      fields += field.what.empty() ? "\n" : fmt::format(" /* {} */\n", field.what);
    }
    const bool symbols = model_.vocabulary > 0;
    return fill(R"(/* @NAME@: a model of Recur @VERSION@ in C99, which one step at a time goes through.
 *
 * @DESCRIPTION@
 *
 * flash   @FLASH@ bytes of weights
 * RAM     @RAM@ bytes: sizeof(@NAME@_state), and the stack of a few calls
 * MACs    @MACS@ multiplications and additions of weights a step
 *
 * The state is the caller's: as many as there are streams, each used by one thread at a time. Nothing is allocated, and
 * nothing but <stdint.h> is needed.
 *
 *   static @NAME@_state state;
 *   @NAME@_reset(&state);
 *   for (;;) @NAME@_step(&state, @INPUT@, output);
 */
#ifndef @UPPER@_H
#define @UPPER@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

@SIZES@#define @UPPER@_OUTPUTS @OUTPUTS@
#define @UPPER@_FLASH_BYTES @FLASH@
#define @UPPER@_RAM_BYTES @RAM@
#define @UPPER@_MACS @MACS@

typedef struct {
@FIELDS@} @NAME@_state;

/* Before the first step, and to begin anew. */
void @NAME@_reset(@NAME@_state *state);

/* One time step. @TAKES@ */
void @NAME@_step(@NAME@_state *state, @ARGUMENT@, float output[@UPPER@_OUTPUTS]);

#ifndef @UPPER@_NO_SELF_TEST
/* Goes through @STEPS@ steps and gives the largest difference from what Recur computed@EXACTLY@. The state is as
 * after a reset. -D@UPPER@_NO_SELF_TEST leaves it out. */
float @NAME@_self_test(@NAME@_state *state);
#endif

#ifdef __cplusplus
}
#endif
#endif
)",
                {{"NAME", name_},
                 {"UPPER", upper_},
                 {"VERSION", std::string(version())},
                 {"DESCRIPTION", model_.description},
                 {"FLASH", fmt::format("{}", footprint.flash)},
                 {"RAM", fmt::format("{}", footprint.ram)},
                 {"MACS", fmt::format("{}", footprint.products)},
                 {"INPUT", symbols ? "symbol" : "input"},
                 {"SIZES", fmt::format("#define {}_{} {}\n", upper_, symbols ? "SYMBOLS" : "INPUTS",
                                       symbols ? model_.vocabulary : model_.input)},
                 {"OUTPUTS", fmt::format("{}", model_.output)},
                 {"FIELDS", fields},
                 {"TAKES", symbols ? fmt::format("symbol: 0 to {}_SYMBOLS - 1; any other counts as 0.", upper_) : ""},
                 {"ARGUMENT", symbols ? "int32_t symbol" : fmt::format("const float input[{}_INPUTS]", upper_)},
                 {"EXACTLY", is_int8() ? "" : " in double precision"},
                 {"STEPS", fmt::format("{}", model_.test_steps)}});
  }

  std::string source() {
    std::string body = step_text();
    const std::string functions = helpers_for(body);
    std::string out = fmt::format("#include \"{}.h\"\n\n", name_) + weights_ + "\n" + functions;
    return out + body + reset_text() + test_text();
  }

 private:
  // --- fields of the state ---
  void add_fields(size_t k) {
    const Layer& layer = model_.layers[k];
    if (is_cell(layer)) {
      fields_.push_back(
          {"float", fmt::format("h{}", k), layer.output, fmt::format("{} {}", layer.what.kind, layer.what.size)});
      if (has_inner_state(layer.what.kind)) fields_.push_back({"float", fmt::format("c{}", k), layer.what.size, ""});
    } else if (is_recurrence(layer.what.kind)) {
      std::string what = fmt::format("{} {}", layer.what.kind, layer.what.size);
      for (const Kept& kept : kept_by(layer))
        fields_.push_back({"float", fmt::format("{}{}", kept.name, k), kept.count, std::exchange(what, "")});
    } else if (layer.what.kind == "conv" || layer.what.kind == "causal_conv") {
      fields_.push_back({"float", fmt::format("ring{}", k), reach_of(layer) * layer.input, "inputs of the last steps"});
      fields_.push_back({"int32_t", fmt::format("at{}", k), 1, ""});
    }
  }
  // The arrays that layers work in, one after the other.
  void add_room() {
    int64_t widest = 1, gates = 0, room = 0, vector = 0, hidden = 0, kept = 0, read = 0;
    for (const Layer& layer : model_.layers) {
      widest = std::max({widest, layer.output, layer.input});
      if (layer.what.kind == "keep") kept = std::max(kept, layer.output);
      if (layer.what.kind == "keep_read") read = std::max(read, layer.output);
      if (is_recurrence(layer.what.kind)) room = std::max(room, room_of(layer));
      if (is_cell(layer)) gates = std::max(gates, layer.weight.rows);
      if (is_cell(layer) && (layer.projection.is_there() || layer.late.is_there()))
        hidden = std::max(hidden, layer.what.size);
      if (is_cell(layer) && layer.weight.is_int8()) {
        vector = std::max({vector, layer.weight.columns, layer.recurrent.columns, layer.projection.columns});
      }
    }
    fields_.push_back({"float", "a", widest, "room to work in"});
    fields_.push_back({"float", "b", widest, ""});
    if (kept > 0) fields_.push_back({"float", "kept", kept, ""});
    if (read > 0) fields_.push_back({"float", "gate", read, ""});
    if (read > 0) fields_.push_back({"float", "read", read, ""});
    if (std::max(gates, room) > 0) fields_.push_back({"float", "x", std::max(gates, room), ""});
    if (gates > 0) fields_.push_back({"float", "r", gates, ""});
    if (hidden > 0) fields_.push_back({"float", "unit", hidden, ""});
    if (vector > 0) fields_.push_back({"int8_t", "q", vector, ""});
  }

  // --- weights ---
  std::string array_name(size_t k, std::string_view what) const { return fmt::format("{}_{}_{}", name_, k, what); }

  // The array's name in the program, or "0" of a bias that is not there.
  std::string put(size_t k, std::string_view what, const Matrix& matrix) {
    if (!matrix.is_there()) return "0";
    for (const auto& [other, name] : put_) {
      if (*other == matrix) return name;  // the output layer of a language model that shares its table
    }
    std::string name = array_name(k, what);
    put_.emplace_back(&matrix, name);
    if (matrix.is_int8()) {
      weights_ += array_text("int8_t", name, matrix.integers);
      weights_ += array_text("float", name + "_scale", matrix.scales);
    } else {
      weights_ += array_text("float", name, matrix.values);
    }
    return name;
  }

  // y += matrix x. `exact`: x is rounded too, where the matrix is of integers.
  std::string product(size_t k, std::string_view what, const Matrix& matrix, std::string_view x, std::string_view y,
                      bool exact) {
    const std::string name = put(k, what, matrix);
    const std::string sizes = fmt::format("{}, {}", matrix.rows, matrix.columns);
    if (!matrix.is_int8()) return fmt::format("  add_product({}, {}, {}, {});\n", name, x, sizes, y);
    if (exact) return fmt::format("  add_product_int8({0}, {0}_scale, {1}, {2}, state->q, {3});\n", name, x, sizes, y);
    return fmt::format("  add_scaled_product({0}, {0}_scale, {1}, {2}, {3});\n", name, x, sizes, y);
  }

  // --- layers: each reads `x` and leaves its output in the array whose name it returns ---
  std::string step_text() {
    const bool symbols = model_.vocabulary > 0;
    std::string calls, x = symbols ? "0" : "input";
    std::string functions;
    for (size_t k = 0; k < model_.layers.size(); ++k) {
      const Layer& layer = model_.layers[k];
      const std::string title = fmt::format("{} to {}", text_of(layer.what), layer.output);
      const bool last = k + 1 == model_.layers.size();
      std::string y = last ? "output" : x == "state->a" ? "state->b" : "state->a";
      std::string function = fmt::format("layer{}", k);
      if (layer.what.kind == "embedding") {
        functions += fmt::format("/* {} */\n", title) + embedding_text(k, layer);
        calls += fmt::format("  {}(symbol, {});\n", function, y);
      } else if (is_cell(layer)) {
        functions += fmt::format("/* {} */\n", title) + cell_text(k, layer);
        calls += fmt::format("  {}(state, {});\n", function, x);
        y = fmt::format("state->h{}", k);
        if (last) calls += fmt::format("  for (i = 0; i < {}; ++i) output[i] = {}[i];\n", layer.output, y);
        copies_ = copies_ || last;
      } else {
        functions += fmt::format("/* {} */\n", title);
        functions += is_recurrence(layer.what.kind) ? recurrence_function(k, layer) : plain_text(k, layer);
        if (passes_on(layer)) y = x;
        calls +=
            fmt::format("  {}({}{}{});\n", function, needs_state(layer) ? "state, " : "", x, y == x ? "" : ", " + y);
      }
      x = y;
    }
    const std::string argument = symbols ? "int32_t symbol" : fmt::format("const float input[{}_INPUTS]", upper_);
    std::string body = functions;
    body +=
        fmt::format("void {0}_step({0}_state *state, {1}, float output[{2}_OUTPUTS]) {{\n", name_, argument, upper_);
    if (copies_) body += "  int32_t i;\n";
    if (symbols) body += fmt::format("  if (symbol < 0 || symbol >= {}_SYMBOLS) symbol = 0;\n", upper_);
    if (!uses_state()) body += "  (void)state;\n";
    return body + calls + "}\n\n";
  }

  bool is_int8() const {
    return std::ranges::any_of(model_.layers, [](const Layer& layer) {
      return std::ranges::any_of(matrices_of(layer), [](const Matrix* matrix) { return matrix->is_int8(); });
    });
  }

  static bool needs_state(const Layer& layer) {
    const std::string& kind = layer.what.kind;
    static constexpr std::string_view kKinds[] = {"conv",      "causal_conv", "keep",     "add",
                                                  "keep_gate", "keep_read",   "skip_gate"};
    return std::ranges::count(kKinds, kind) > 0 || is_recurrence(kind);
  }
  // Whose output is the array of its input.
  static bool passes_on(const Layer& layer) { return layer.what.kind == "keep" || layer.what.kind == "keep_read"; }

  bool uses_state() const {
    const Layer& first = model_.layers.front();
    return model_.layers.size() > 1 || is_cell(first) || needs_state(first);
  }

  std::string embedding_text(size_t k, const Layer& layer) {
    const std::string name = put(k, "table", layer.weight);
    const std::string value = layer.weight.is_int8()
                                  ? fmt::format("(float){0}[symbol * {1} + i] * {0}_scale[symbol]", name, layer.output)
                                  : fmt::format("{}[symbol * {} + i]", name, layer.output);
    return fill(R"(static void layer@K@(int32_t symbol, float *y) {
  int32_t i;
  for (i = 0; i < @O@; ++i) y[i] = @VALUE@;
}

)",
                {{"K", fmt::format("{}", k)}, {"O", fmt::format("{}", layer.output)}, {"VALUE", value}});
  }

  std::string cell_text(size_t k, const Layer& layer) {
    const std::string& cell = layer.what.kind;
    const int64_t hidden = layer.what.size, rows = layer.weight.rows;
    const bool projects = layer.projection.is_there();
    std::string out = fmt::format("static void layer{}({}_state *state, const float *input) {{\n", k, name_);
    out += "  float *x = state->x, *r = state->r;\n";
    out += projects ? fmt::format("  float *h = state->unit;\n") : fmt::format("  float *h = state->h{};\n", k);
    if (has_inner_state(cell)) out += fmt::format("  float *c = state->c{};\n", k);
    if (layer.peephole.is_there()) out += fmt::format("  const float *p = {};\n", put(k, "peephole", layer.peephole));
    out += "  int32_t i;\n";
    out += fmt::format("  copy_bias({}, {}, x);\n", put(k, "bias_ih", layer.bias), rows);
    out += fmt::format("  copy_bias({}, {}, r);\n", put(k, "bias_hh", layer.recurrent_bias), layer.recurrent.rows);
    out += product(k, "weight_ih", layer.weight, "input", "x", true);
    out += product(k, "weight_hh", layer.recurrent, fmt::format("state->h{}", k), "r", true);
    if (layer.late.is_there()) {
      out += fmt::format("  for (i = 0; i < {}; ++i) state->unit[i] = sigmoid_f32(x[i] + r[i]) * h[i];\n", hidden);
      out += fmt::format("  copy_bias({}, {}, r + {});\n", put(k, "bias_late", layer.late_bias), layer.late.rows,
                         layer.recurrent.rows);
      out += product(k, "weight_late", layer.late, "state->unit", fmt::format("r + {}", layer.recurrent.rows), true);
    }
    out += fmt::format("  for (i = 0; i < {}; ++i) {{\n", hidden);
    out += fill(gates_text(cell), {{"H", fmt::format("{}", hidden)}});
    out += "  }\n";
    if (projects) {
      out += fmt::format("  copy_bias(0, {}, state->h{});\n", layer.output, k);
      out += product(k, "weight_hr", layer.projection, "h", fmt::format("state->h{}", k), true);
    }
    return out + "}\n\n";
  }

  std::string recurrence_function(size_t k, const Layer& layer) {
    const auto array = [&](std::string_view name) {
      const Matrix* matrix = find_part(layer, name);
      return matrix == nullptr ? "0" : put(k, name, *matrix);
    };
    const auto affine = [&](std::string_view weight, std::string_view bias, std::string_view x, std::string_view y) {
      const Matrix& matrix = *find_part(layer, weight);
      return fmt::format("  copy_bias({}, {}, {});\n", array(bias), matrix.rows, y) +
             product(k, weight, matrix, x, y, false);
    };
    std::string out = fmt::format("static void layer{}({}_state *state, const float *input, float *y) {{\n", k, name_);
    out += "  float *x = state->x";
    for (const Kept& kept : kept_by(layer)) out += fmt::format(", *{0} = state->{0}{1}", kept.name, k);
    return out + ";\n  int32_t i;\n" + recurrence_text(layer, {array, affine}) + "}\n\n";
  }

  std::string plain_text(size_t k, const Layer& layer) {
    const std::string arguments = passes_on(layer) ? "const float *x" : "const float *x, float *y";
    return fmt::format("static void layer{}({}{}) {{\n{}}}\n\n", k,
                       needs_state(layer) ? fmt::format("{}_state *state, ", name_) : "", arguments,
                       plain_body(k, layer));
  }

  std::string plain_body(size_t k, const Layer& layer) {
    const std::string& kind = layer.what.kind;
    if (kind == "dense") return dense_text(k, layer);
    const std::string weight = put(k, "weight", layer.weight), bias = put(k, "bias", layer.bias);
    if (kind == "conv") return conv_text(k, layer, weight, bias);
    if (kind == "causal_conv") return causal_conv_text(k, layer, weight, bias);
    if (kind == "layer_norm" || kind == "heads_norm") return norm_text(layer, weight, bias);
    if (kind == "scale") return scale_text(layer, weight, bias);
    if (kind == "keep") return each_text(layer, "state->kept[i] = x[i]");
    if (kind == "add") return each_text(layer, "y[i] = state->kept[i] + x[i]");
    if (kind == "keep_gate")
      return each_text(layer, fmt::format("state->gate[i] = x[i], y[i] = x[{} + i]", layer.output));
    if (kind == "keep_read") return each_text(layer, "state->read[i] = x[i]");
    if (kind == "skip_gate")
      return each_text(layer, fmt::format("y[i] = (x[i] + {}[i] * state->read[i]) * state->gate[i] * "
                                          "sigmoid_f32(state->gate[i])",
                                          weight));
    return activation_text(layer);
  }

  std::string dense_text(size_t k, const Layer& layer) {
    const std::string bias = put(k, "bias", layer.bias);
    return fmt::format("  copy_bias({}, {}, y);\n", bias, layer.output) +
           product(k, "weight", layer.weight, "x", "y", false);
  }

  // --- the rest ---
  std::string reset_text() const {
    std::string out = fmt::format("void {0}_reset({0}_state *state) {{\n  int32_t i;\n", name_);
    for (const Field& field : fields_) {
      const char* zero = field.type == "float" ? "0.0f" : "0";
      out += fmt::format("  for (i = 0; i < {}; ++i) state->{}[i] = {};\n", field.count, field.name, zero);
    }
    return out + "}\n";
  }

  std::string test_text() const {
    const bool symbols = model_.vocabulary > 0;
    std::string inputs = array_text("float", name_ + "_test_inputs", model_.test_inputs);
    std::string outputs = array_text("float", name_ + "_test_outputs", model_.test_outputs);
    return fill(R"(
#ifndef @UPPER@_NO_SELF_TEST
@INPUTS@@OUTPUTS@
float @NAME@_self_test(@NAME@_state *state) {
  float y[@UPPER@_OUTPUTS], most = 0.0f;
  int32_t t, i;
  @NAME@_reset(state);
  for (t = 0; t < @STEPS@; ++t) {
    @NAME@_step(state, @INPUT@, y);
    for (i = 0; i < @UPPER@_OUTPUTS; ++i) {
      float difference = y[i] - @NAME@_test_outputs[t * @UPPER@_OUTPUTS + i];
      if (difference < 0.0f) difference = -difference;
      if (!(difference <= most)) most = difference;
    }
  }
  @NAME@_reset(state);
  return most;
}
#endif
)",
                {{"NAME", name_},
                 {"UPPER", upper_},
                 {"INPUTS", inputs},
                 {"OUTPUTS", outputs},
                 {"STEPS", fmt::format("{}", model_.test_steps)},
                 {"INPUT", symbols ? fmt::format("(int32_t){}_test_inputs[t]", name_)
                                   : fmt::format("{}_test_inputs + t * {}_INPUTS", name_, upper_)}});
  }

  const Model& model_;
  std::string name_, upper_;
  std::vector<Field> fields_;
  std::string weights_;
  std::vector<std::pair<const Matrix*, std::string>> put_;
  bool copies_ = false;
};

bool is_name_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

void check_name(const std::string& name) {
  const bool fine = !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, is_name_char);
  if (!fine)
    fail_usage("'{}' is the prefix of names in C: expected letters, digits and _, not beginning with a digit", name);
}

}  // namespace

Footprint footprint_of(const Model& model) {
  Footprint footprint{.ram = Writer(model, "model").ram()};
  std::vector<const Matrix*> stored;
  for (const Layer& layer : model.layers) {
    for (const Matrix* matrix : matrices_of(layer)) {
      if (std::ranges::any_of(stored, [&](const Matrix* other) { return *other == *matrix; })) continue;
      stored.push_back(matrix);
      footprint.flash += matrix->bytes();
    }
    if (layer.what.kind == "embedding") continue;
    for (const Matrix* matrix : {&layer.weight, &layer.recurrent, &layer.late, &layer.projection}) {
      footprint.products += matrix->rows * matrix->columns;
    }
    for (const auto& part : layer.parts)
      if (part.second.rows > 1) footprint.products += part.second.rows * part.second.columns;
  }
  return footprint;
}

Program write_program(const Model& model, const std::string& name) {
  check_name(name);
  constexpr int64_t kMostBytes = 1 << 30;  // that int32_t counts
  const int64_t flash = footprint_of(model).flash;
  if (flash > kMostBytes) fail("weights of {} bytes are too many for C code, which has at most {}", flash, kMostBytes);
  Writer writer(model, name);
  return {.header = writer.header(footprint_of(model)), .source = writer.source()};
}

Footprint export_c(const Trained& trained, const std::filesystem::path& path) {
  if (path.extension() != ".c")
    fail_usage("{}: expected a file that ends in .c; the header is written next to it", path.string());
  std::string name = path.stem().string();
  std::ranges::replace(name, '-', '_');
  check_name(name);
  const Model model = model_of(trained);
  Program program = write_program(model, name);
  std::filesystem::path header = path;
  header.replace_extension(".h");
  // The source includes the header by its file's name.
  const std::string include = "#include \"" + name + ".h\"";
  program.source.replace(0, include.size(), "#include \"" + header.filename().string() + "\"");
  write_file_atomic(header, program.header);
  write_file_atomic(path, program.source);
  return footprint_of(model);
}

}  // namespace recur::c
