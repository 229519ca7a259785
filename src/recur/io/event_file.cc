#include "recur/io/event_file.h"

#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include "recur/base/error.h"
#include "recur/io/crc32c.h"
#include "recur/io/little_endian.h"

namespace recur {
namespace {

// Protocol Buffers by hand: each field is its number and wire type in one byte, then the value. The numbers are those
// of TensorFlow's event.proto and summary.proto.
enum Wire : int { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

constexpr int kEventWallTime = 1, kEventStep = 2, kEventFileVersion = 3, kEventSummary = 5, kEventSessionLog = 7;
constexpr int kSummaryValue = 1, kValueTag = 1, kValueSimpleValue = 2;
constexpr int kSessionLogStatus = 1;
constexpr std::uint64_t kSessionStart = 1;

void append_key(std::string& out, int field, Wire wire) { out.push_back(static_cast<char>(field << 3 | wire)); }

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void append_integer(std::string& out, int field, std::uint64_t value) {
  append_key(out, field, kVarint);
  append_varint(out, value);
}

void append_bytes(std::string& out, int field, std::string_view bytes) {
  append_key(out, field, kLength);
  append_varint(out, bytes.size());
  out += bytes;
}

std::string event_at(double wall_time) {
  std::string event;
  append_key(event, kEventWallTime, kFixed64);
  append_little_endian(event, std::bit_cast<std::uint64_t>(wall_time));
  return event;
}

std::string event_at(double wall_time, std::int64_t step) {
  std::string event = event_at(wall_time);
  append_integer(event, kEventStep, static_cast<std::uint64_t>(step));
  return event;
}

// Checksums of data that itself holds checksums are weak, so the format stores them rotated and shifted.
std::uint32_t masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xA282EAD8u; }

void append_checksum(std::string& out, std::string_view of) { append_little_endian(out, masked(crc32c(of))); }

}  // namespace

double EventFile::wall_clock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

EventFile::EventFile(const std::filesystem::path& folder, std::optional<std::int64_t> resume_step, Clock clock)
    : clock_(std::move(clock)) {
  // Ten digits of seconds: TensorBoard reads a folder's files in the order of their names.
  const std::string name = fmt::format("events.out.tfevents.{:010}.recur", static_cast<std::int64_t>(clock_()));
  for (int n = 0; !file_; ++n) {
    path_ = folder / (n == 0 ? name : fmt::format("{}.{}", name, n));
    file_.reset(std::fopen(path_.c_str(), "wxb"));
    if (!file_ && errno != EEXIST) fail("cannot write {}: {}", path_.string(), std::strerror(errno));
  }
  std::string version = event_at(clock_());
  append_bytes(version, kEventFileVersion, "brain.Event:2");
  write_record(version);
  if (resume_step) {
    std::string session;
    append_integer(session, kSessionLogStatus, kSessionStart);
    std::string event = event_at(clock_(), *resume_step);
    append_bytes(event, kEventSessionLog, session);
    write_record(event);
  }
  flush();
}

void EventFile::scalar(std::string_view tag, double value, std::int64_t step) {
  std::string point;
  append_bytes(point, kValueTag, tag);
  append_key(point, kValueSimpleValue, kFixed32);
  append_little_endian(point, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  std::string summary;
  append_bytes(summary, kSummaryValue, point);
  std::string event = event_at(clock_(), step);
  append_bytes(event, kEventSummary, summary);
  write_record(event);
}

void EventFile::write_record(std::string_view event) {
  std::string record;
  append_little_endian(record, std::uint64_t{event.size()});
  append_checksum(record, std::string(record));
  record += event;
  append_checksum(record, event);
  if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) {
    fail("cannot write {}: {}", path_.string(), std::strerror(errno));
  }
}

void EventFile::flush() {
  if (std::fflush(file_.get()) != 0) fail("cannot write {}: {}", path_.string(), std::strerror(errno));
}

}  // namespace recur
