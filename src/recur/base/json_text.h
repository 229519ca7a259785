// JSON as text: the events of reading it, and how its numbers and texts are written. base/json.h has values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "recur/base/error.h"

namespace recur {

// JSON is not what was asked for: "expected a number, got string".
class JsonError : public Error {
 public:
  using Error::Error;
};

// What is told, in the order of the text, by read_json_events(). A function that throws ends the reading.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;

  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  virtual void negative(std::int64_t value) = 0;  // an integer with a sign
  virtual void natural(std::uint64_t value) = 0;  // an integer without
  virtual void real(double value) = 0;            // any other number, finite
  virtual void text(std::string& value) = 0;      // UTF-8; may be moved from, as the key
  virtual void begin_array() = 0;
  virtual void end_array() = 0;
  virtual void begin_object() = 0;
  virtual void key(std::string& name) = 0;
  virtual void end_object() = 0;
};

// Reads one document, of any depth. Gives the byte, counted from 1, at which the text turned out not to be JSON;
// nothing where all of it is.
std::optional<std::size_t> read_json_events(std::string_view text, JsonEvents& events);

enum class BadUtf8 { kRefuse, kReplace };  // what to do with bytes that are not UTF-8: JsonError, or U+FFFD

// The text in quotes.
std::string json_quoted(std::string_view text, BadUtf8 bad = BadUtf8::kRefuse);

// As few digits as give the same double when read; always with a point or an exponent. "null" for infinities and NaN.
std::string json_number(double value);

}  // namespace recur
