#include "recur/io/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "recur/io/crc32c.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::read_bytes;
using testing::Scratch;
using testing::write_bytes;

// A reader of its own, written from the format's description: shares no code with the writer but the checksum.
struct Event {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string version;
  std::string tag;
  std::optional<float> value;
  int session_status = 0;
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// The fields of a message by number; varints and fixed sizes as numbers, the rest as bytes.
struct Message {
  std::map<int, std::uint64_t> numbers;
  std::map<int, std::string> bytes;
};

std::uint64_t take_varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(text.at(0));
    text.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
}

std::string take(std::string_view& text, std::size_t count) {
  if (text.size() < count) throw std::out_of_range("message");
  const std::string out(text.substr(0, count));
  text.remove_prefix(count);
  return out;
}

Message parse_message(std::string_view text) {
  Message message;
  while (!text.empty()) {
    const std::uint64_t key = take_varint(text);
    const int field = static_cast<int>(key >> 3);
    switch (key & 7) {
      case 0:
        message.numbers[field] = take_varint(text);
        break;
      case 1:
        message.numbers[field] = little_endian(take(text, 8));
        break;
      case 2:
        message.bytes[field] = take(text, take_varint(text));
        break;
      case 5:
        message.numbers[field] = little_endian(take(text, 4));
        break;
      default:
        throw std::out_of_range("wire type");
    }
  }
  return message;
}

std::uint32_t mask(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u; }

Event parse_event(std::string_view text) {
  Message message = parse_message(text);
  Event event;
  event.wall_time = std::bit_cast<double>(message.numbers.at(1));
  event.step = static_cast<std::int64_t>(message.numbers[2]);
  event.version = message.bytes[3];
  if (message.bytes.contains(5)) {
    Message value = parse_message(parse_message(message.bytes[5]).bytes.at(1));
    event.tag = value.bytes.at(1);
    event.value = std::bit_cast<float>(static_cast<std::uint32_t>(value.numbers.at(2)));
  }
  if (message.bytes.contains(7)) event.session_status = static_cast<int>(parse_message(message.bytes[7]).numbers.at(1));
  return event;
}

std::vector<Event> read_events(const std::filesystem::path& path) {
  const std::string file = read_bytes(path);
  std::string_view rest = file;
  std::vector<Event> events;
  while (!rest.empty()) {
    const std::string length = take(rest, 8);
    EXPECT_EQ(little_endian(take(rest, 4)), mask(crc32c(length)));
    const std::string event = take(rest, little_endian(length));
    EXPECT_EQ(little_endian(take(rest, 4)), mask(crc32c(event)));
    events.push_back(parse_event(event));
  }
  return events;
}

double fixed_clock() { return 1700000000.25; }

TEST(EventFile, HoldsItsVersionAndTheScalarsInOrder) {
  const Scratch scratch;
  EventFile file(scratch.folder(), std::nullopt, fixed_clock);
  file.scalar("train/loss", 2.5, 10);
  file.scalar("valid/loss", std::numeric_limits<double>::quiet_NaN(), 300);
  file.scalar(std::string(300, 'x'), -1e300, std::int64_t{1} << 40);
  file.flush();

  const std::vector<Event> events = read_events(file.path());
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_EQ(events[0].wall_time, 1700000000.25);
  EXPECT_EQ(events[1].tag, "train/loss");
  EXPECT_EQ(events[1].value, 2.5f);
  EXPECT_EQ(events[1].step, 10);
  EXPECT_EQ(events[1].wall_time, 1700000000.25);
  EXPECT_TRUE(std::isnan(*events[2].value));
  EXPECT_EQ(events[2].step, 300);
  EXPECT_EQ(events[3].tag, std::string(300, 'x'));
  EXPECT_EQ(events[3].value, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(events[3].step, std::int64_t{1} << 40);
}

TEST(EventFile, HasTheBytesOfTheFormat) {
  const Scratch scratch;
  const EventFile file(scratch.folder(), std::nullopt, [] { return 0.0; });
  const std::string length("\x18\0\0\0\0\0\0\0", 8);
  const std::string event(
      "\x09\0\0\0\0\0\0\0\0\x1A\x0D"
      "brain.Event:2",
      24);
  const std::string bytes = read_bytes(file.path());
  ASSERT_EQ(bytes.size(), 8u + 4 + 24 + 4);
  EXPECT_EQ(bytes.substr(0, 8), length);
  EXPECT_EQ(bytes.substr(12, 24), event);
}

TEST(EventFile, NamesTellTheTimeAndNotTheMachine) {
  const Scratch scratch;
  const EventFile first(scratch.folder(), std::nullopt, fixed_clock);
  const EventFile second(scratch.folder(), std::nullopt, fixed_clock);
  EXPECT_EQ(first.path().filename(), "events.out.tfevents.1700000000.recur");
  EXPECT_EQ(second.path().filename(), "events.out.tfevents.1700000000.recur.1");
}

TEST(EventFile, OfAResumedRunSaysFromWhichStep) {
  const Scratch scratch;
  const EventFile file(scratch.folder(), 500, fixed_clock);
  const std::vector<Event> events = read_events(file.path());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].session_status, 1);
  EXPECT_EQ(events[1].step, 500);
}

TEST(EventFile, NamesAFolderThatIsNotThere) {
  const Scratch scratch;
  EXPECT_THAT(message_of([&] { EventFile(scratch / "absent"); }), HasSubstr("absent/events.out.tfevents."));
}

}  // namespace
}  // namespace recur
