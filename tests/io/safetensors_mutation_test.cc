// What the fuzzer does at random, a small part of it every time: damaged files give an Error or a valid object.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "recur/io/safetensors.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using testing::read_bytes;
using testing::Scratch;

std::string sample_file() {
  const Scratch scratch;
  const std::string data(24, '\x7F');
  const auto bytes = std::as_bytes(std::span(data));
  const std::vector<TensorView> tensors = {
      {"w", "F32", {2, 3}, bytes}, {"empty", "BF16", {0}, {}}, {"scalar", "I64", {}, bytes.first(8)}};
  write_safetensors(scratch / "m", tensors, {{"task", "lm"}, {"config", "[a]\nb = \"c\""}});
  return read_bytes(scratch / "m");
}

// True when the bytes were taken for a file; then every view must lie inside them.
bool accepted(const std::string& file) {
  // A buffer of exactly this size lets the address sanitizer see any read beyond it.
  const std::vector<char> exact(file.begin(), file.end());
  const auto bytes = std::as_bytes(std::span(exact));
  try {
    const SafetensorsFile read = SafetensorsFile::parse(bytes, "m");
    std::size_t total = 0;
    unsigned sum = 0;
    for (const TensorView& tensor : read.tensors()) {
      EXPECT_EQ(read.find(tensor.name), &tensor);
      for (const std::byte byte : tensor.data) sum += static_cast<unsigned>(byte);
      total += tensor.data.size();
    }
    EXPECT_LE(total, bytes.size());
    EXPECT_LE(sum, 255u * total);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(SafetensorsMutation, EveryTruncationIsRefused) {
  const std::string file = sample_file();
  ASSERT_TRUE(accepted(file));
  for (std::size_t size = 0; size < file.size(); ++size) EXPECT_FALSE(accepted(file.substr(0, size))) << size;
  EXPECT_FALSE(accepted(file + '\0'));
}

TEST(SafetensorsMutation, EveryFlippedBitAndEveryReplacedByteIsSafe) {
  const std::string file = sample_file();
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string damaged = file;
    for (int bit = 0; bit < 8; ++bit) {
      damaged[i] = static_cast<char>(file[i] ^ (1 << bit));
      accepted(damaged);
    }
    for (const char c : std::string_view("\0\xFF\"{}[],:0-", 11)) {
      damaged[i] = c;
      accepted(damaged);
    }
  }
}

TEST(SafetensorsMutation, RandomSplicesAreSafe) {
  static constexpr std::array<std::string_view, 16> kPieces = {
      "{",  "}",     "[",     "]",    ",",         ":",         "18446744073709551615", "9223372036854775807",
      "-1", "1e999", "\"w\"", "null", "\"dtype\"", "\"shape\"", "\"data_offsets\"",     "\\u0000"};
  const std::string original = sample_file();
  std::mt19937_64 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  int taken = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string file = original;
    for (std::size_t change = 0; change <= below(4); ++change) {
      const std::size_t at = 8 + below(file.size() - 8);
      switch (below(4)) {
        case 0:
          file.erase(at, below(12));
          break;
        case 1:
          file.insert(at, kPieces[below(kPieces.size())]);
          break;
        case 2:
          file[at] = static_cast<char>(below(256));
          break;
        default:
          file.insert(at, file.substr(8 + below(file.size() - 8), below(60)));
      }
    }
    // Half of them get a fitting header length, or most changes would end at that check.
    if (below(2) == 0 && file.size() > 40) {
      const std::size_t length = file.size() - 8 - 32;
      for (int i = 0; i < 8; ++i) file[static_cast<std::size_t>(i)] = static_cast<char>((length >> (8 * i)) & 0xFF);
    }
    taken += accepted(file);
  }
  EXPECT_LT(taken, 5000);
}

}  // namespace
}  // namespace recur
