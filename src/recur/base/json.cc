#include "recur/base/json.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

#include "recur/base/json_read.h"

namespace recur {
namespace {

[[noreturn]] void expected(std::string_view what, const Json& got) {
  throw JsonError(fmt::format("expected {}, got {}", what, got.type_name()));
}

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// Drops members whose key comes again later, and gives one of these keys.
std::string drop_repeated(Json::Object& members) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) -> std::string_view { return members[i].key; });
  std::vector<std::size_t> repeated;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (members[order[i - 1]].key == members[order[i]].key) repeated.push_back(order[i - 1]);
  }
  if (repeated.empty()) return "";
  std::string key = members[repeated[0]].key;
  std::ranges::sort(repeated);
  std::size_t next = 0, kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (next < repeated.size() && repeated[next] == i) {
      ++next;
    } else if (kept++ != i) {
      members[kept - 1] = std::move(members[i]);
    }
  }
  members.resize(kept);
  return key;
}

// Makes the document of its events.
class Builder final : public JsonEvents {
 public:
  explicit Builder(int deepest) : deepest_(deepest) {}

  Json document() { return std::move(document_); }
  const std::string& repeated_key() const { return repeated_key_; }

  void null() override { put(nullptr); }
  void boolean(bool value) override { put(value); }
  void negative(std::int64_t value) override { put(value); }
  void natural(std::uint64_t value) override { put(value); }
  void real(double value) override { put(value); }
  void text(std::string& value) override { put(std::move(value)); }
  void begin_array() override { open(false); }
  void end_array() override { put(Json(std::move(close().values))); }
  void begin_object() override { open(true); }
  void key(std::string& name) override { open_.back().members.push_back({std::move(name), nullptr}); }
  void end_object() override {
    Json::Object members = std::move(close().members);
    std::string repeated = drop_repeated(members);
    if (repeated_key_.empty()) repeated_key_ = std::move(repeated);
    put(Json(std::move(members)));
  }

 private:
  // An array or object that has not ended.
  struct Open {
    bool object = false;
    Json::Array values;
    Json::Object members;
  };

  void open(bool object) {
    if (static_cast<int>(open_.size()) >= deepest_) throw JsonError("nested too deep");
    open_.push_back({object, {}, {}});
  }

  Open close() {
    Open last = std::move(open_.back());
    open_.pop_back();
    return last;
  }

  void put(Json value) {
    if (open_.empty()) {
      document_ = std::move(value);
    } else if (open_.back().object) {
      open_.back().members.back().value = std::move(value);
    } else {
      open_.back().values.push_back(std::move(value));
    }
  }

  int deepest_;
  std::vector<Open> open_;
  Json document_;
  std::string repeated_key_;
};

constexpr std::size_t kLongestShown = 40;

// The number that ends before the byte, where it is one that no double holds.
std::string_view number_too_large(std::string_view text) {
  const std::size_t begin = text.find_last_not_of("0123456789+-.eE") + 1;
  const std::string_view number = text.substr(begin);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc::result_out_of_range ? number.substr(0, kLongestShown) : std::string_view();
}

// "\\ud800" without its other half, shortly before the end.
std::string_view half_surrogate(std::string_view text) {
  constexpr std::size_t kBytes = 6;
  const std::size_t at = text.rfind("\\u");
  if (at == std::string::npos || text.size() - at > kBytes + 2 || text.size() - at < kBytes) return {};
  const char first = text[at + 2], second = text[at + 3];
  const bool half =
      (first == 'd' || first == 'D') && std::string_view("89abcdefABCDEF").find(second) != std::string::npos;
  return half ? text.substr(at, kBytes) : std::string_view();
}

// What is wrong with a text that is JSON up to there.
std::string fault_at(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  if (const auto number = number_too_large(before); !number.empty()) {
    return fmt::format("the number {} is too large", number);
  }
  for (const std::size_t back : {std::size_t{1}, std::size_t{0}}) {
    const auto half = half_surrogate(before.substr(0, before.size() - std::min(back, before.size())));
    if (!half.empty()) return fmt::format("{} is half of a surrogate pair, and no character", half);
  }
  if (byte > text.size()) return "the JSON is cut off: it ends too early";
  return "what follows is not JSON";
}

}  // namespace

Json::Json(std::string text) : kind_(Kind::kText), value_{.text = new std::string(std::move(text))} {}

Json::Json(Array values) : kind_(Kind::kArray), value_{.array = new Array(std::move(values))} {}

Json::Json(Object members) {
  if (members.size() > 1) drop_repeated(members);
  value_.object = new Object(std::move(members));
  kind_ = Kind::kObject;
}

Json::Json(std::initializer_list<Member> members) : Json(Object(members)) {}

Json Json::array(std::initializer_list<Json> values) { return Json(Array(values)); }

Json Json::object() { return Json(Object()); }

Json::Json(const Json& other) : value_(other.value_) {
  if (other.is_text()) value_.text = new std::string(*other.value_.text);
  if (other.is_array()) value_.array = new Array(*other.value_.array);
  if (other.is_object()) value_.object = new Object(*other.value_.object);
  kind_ = other.kind_;
}

void Json::destroy() {
  if (is_text()) delete value_.text;
  if (is_array()) delete value_.array;
  if (is_object()) delete value_.object;
}

const char* Json::type_name() const {
  switch (kind_) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "boolean";
    case Kind::kText:
      return "string";
    case Kind::kArray:
      return "array";
    case Kind::kObject:
      return "object";
    default:
      return "number";
  }
}

