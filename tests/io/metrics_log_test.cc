#include "recur/io/metrics_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "recur/base/log.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::read_bytes;
using testing::Scratch;
using testing::write_bytes;

constexpr const char* kThreeRows =
    "{\"step\":10,\"epoch\":0.5,\"loss\":3.0}\n"
    "{\"step\":20,\"epoch\":1.0,\"loss\":2.0}\n"
    "{\"step\":30,\"epoch\":1.5,\"loss\":1.0}\n";

// The last message while it lives.
class KeptLog {
 public:
  KeptLog() : before_(set_log_sink([this](LogLevel, std::string_view text) { last_ = text; })) {}
  ~KeptLog() { set_log_sink(before_); }
  const std::string& last() const { return last_; }

 private:
  std::string last_;
  LogSink before_;
};

// The file after a run of `step` is resumed from this content.
std::string resumed(const std::string& content, std::int64_t step) {
  const Scratch scratch;
  write_bytes(scratch / "metrics.jsonl", content);
  MetricsLog log(scratch / "metrics.jsonl", step);
  return read_bytes(scratch / "metrics.jsonl");
}

TEST(MetricsLog, WritesOneObjectALineAtOnce) {
  const Scratch scratch;
  MetricsLog log(scratch / "metrics.jsonl");
  log.write(10, 0.5, std::vector<Metric>{{"train_loss", 2.25}, {"rate", 1e-3}});
  EXPECT_EQ(read_bytes(scratch / "metrics.jsonl"), "{\"step\":10,\"epoch\":0.5,\"train_loss\":2.25,\"rate\":0.001}\n");
  log.write(-1, 1, {});
  EXPECT_THAT(read_bytes(scratch / "metrics.jsonl"), HasSubstr("\n{\"step\":-1,\"epoch\":1.0}\n"));
}

TEST(MetricsLog, ReadsBackWhatItWrote) {
  const Scratch scratch;
  MetricsLog log(scratch / "metrics.jsonl");
  log.write(1, 1.0 / 3, std::vector<Metric>{{"z \"quoted\"", 0.1}, {"a", std::nan("")}});
  log.write(2, 2, std::vector<Metric>{{"a", std::numeric_limits<double>::infinity()}});
  EXPECT_THAT(read_bytes(scratch / "metrics.jsonl"), HasSubstr("\"a\":null"));
  const std::vector<MetricsRow> rows = read_metrics(scratch / "metrics.jsonl");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].step, 1);
  EXPECT_EQ(rows[0].epoch, 1.0 / 3);
  ASSERT_EQ(rows[0].metrics.size(), 2u);
  EXPECT_EQ(rows[0].metrics[0].name, "z \"quoted\"");
  EXPECT_EQ(rows[0].metrics[0].value, 0.1);
  EXPECT_TRUE(std::isnan(rows[0].metrics[1].value));
  EXPECT_TRUE(std::isnan(rows[1].metrics[0].value));
}

TEST(MetricsLog, ANewRunStartsEmpty) {
  const Scratch scratch;
  write_bytes(scratch / "metrics.jsonl", kThreeRows);
  MetricsLog log(scratch / "metrics.jsonl");
  EXPECT_EQ(read_bytes(scratch / "metrics.jsonl"), "");
}

TEST(MetricsLog, AResumedRunKeepsTheRowsUpToItsStep) {
  const std::string all = kThreeRows;
  const std::size_t row = all.size() / 3;
  EXPECT_EQ(resumed(all, 9), "");
  EXPECT_EQ(resumed(all, 10), all.substr(0, row));
  EXPECT_EQ(resumed(all, 25), all.substr(0, 2 * row));
  EXPECT_EQ(resumed(all, 30), all);
  EXPECT_EQ(resumed("", 30), "");
}

TEST(MetricsLog, AResumedRunGivesTheFileOfTheRunThatWasNeverStopped) {
  const Scratch scratch;
  const auto write = [](MetricsLog& log, int from, int to) {
    for (int step = from; step <= to; ++step) {
      log.write(step, step / 4.0, std::vector<Metric>{{"loss", 1.0 / step}});
    }
  };
  MetricsLog whole(scratch / "whole");
  write(whole, 1, 9);
  {
    MetricsLog stopped(scratch / "parts");
    write(stopped, 1, 6);
  }
  MetricsLog rest(scratch / "parts", 4);
  write(rest, 5, 9);
  EXPECT_EQ(read_bytes(scratch / "parts"), read_bytes(scratch / "whole"));
}

TEST(MetricsLog, AnUnfinishedLastLineIsDropped) {
  const std::string all = kThreeRows;
  for (std::size_t cut = 2 * all.size() / 3; cut < all.size(); ++cut) {
    EXPECT_EQ(resumed(all.substr(0, cut), 30), all.substr(0, 2 * all.size() / 3)) << cut;
  }
  EXPECT_EQ(resumed(all + std::string(50, '\0'), 30), all);
  const Scratch scratch;
  write_bytes(scratch / "metrics.jsonl", all + "{\"step\":40,");
  EXPECT_EQ(read_metrics(scratch / "metrics.jsonl").size(), 3u);
}

TEST(MetricsLog, AResumedRunWithoutAFileStartsOne) {
  const Scratch scratch;
  MetricsLog log(scratch / "metrics.jsonl", 30);
  log.write(31, 2, {});
  EXPECT_EQ(read_metrics(scratch / "metrics.jsonl").size(), 1u);
}

TEST(MetricsLog, LinesThatAreNoRowsArePassedOverWithAWarning) {
  const Scratch scratch;
  const KeptLog log;
  const std::string first = "{\"step\":1,\"epoch\":1}\n", last = "{\"step\":3,\"epoch\":1}\n";
  for (const std::string bad : {"", "x", "[1]", "7", "{\"epoch\":1}", "{\"step\":1}", "{\"step\":1.5,\"epoch\":1}",
                                "{\"step\":\"1\",\"epoch\":1}", "{\"step\":1,\"epoch\":1,\"loss\":\"x\"}",
                                "{\"step\":1,\"epoch\":1,\"loss\":[1]}", "{\"step\":1,\"epoch\":1}}"}) {
    write_bytes(scratch / "metrics.jsonl", first + bad + "\n" + last);
    EXPECT_EQ(read_metrics(scratch / "metrics.jsonl").size(), 2u) << bad;
    EXPECT_THAT(log.last(), HasSubstr("metrics.jsonl:2: a line that is not a row of metrics was skipped"));
    MetricsLog(scratch / "metrics.jsonl", 5);
    EXPECT_EQ(read_bytes(scratch / "metrics.jsonl"), first + last);
  }
  write_bytes(scratch / "metrics.jsonl", std::string(500'000, '[') + "\nx\n");
  EXPECT_EQ(read_metrics(scratch / "metrics.jsonl").size(), 0u);
  EXPECT_THAT(log.last(),
              HasSubstr("metrics.jsonl:1: 2 lines that are not rows of metrics, of which this is the first, were"));
  EXPECT_THAT(message_of([&] { MetricsLog(scratch / "absent/metrics.jsonl"); }), HasSubstr("absent/metrics.jsonl"));
}

}  // namespace
}  // namespace recur
