#include "recur/base/json_text.h"

#include <nlohmann/json.hpp>

namespace recur {
namespace {

using Library = nlohmann::json;

// Passes the library's events on.
class Handler final : public nlohmann::json_sax<Library> {
 public:
  explicit Handler(JsonEvents& events) : events_(events) {}

  std::optional<std::size_t> bad_byte() const { return bad_byte_; }

  bool null() override { return events_.null(), true; }
  bool boolean(bool value) override { return events_.boolean(value), true; }
  bool number_integer(number_integer_t value) override { return events_.negative(value), true; }
  bool number_unsigned(number_unsigned_t value) override { return events_.natural(value), true; }
  bool number_float(number_float_t value, const string_t&) override { return events_.real(value), true; }
  bool string(string_t& value) override { return events_.text(value), true; }
  bool start_array(std::size_t) override { return events_.begin_array(), true; }
  bool end_array() override { return events_.end_array(), true; }
  bool start_object(std::size_t) override { return events_.begin_object(), true; }
  bool key(string_t& name) override { return events_.key(name), true; }
  bool end_object() override { return events_.end_object(), true; }
  bool binary(binary_t&) override { return false; }  // no part of the text format

  bool parse_error(std::size_t position, const std::string&, const Library::exception&) override {
    bad_byte_ = position;
    return false;
  }

 private:
  JsonEvents& events_;
  std::optional<std::size_t> bad_byte_;
};

}  // namespace

std::optional<std::size_t> read_json_events(std::string_view text, JsonEvents& events) {
  // The library would take a zero byte for the end of the text.
  if (const std::size_t zero = text.find('\0'); zero != std::string::npos) return zero + 1;
  Handler handler(events);
  Library::sax_parse(text.begin(), text.end(), &handler);
  return handler.bad_byte();
}

std::string json_quoted(std::string_view text, BadUtf8 bad) try {
  using Handling = Library::error_handler_t;
  return Library(text).dump(-1, ' ', false, bad == BadUtf8::kReplace ? Handling::replace : Handling::strict);
} catch (const Library::type_error&) {
  throw JsonError("expected UTF-8 text");
}

std::string json_number(double value) { return Library(value).dump(); }

}  // namespace recur
