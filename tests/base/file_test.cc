#include "recur/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/scratch.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::message_of;

class Files : public ::testing::Test {
 protected:
  fs::path put(const std::string& name, const std::string& text) const { return scratch_.put(name, text); }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  testing::Scratch scratch_;
  const fs::path folder_ = scratch_.folder();
};

TEST_F(Files, MapGivesTheBytesAndMovesWithoutCopying) {
  MappedFile map(put("a", std::string("x\0y", 3)));
  EXPECT_EQ(map.text(), std::string_view("x\0y", 3));
  const auto* address = map.bytes().data();
  MappedFile moved(std::move(map));
  EXPECT_EQ(moved.bytes().data(), address);
  EXPECT_EQ(map.size(), 0u);
  map = std::move(moved);
  EXPECT_EQ(map.text().size(), 3u);
}

TEST_F(Files, MapOfAnEmptyFileIsEmpty) {
  const MappedFile map(put("empty", ""));
  EXPECT_TRUE(map.bytes().empty());
  map.release(0, 10);
}

TEST_F(Files, ReleasedPagesAreReadAgain) {
  std::string text(100000, 'a');
  text[5000] = 'b', text.back() = 'c';
  const MappedFile map(put("pages", text));
  EXPECT_EQ(map.text(), text);
  map.release(0, text.size());
  map.release(10, 9);
  map.release(50000, 1000000);
  EXPECT_EQ(map.text(), text);
}

TEST_F(Files, MissingFilesAndFoldersAreErrorsThatNameThePath) {
  EXPECT_THAT(message_of([&] { MappedFile map(folder_ / "none"); }), HasSubstr("none: No such file"));
  EXPECT_THAT(message_of([&] { MappedFile map{folder_}; }), HasSubstr(folder_.string() + ": Is a directory"));
  EXPECT_THAT(message_of([&] { MappedFile map("/dev/null"); }), HasSubstr("/dev/null: not a regular file"));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(message_of([&] { MappedFile map(folder_ / "pipe"); }), HasSubstr("pipe: not a regular file"));
  EXPECT_THAT(message_of([&] { read_file(folder_ / "none"); }), HasSubstr("none: No such file"));
  EXPECT_THAT(message_of([&] { read_file(folder_); }), HasSubstr("Is a directory"));
}

TEST_F(Files, ReadFileKeepsToItsLimit) {
  const auto path = put("ten", "0123456789");
  EXPECT_EQ(read_file(path), "0123456789");
  EXPECT_EQ(read_file(path, 10), "0123456789");
  EXPECT_THAT(message_of([&] { read_file(path, 9); }), HasSubstr("10 bytes, more than 9"));
  // These do not say their length beforehand.
  EXPECT_FALSE(read_file("/proc/self/status").empty());
  EXPECT_THROW(read_file("/dev/zero", 100000), Error);
}

TEST_F(Files, ReadFileTakesLongFilesWhole) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += std::to_string(i);
  EXPECT_EQ(read_file(put("long", text)), text);
}

TEST_F(Files, AtomicFileAppearsOnlyWhenCommitted) {
  const auto path = put("target", "old");
  {
    AtomicFile file(path);
    file.write("new ");
    file.write("text");
    EXPECT_EQ(file.size(), 8u);
    EXPECT_EQ(read_file(path), "old");
    file.commit();
  }
  EXPECT_EQ(read_file(path), "new text");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, AtomicFileKeepsTheOrderOfShortAndLongWrites) {
  const std::string longer(3 << 20, 'x');
  AtomicFile file(folder_ / "a");
  for (const std::string& part : {std::string("begin"), longer, std::string("middle"), longer, std::string("end")}) {
    file.write(part);
  }
  file.commit();
  EXPECT_TRUE(read_file(folder_ / "a") == "begin" + longer + "middle" + longer + "end");
}

TEST_F(Files, AtomicFileWithoutCommitLeavesNothing) {
  const auto path = put("target", "old");
  {
    AtomicFile file(path);
    file.write(std::string(3 << 20, 'x'));
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, WritingThroughALinkReplacesWhatItNames) {
  const auto path = put("target", "old");
  fs::create_symlink("target", folder_ / "link");
  write_file_atomic(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(path), "new");
}

TEST_F(Files, WhatCannotBeWrittenIsAnError) {
  EXPECT_THAT(message_of([&] { write_file_atomic(folder_ / "no" / "file", ""); }), HasSubstr("No such file"));
  EXPECT_THAT(message_of([&] { write_file_atomic(folder_, ""); }), HasSubstr("Is a directory"));
  EXPECT_THAT(message_of([&] { write_file_atomic("/dev/full", "text"); }), HasSubstr("not a regular file"));
}

TEST_F(Files, AFullDiskIsNamedAndLeavesTheOldFile) {
  const auto path = put("target", "old");
  // A limit on the size of files stands in for a full disk.
  rlimit before;
  ::getrlimit(RLIMIT_FSIZE, &before);
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = message_of([&] { write_file_atomic(path, std::string(5000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr("cannot write " + path.string() + ": File too large"));
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, CurrentFolderNeedsNoPrefix) {
  const auto before = fs::current_path();
  fs::current_path(folder_);
  write_file_atomic("plain", "text");
  EXPECT_EQ(read_file("plain"), "text");
  fs::current_path(before);
}

TEST_F(Files, WhatAKilledProcessWasWritingIsRemovedByTheNextThatWritesThere) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto* file = new AtomicFile(folder_ / "model");
    file->write("half");
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(entries(), 1u);
  const std::string own = "data.tmp-" + std::to_string(::getpid()) + "-0";
  put(own, "of a live process");
  put("data.tmp-x-1", "of none");
  put("data.tmp-99999999-1", "of none: no process has such a number");
  write_file_atomic(folder_ / "model", "whole");
  EXPECT_EQ(entries(), 4u);
  EXPECT_TRUE(fs::exists(folder_ / own));
  EXPECT_EQ(read_file(folder_ / "model"), "whole");
}

}  // namespace
}  // namespace recur
