#include "recur/data/files/data_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/data/files/environment.h"
#include "tests/support/pack.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

constexpr size_t kPlenty = size_t{1} << 30;

std::string unpack(std::string bytes) { return DataFile::from_memory("data", std::move(bytes)).content(kPlenty); }

std::string long_text() {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919 % 10007) + "\n";
  return text;
}

TEST(DataFile, GivesPlainBytesAsTheyAre) {
  const testing::Scratch folder;
  EXPECT_EQ(DataFile(folder.put("a", "plain\n")).content(kPlenty), "plain\n");
  EXPECT_EQ(DataFile(folder.put("b", "")).content(kPlenty), "");
  EXPECT_EQ(DataFile(folder.put("c", "\x1F")).content(kPlenty), "\x1F");
}

TEST(DataFile, UnpacksEveryFormat) {
  for (const std::string& text : {std::string(), std::string("a"), long_text()}) {
    EXPECT_EQ(unpack(gzip(text)), text);
    EXPECT_EQ(unpack(xz(text)), text);
    EXPECT_EQ(unpack(zstd(text)), text);
  }
}

TEST(DataFile, UnpacksStreamsBehindEachOther) {
  EXPECT_EQ(unpack(gzip("one ") + gzip("two")), "one two");
  EXPECT_EQ(unpack(xz("one ") + xz("two")), "one two");
  EXPECT_EQ(unpack(zstd("one ") + zstd("two")), "one two");
  EXPECT_EQ(unpack(gzip("padded") + std::string(512, '\0')), "padded");
}

TEST(DataFile, RefusesWhatIsCutOff) {
  for (const std::string& packed : {gzip(long_text()), xz(long_text()), zstd(long_text())}) {
    for (const size_t length : {packed.size() - 1, packed.size() / 2, size_t{7}}) {
      EXPECT_ERROR(unpack(packed.substr(0, length)), "cut off");
    }
  }
}

TEST(DataFile, RefusesDamagedData) {
  for (std::string packed : {gzip(long_text()), xz(long_text()), zstd(long_text())}) {
    for (size_t i = packed.size() / 2; i < packed.size() / 2 + 64; ++i) packed[i] = static_cast<char>(~packed[i]);
    EXPECT_THROW(unpack(packed), Error);
  }
  EXPECT_ERROR(unpack(gzip("text") + "garbage"), "damaged");
}

TEST(DataFile, RefusesABombBeforeItFillsTheMemory) {
  const std::string megabytes(size_t{64} << 20, '0');
  const std::string packed = zstd(megabytes);
  std::string bomb;
  for (int i = 0; i < 8; ++i) bomb += packed;
  const auto stream = DataFile::from_memory("bomb.zst", bomb).open();
  std::string buffer(1 << 16, '\0');
  EXPECT_ERROR(while (stream->read(buffer) > 0){},
               "it may be a decompression bomb; if you trust the file, unpack it or set "
               "RECUR_UNPACKED_BYTES to its size");
}

TEST(DataFile, UnpacksAsMuchAsTheEnvironmentAllows) {
  const std::string packed = zstd(std::string(size_t{3} << 20, '0'));
  std::string buffer(1 << 16, '\0');
  const auto unpacked = [&] {
    size_t bytes = 0;
    const auto stream = DataFile::from_memory("zeros.zst", packed).open();
    while (const size_t count = stream->read(buffer)) bytes += count;
    return bytes;
  };
  const Environment some("RECUR_UNPACKED_BYTES", "1000000");
  EXPECT_ERROR(unpacked(), "zstd data unpack to more than");
  const Environment more("RECUR_UNPACKED_BYTES", "4000000");
  EXPECT_EQ(unpacked(), size_t{3} << 20);
}

TEST(DataFile, NamesWhatCannotBeOpened) {
  const testing::Scratch folder;
  EXPECT_ERROR(DataFile(folder.folder() / "none.csv").open(), "none.csv: No such file");
  EXPECT_ERROR(DataFile(folder.folder()).open(), "it is a folder; expected files");
}

TEST(DataFile, ReadsAPipeOnceForAllItsCopies) {
  const testing::Scratch folder;
  const std::filesystem::path path = folder.folder() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const DataFile file(path), copy = file;
  std::thread writer([&] { std::ofstream(path) << "t,x\n1,2\n"; });
  EXPECT_EQ(file.head(3), "t,x");
  writer.join();
  EXPECT_EQ(copy.content(100), "t,x\n1,2\n");
}

TEST(DataFile, LimitsContentAndGivesHeads) {
  const DataFile file = DataFile::from_memory("data", "0123456789");
  EXPECT_EQ(file.head(4), "0123");
  EXPECT_EQ(file.head(40), "0123456789");
  EXPECT_EQ(file.content(10).size(), 10U);
  EXPECT_ERROR(file.content(9), "more than 9 bytes");
}

TEST(DataFile, KnowsTheExtensionUnderTheCompression) {
  EXPECT_EQ(DataFile("folder.d/Train.CSV.gz").extension(), ".csv");
  EXPECT_EQ(DataFile("a.tar.zst").extension(), ".tar");
  EXPECT_EQ(DataFile("folder.d/plain").extension(), "");
}

}  // namespace
}  // namespace recur
