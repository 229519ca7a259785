// A JSON document as a value: null, a boolean, a number, a text, an array, or an object that keeps the order of its
// keys.
//
//   Json json{{"kind", "words"}, {"counts", counts}};   // an object; counts: a vector of numbers
//   json["model"] = Json::array({1, "two", nullptr});
//   file << json.dump();
//
//   const std::optional<Json> json = parse_json(text, 2);
//   if (!json) fail("expected a JSON object");
//   const auto counts = json->at("counts").get<std::vector<int64_t>>();   // throws JsonError where it is none
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "recur/base/json_text.h"

namespace recur {

template <class T>
concept JsonInteger = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

class Json {
 public:
  enum class Kind : std::uint8_t { kNull, kBoolean, kInteger, kUnsigned, kReal, kText, kArray, kObject };
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  // Plain values make the document that holds them alone.
  Json(std::nullptr_t = nullptr) {}
  template <std::same_as<bool> T>
  Json(T value) : kind_(Kind::kBoolean), value_{.boolean = value} {}
  template <JsonInteger T>
  Json(T value) : kind_(Kind::kInteger), value_{.integer = static_cast<std::int64_t>(value)} {
    if constexpr (std::unsigned_integral<T>)
      if (!std::in_range<std::int64_t>(value)) kind_ = Kind::kUnsigned;
  }
  template <std::floating_point T>
  Json(T value) : kind_(Kind::kReal), value_{.real = static_cast<double>(value)} {}
  Json(std::string text);
  Json(std::string_view text) : Json(std::string(text)) {}
  Json(const char* text) : Json(std::string(text)) {}
  template <class T>
  Json(const std::vector<T>& values) : Json(std::span<const T>(values)) {}
  template <class T>
  Json(std::span<const T> values) : Json(Array(values.begin(), values.end())) {}
  Json(Array values);
  Json(Object members);  // of keys that are there twice the last counts
  Json(std::initializer_list<Member> members);
  static Json array(std::initializer_list<Json> values = {});
  static Json object();

  Json(const Json& other);
  Json(Json&& other) noexcept : kind_(std::exchange(other.kind_, Kind::kNull)), value_(other.value_) {}
  Json& operator=(Json other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Json() {
    if (kind_ >= Kind::kText) destroy();
  }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_boolean() const { return kind_ == Kind::kBoolean; }
  bool is_number() const { return kind_ >= Kind::kInteger && kind_ <= Kind::kReal; }
  bool is_integer() const { return kind_ == Kind::kInteger; }  // of 64 bits with a sign
  bool is_unsigned() const { return kind_ == Kind::kUnsigned || (is_integer() && value_.integer >= 0); }
  bool is_real() const { return kind_ == Kind::kReal; }  // has a point or an exponent
  bool is_text() const { return kind_ == Kind::kText; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }
  const char* type_name() const;  // "number", "string", ...

  // The value as T: bool, an integer that holds it, float or double (of any number), std::string, std::string_view, or
  // a std::vector of these. JsonError where it is none. json.cc has the list of types.
  template <class T>
  T get() const;

  // Of arrays, JsonError of others.
  const Array& array_values() const;
  const Json* begin() const { return array_values().data(); }
  const Json* end() const { return begin() + array_values().size(); }
  template <std::integral I>
  const Json& at(I i) const {
    return element(static_cast<std::size_t>(i));
  }
  const Json& operator[](std::size_t i) const {
    return (*value_.array)[i];
  }                            // REQUIRES: an array of more than i values
  void push_back(Json value);  // makes an array of null

  // Of objects, JsonError of others. Keys are looked for one after the other.
  const Object& items() const;
  const Json* find(std::string_view key) const;  // null: there is none
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  const Json& at(std::string_view key) const;  // JsonError: there is none
  Json& operator[](std::string_view key);      // adds null; makes an object of null
  void add(std::string key, Json value);       // without looking for it. REQUIRES: there is none

  std::size_t size() const;  // values of an array, members of an object, else 1, null 0
  bool empty() const { return size() == 0; }

  // The document without spaces and line ends.
  std::string dump(BadUtf8 bad = BadUtf8::kRefuse) const;

  bool operator==(const Json& other) const;

 private:
  // Large documents are arrays of numbers: a value takes 16 bytes, and what needs more is elsewhere.
  union Value {
    std::uint64_t bits = 0;
    bool boolean;
    std::int64_t integer;
    double real;
    std::string* text;
    Array* array;
    Object* object;
  };

  void destroy();
  const Json& element(std::size_t i) const;
  void append(std::string& out, BadUtf8 bad) const;

  Kind kind_ = Kind::kNull;
  Value value_;
};

struct Json::Member {
  std::string key;
  Json value;

  bool operator==(const Member&) const = default;
};

// The document, or nothing where the text is no JSON or has arrays and objects more than `deepest` inside each other,
// which is found before the document grows in memory. Of keys that are there twice the last counts.
std::optional<Json> parse_json(std::string_view text, int deepest);

}  // namespace recur
