#include "recur/train/run_folder.h"

#include <gtest/gtest.h>

#include <set>

#include "recur/train/run_log.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

std::set<std::string> files_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

TEST(RunFolder, IsMadeWithItsParents) {
  const Scratch scratch;
  const RunFolder folder = RunFolder::create(scratch / "a/b/c");
  EXPECT_TRUE(std::filesystem::is_directory(scratch / "a/b/c"));
  EXPECT_EQ(folder.checkpoint(), scratch / "a/b/c/last.ckpt");
  EXPECT_NO_THROW(RunFolder::create(scratch / "a/b/c"));  // empty: as good as new
}

TEST(RunFolder, RefusesWhatIsThereUnlessForced) {
  const Scratch scratch;
  write_bytes(scratch / "notes.txt", "mine");
  EXPECT_THROW(RunFolder::create(scratch.folder()), UsageError);
  EXPECT_ERROR(RunFolder::check_free(scratch.folder()), "the folder is not empty");
  write_bytes(scratch / "model.recur", "m");
  EXPECT_ERROR(RunFolder::check_free(scratch.folder()), "already holds a run");
  EXPECT_ERROR(RunFolder::check_free(scratch.folder()), "recur resume");
  EXPECT_ERROR(RunFolder::check_free(scratch / "notes.txt"), "expected a folder for the run, got a file");
  EXPECT_ERROR(RunFolder::check_free(""), "expected a folder");
  EXPECT_ERROR(RunFolder::check_free(scratch / "notes.txt/a/b"), "notes.txt is a file");
  EXPECT_NO_THROW(RunFolder::check_free("a-folder-that-is-not/there"));
  EXPECT_EQ(read_bytes(scratch / "notes.txt"), "mine");
}

TEST(RunFolder, ForceRemovesWhatARunLeavesAndNothingElse) {
  const Scratch scratch;
  for (const char* name : {"config.toml", "model.recur", "last.ckpt", "metrics.jsonl", "gradients.jsonl",
                           "events.out.tfevents.1.host", "notes.txt", "model.recur.bak", "events.txt"})
    write_bytes(scratch / name, "x");
  std::filesystem::create_directories(scratch / "kept");
  RunFolder::create(scratch.folder(), true);
  EXPECT_EQ(files_in(scratch.folder()), (std::set<std::string>{"notes.txt", "model.recur.bak", "events.txt", "kept"}));
}

TEST(RunFolder, OpensWhatHasItsOptionsAndACheckpoint) {
  const Scratch scratch;
  EXPECT_ERROR(RunFolder::open(scratch / "none"), "none: no such folder");
  EXPECT_ERROR(RunFolder::open(scratch.folder()), "config.toml is missing");
  write_bytes(scratch / "config.toml", "");
  EXPECT_ERROR(RunFolder::open(scratch.folder()), "last.ckpt is missing");
  write_bytes(scratch / "last.ckpt", "");
  EXPECT_EQ(RunFolder::open(scratch.folder()).path(), scratch.folder());
}

TEST(RunLog, AResumedRunForgetsTheGradientsAfterItsStep) {
  const Scratch scratch;
  const RunFolder folder = RunFolder::create(scratch / "run");
  {
    RunLog log(folder, std::nullopt);
    for (int64_t step = 1; step <= 4; ++step) log.write_gradients(step, {{0.5, static_cast<double>(step)}});
  }
  const std::string all = read_bytes(folder.gradients());
  { const RunLog again(folder, 2); }
  EXPECT_EQ(read_bytes(folder.gradients()), all.substr(0, all.size() / 2));
  // A row that was being written as the power went ends the file.
  write_bytes(folder.gradients(), all.substr(0, all.size() - 5));
  { const RunLog again(folder, 9); }
  EXPECT_EQ(read_bytes(folder.gradients()), all.substr(0, all.size() / 4 * 3));
}

}  // namespace
}  // namespace recur