template <class T>
T Json::get() const {
  if constexpr (std::same_as<T, bool>) {
    if (!is_boolean()) expected("true or false", *this);
    return value_.boolean;
  } else if constexpr (std::integral<T>) {
    if (!is_number() || is_real()) expected("an integer", *this);
    if (is_integer() ? !std::in_range<T>(value_.integer) : !std::in_range<T>(value_.bits)) {
      using Limits = std::numeric_limits<T>;
      throw JsonError(fmt::format("expected an integer from {} to {}, got {}", Limits::min(), Limits::max(), dump()));
    }
    return static_cast<T>(is_integer() ? value_.integer : static_cast<std::int64_t>(value_.bits));
  } else if constexpr (std::floating_point<T>) {
    if (is_real()) return static_cast<T>(value_.real);
    if (!is_number()) expected("a number", *this);
    return is_integer() ? static_cast<T>(value_.integer) : static_cast<T>(value_.bits);
  } else if constexpr (kIsVector<T>) {
    T values;
    values.reserve(array_values().size());
    for (const Json& each : *this) values.push_back(each.get<typename T::value_type>());
    return values;
  } else {
    if (!is_text()) expected("a text", *this);
    return *value_.text;
  }
}

template bool Json::get() const;
template int Json::get() const;
template std::int64_t Json::get() const;
template std::uint64_t Json::get() const;
template float Json::get() const;
template double Json::get() const;
template std::string Json::get() const;
template std::string_view Json::get() const;
template std::vector<std::int64_t> Json::get() const;
template std::vector<std::uint64_t> Json::get() const;
template std::vector<float> Json::get() const;
template std::vector<double> Json::get() const;
template std::vector<std::string> Json::get() const;

const Json::Array& Json::array_values() const {
  if (!is_array()) expected("an array", *this);
  return *value_.array;
}

const Json& Json::element(std::size_t i) const {
  const Array& values = array_values();
  if (i >= values.size()) throw JsonError(fmt::format("expected more than {} values, got {}", i, values.size()));
  return values[i];
}

void Json::push_back(Json value) {
  if (is_null()) *this = array();
  if (!is_array()) expected("an array", *this);
  value_.array->push_back(std::move(value));
}

const Json::Object& Json::items() const {
  if (!is_object()) expected("an object", *this);
  return *value_.object;
}

const Json* Json::find(std::string_view key) const {
  for (const Member& member : items()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (const Json* value = find(key)) return *value;
  throw JsonError(fmt::format("there is no \"{}\"", key));
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) *this = object();
  if (const Json* value = find(key)) return const_cast<Json&>(*value);
  add(std::string(key), nullptr);
  return value_.object->back().value;
}

void Json::add(std::string key, Json value) {
  if (is_null()) *this = object();
  if (!is_object()) expected("an object", *this);
  value_.object->push_back({std::move(key), std::move(value)});
}

std::size_t Json::size() const {
  if (is_array()) return value_.array->size();
  if (is_object()) return value_.object->size();
  return is_null() ? 0 : 1;
}

std::string Json::dump(BadUtf8 bad) const {
  std::string out;
  append(out, bad);
  return out;
}

void Json::append(std::string& out, BadUtf8 bad) const {
  const char* separator = "";
  switch (kind_) {
    case Kind::kNull:
      out += "null";
      break;
    case Kind::kBoolean:
      out += value_.boolean ? "true" : "false";
      break;
    case Kind::kInteger:
      out += std::to_string(value_.integer);
      break;
    case Kind::kUnsigned:
      out += std::to_string(value_.bits);
      break;
    case Kind::kReal:
      out += json_number(value_.real);
      break;
    case Kind::kText:
      out += json_quoted(*value_.text, bad);
      break;
    case Kind::kArray:
      out += '[';
      for (const Json& each : *value_.array) {
        out += std::exchange(separator, ",");
        each.append(out, bad);
      }
      out += ']';
      break;
    case Kind::kObject:
      out += '{';
      for (const auto& [key, value] : *value_.object) {
        out += std::exchange(separator, ",") + json_quoted(key, bad) + ':';
        value.append(out, bad);
      }
      out += '}';
      break;
  }
}

bool Json::operator==(const Json& other) const {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::kNull:
      return true;
    case Kind::kBoolean:
      return value_.boolean == other.value_.boolean;
    case Kind::kReal:
      return value_.real == other.value_.real;
    case Kind::kText:
      return *value_.text == *other.value_.text;
    case Kind::kArray:
      return *value_.array == *other.value_.array;
    case Kind::kObject:
      return *value_.object == *other.value_.object;
    default:
      return value_.bits == other.value_.bits;
  }
}

std::optional<Json> parse_json(std::string_view text, int deepest) { return read_json(text, deepest).document; }

JsonRead read_json(std::string_view text, int deepest) try {
  Builder builder(deepest);
  if (const auto byte = read_json_events(text, builder)) {
    return {.document = std::nullopt, .fault = fault_at(text, *byte), .byte = *byte, .repeated_key = {}};
  }
  return {.document = builder.document(), .fault = {}, .byte = 0, .repeated_key = builder.repeated_key()};
} catch (const JsonError&) {
  return {.document = std::nullopt,
          .fault = fmt::format("arrays and objects lie more than {} deep in each other", deepest),
          .byte = 1,
          .repeated_key = {}};
}

}  // namespace recur
