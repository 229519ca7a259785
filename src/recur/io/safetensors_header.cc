#include "recur/io/safetensors_header.h"

#include <limits>
#include <set>
#include <utility>

#include "recur/base/json.h"

namespace recur::internal {
namespace {

constexpr std::size_t kMaxRank = 64;

// Takes the parser's events one by one, so that a malicious header can neither nest deeply nor grow a document in
// memory.
class HeaderReader final : public JsonEvents {
 public:
  HeaderReader(Header& header, std::string_view file) : header_(header), file_(file) {}

  void begin_object() override {
    if (at_ == At::kStart) return go(At::kFile);
    if (at_ != At::kFile) unexpected("an object");
    if (key_ == "__metadata__") return go(At::kMetadata);
    header_.entries.emplace_back().name = key_;
    fields_.clear();
    return go(At::kTensor);
  }

  void key(std::string& key) override {
    if (at_ == At::kFile) {
      if (!names_.insert(key).second) fail("{}: \"{}\" is there twice", file_, printable(key));
      key_ = std::move(key);
    } else if (at_ == At::kMetadata) {
      if (header_.metadata.contains(key)) fail("{}: metadata \"{}\" is there twice", file_, printable(key));
      key_ = std::move(key);
    } else {
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        fail("{}: {}: expected dtype, shape and data_offsets, got \"{}\"", file_, where(), printable(key));
      }
      if (!fields_.insert(key).second) fail("{}: {}: {} is there twice", file_, where(), key);
      field_ = std::move(key);
    }
  }

  void end_object() override {
    if (at_ == At::kFile) return go(At::kEnd);
    if (at_ == At::kTensor && fields_.size() != 3) {
      fail("{}: {}: expected dtype, shape and data_offsets, got {} of them", file_, where(), fields_.size());
    }
    return go(At::kFile);
  }

  void begin_array() override {
    if (at_ == At::kTensor && field_ == "shape") return go(At::kShape);
    if (at_ != At::kTensor || field_ != "data_offsets") unexpected("an array");
    offsets_.clear();
    return go(At::kOffsets);
  }

  void end_array() override {
    if (at_ == At::kOffsets) {
      if (offsets_.size() != 2) fail("{}: {}: expected 2 data_offsets, got {}", file_, where(), offsets_.size());
      entry().begin = offsets_[0];
      entry().end = offsets_[1];
    }
    return go(At::kTensor);
  }

  void natural(std::uint64_t value) override {
    if (at_ == At::kShape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) unexpected("a size too large");
      if (entry().shape.size() == kMaxRank) fail("{}: {}: more than {} dimensions", file_, where(), kMaxRank);
      entry().shape.push_back(static_cast<std::int64_t>(value));
    } else if (at_ == At::kOffsets && offsets_.size() < 3) {
      offsets_.push_back(value);
    } else {
      unexpected("a number");
    }
  }

  void text(std::string& value) override {
    if (at_ == At::kMetadata) {
      header_.metadata.emplace(std::move(key_), std::move(value));
    } else if (at_ == At::kTensor && field_ == "dtype") {
      entry().dtype = std::move(value);
    } else {
      unexpected("a string");
    }
  }

  void null() override { unexpected("null"); }
  void boolean(bool) override { unexpected("a boolean"); }
  void negative(std::int64_t) override { unexpected("a negative number"); }
  void real(double) override { unexpected("a fraction or a number too large"); }

 private:
  enum class At { kStart, kFile, kMetadata, kTensor, kShape, kOffsets, kEnd };

  void go(At next) { at_ = next; }

  HeaderEntry& entry() { return header_.entries.back(); }

  std::string where() const {
    switch (at_) {
      case At::kStart:
      case At::kEnd:
        return "header";
      case At::kFile:
        return fmt::format("\"{}\"", printable(key_));
      case At::kMetadata:
        return fmt::format("metadata \"{}\"", printable(key_));
      default:
        return fmt::format("tensor \"{}\"", printable(header_.entries.back().name));
    }
  }

  const char* expected() const {
    switch (at_) {
      case At::kMetadata:
        return "a string";
      case At::kTensor:
        return field_ == "dtype" ? "a string" : "an array";
      case At::kShape:
        return "a size from 0 to 2^63 - 1";
      case At::kOffsets:
        return "2 byte offsets";
      default:
        return "an object";
    }
  }

  [[noreturn]] void unexpected(const char* got) const {
    const bool in_field = at_ == At::kTensor || at_ == At::kShape || at_ == At::kOffsets;
    fail("{}: {}{}: expected {}, got {}", file_, where(), in_field ? ": " + field_ : "", expected(), got);
  }

  Header& header_;
  std::string_view file_;
  At at_ = At::kStart;
  std::string key_;                     // last key of the file's object or of the metadata
  std::string field_;                   // last key of the tensor
  std::set<std::string> names_;         // keys of the file's object so far
  std::set<std::string> fields_;        // keys of the tensor so far
  std::vector<std::uint64_t> offsets_;  // of the tensor, at most 3 kept
};

std::string quoted(std::string_view text, std::string_view file) try {
  return json_quoted(text);
} catch (const JsonError&) {
  fail("{}: \"{}\" is not UTF-8", file, printable(text));
}

}  // namespace

Header parse_header(std::string_view json, std::string_view file) {
  // The parser would skip a byte order mark, and take a zero byte for the end and ignore what follows.
  if (!json.starts_with('{')) fail("{}: the header does not begin with '{{'", file);
  if (json.find('\0') != std::string_view::npos) fail("{}: the header holds a zero byte", file);
  Header header;
  HeaderReader reader(header, file);
  if (const auto byte = read_json_events(json, reader)) {
    fail("{}: the header is not valid JSON at byte {}", file, *byte);
  }
  return header;
}

std::string format_header(const Header& header, std::string_view file) {
  std::string out = "{";
  if (!header.metadata.empty()) {
    out += "\"__metadata__\":{";
    for (const auto& [key, text] : header.metadata) out += quoted(key, file) + ":" + quoted(text, file) + ",";
    out.back() = '}';
    out += ",";
  }
  for (const HeaderEntry& entry : header.entries) {
    out += fmt::format(R"({}:{{"dtype":{},"shape":{},"data_offsets":[{},{}]}},)", quoted(entry.name, file),
                       quoted(entry.dtype, file), Json(entry.shape).dump(), entry.begin, entry.end);
  }
  if (out.back() == ',') out.pop_back();
  return out + "}";
}

std::string printable(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string out(name.substr(0, kLongest));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (name.size() > kLongest) out += "...";
  return out;
}

}  // namespace recur::internal
