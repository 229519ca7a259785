#include "options.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <string_view>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/suggest.h"

namespace recur::python {
namespace {

// A number or a truth value of Python or NumPy as text; nothing of other objects.
std::optional<std::string> number_text(nb::handle value) {
  if (PyBool_Check(value.ptr()) || std::strncmp(Py_TYPE(value.ptr())->tp_name, "numpy.bool", 10) == 0)
    return PyObject_IsTrue(value.ptr()) == 1 ? "true" : "false";
  if (PyIndex_Check(value.ptr())) {
    PyObject* const whole = PyNumber_Index(value.ptr());
    if (whole == nullptr) throw nb::python_error();
    return nb::cast<std::string>(nb::str(nb::steal(whole)));
  }
  if (PyFloat_Check(value.ptr()) || nb::hasattr(value, "__float__")) {
    PyObject* const real = PyNumber_Float(value.ptr());
    if (real == nullptr) throw nb::python_error();
    return nb::cast<std::string>(nb::repr(nb::steal(real)));
  }
  return {};
}

std::optional<std::string> text_of(nb::handle value) {
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  if (nb::hasattr(value, "__fspath__")) return nb::cast<std::string>(value.attr("__fspath__")());
  return {};
}

Option option_of(const std::string& key, nb::handle value) {
  if (auto text = text_of(value)) return {key, *std::move(text)};
  const bool is_list =
      nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value) || nb::hasattr(value, "tolist");
  if (!is_list || (nb::hasattr(value, "ndim") && nb::cast<int>(value.attr("ndim")) == 0)) {
    if (auto number = number_text(value)) return {key, *std::move(number)};
    throw nb::type_error(
        (key + ": expected a number, a text or a list of them, got " + std::string(Py_TYPE(value.ptr())->tp_name))
            .c_str());
  }
  std::string list = "[";
  for (const nb::handle each : value) {
    const auto text = text_of(each);
    const auto number = text ? text : number_text(each);
    if (!number) throw nb::type_error((key + ": a list of numbers or texts was expected").c_str());
    if (list.size() > 1) list += ", ";
    list += text ? Json(*text).dump() : *number;
  }
  return {key, list + "]", true};
}

}  // namespace

Options options_of(const nb::dict& given) {
  Options options;
  for (const auto& [key, value] : given) {
    if (!value.is_none()) options.push_back(option_of(nb::cast<std::string>(key), value));
  }
  return options;
}

void set_options(const Options& options, Config& config) {
  for (const Option& each : options) {
    if (config.find(each.key) == nullptr) {
      std::vector<std::string_view> known;
      for (const ConfigField& field : config.fields()) known.push_back(field.key);
      fail_usage("there is no option '{}'{}", each.key, did_you_mean(each.key, known));
    }
    if (each.is_list) {
      config.parse_toml(each.key + " = " + each.value, each.key);
    } else {
      config.set_from_string(each.key, each.value, each.key);
    }
  }
}

nb::list fields_of(const Config& config) {
  nb::list fields;
  for (const ConfigField& field : config.fields())
    fields.append(nb::make_tuple(field.key, field.section, std::string(type_name(field.type)), field.default_text(),
                                 field.choices, field.help));
  return fields;
}

}  // namespace recur::python
