#include "recur/io/checkpoint.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/suggest.h"
#include "recur/io/safetensors_header.h"
#include "recur/io/sealed_file.h"

namespace recur {
namespace {

using internal::printable;

constexpr std::string_view kKind = "checkpoint";
constexpr std::string_view kReserved = "recur.";

// JSON has no infinities and no not-a-numbers; these are kept as the bits of the double.
Json real_to_json(double value) {
  if (std::isfinite(value)) return value;
  return Json{{"bits", std::bit_cast<std::uint64_t>(value)}};
}

bool is_real(const Json& json) {
  if (json.is_object()) return json.size() == 1 && json.contains("bits") && json.at("bits").is_unsigned();
  return json.is_real();
}

double real_from_json(const Json& json) {
  return json.is_object() ? std::bit_cast<double>(json.at("bits").get<std::uint64_t>()) : json.get<double>();
}

template <class Predicate>
bool is_array_of(const Json& json, Predicate predicate) {
  return json.is_array() && std::all_of(json.begin(), json.end(), predicate);
}

// The value of `key`, for which `fits` must hold.
template <class Fits>
Json value_of(const SafetensorsFile& file, std::string_view key, const char* expected, Fits fits) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, text] : file.metadata()) known.push_back(each);
    fail("{}: state \"{}\": expected {}, but it is missing{}", file.name(), key, expected, did_you_mean(key, known));
  }
  constexpr int kDeepest = 2;  // an array of real numbers that are kept as bits
  std::optional<Json> json = parse_json(found->second, kDeepest);
  if (!json || !fits(*json)) {
    fail("{}: state \"{}\": expected {}, got {}", file.name(), key, expected, printable(found->second));
  }
  return *std::move(json);
}

}  // namespace

void StateWriter::add(const std::string& key, std::string json) {
  if (key.starts_with(kReserved)) fail("state \"{}\": names beginning with {} are reserved", printable(key), kReserved);
  if (!values_.emplace(key, std::move(json)).second) fail("state \"{}\": the name is already used", printable(key));
}

void StateWriter::integer(const std::string& key, std::int64_t value) { add(key, std::to_string(value)); }

void StateWriter::real(const std::string& key, double value) { add(key, real_to_json(value).dump()); }

void StateWriter::text(const std::string& key, std::string_view value) {
  try {
    add(key, json_quoted(value));
  } catch (const JsonError&) {
    fail("state \"{}\": expected UTF-8 text", printable(key));
  }
}

void StateWriter::words(const std::string& key, std::span<const std::uint64_t> values) {
  add(key, Json(values).dump());
}

void StateWriter::reals(const std::string& key, std::span<const double> values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(real_to_json(value));
  add(key, json.dump());
}

void StateWriter::save(const std::filesystem::path& path) const { write_sealed(path, kKind, tensors_, values_); }

StateReader StateReader::open(const std::filesystem::path& path) { return StateReader(open_sealed(path, kKind)); }

std::int64_t StateReader::integer(std::string_view key) const {
  return value_of(file_, key, "an integer", [](const Json& json) { return json.is_integer(); }).get<std::int64_t>();
}

double StateReader::real(std::string_view key) const {
  return real_from_json(value_of(file_, key, "a real number", is_real));
}

std::string StateReader::text(std::string_view key) const {
  return value_of(file_, key, "a text", [](const Json& json) { return json.is_text(); }).get<std::string>();
}

std::vector<std::uint64_t> StateReader::words(std::string_view key) const {
  const auto fits = [](const Json& json) {
    return is_array_of(json, [](const Json& each) { return each.is_unsigned(); });
  };
  return value_of(file_, key, "unsigned integers", fits).get<std::vector<std::uint64_t>>();
}

std::vector<double> StateReader::reals(std::string_view key) const {
  const auto fits = [](const Json& json) { return is_array_of(json, is_real); };
  std::vector<double> values;
  for (const Json& each : value_of(file_, key, "real numbers", fits)) values.push_back(real_from_json(each));
  return values;
}

}  // namespace recur
