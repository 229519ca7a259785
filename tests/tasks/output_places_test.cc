#include "recur/tasks/output_places.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using testing::Scratch;

TEST(OutputPlaces, LieInTheFolderInOrder) {
  OutputPlaces places("sounds", "said");
  places.add("b.wav", "x/b.wav");
  places.add("a.wav", "x/a.wav");
  places.check_sources();
  EXPECT_EQ(places[0], fs::path("said/b.wav"));
  EXPECT_EQ(places[1], fs::path("said/a.wav"));
}

TEST(OutputPlaces, OfTwoSourcesAreTwoFiles) {
  OutputPlaces places("sounds", "said");
  places.add("a.wav", "x/a.wav");
  EXPECT_ERROR(places.add("./a.wav", "y/a.wav"), "sounds: x/a.wav and y/a.wav would both be written to said/a.wav");
  EXPECT_ERROR(places.add("a.wav", "x/a.wav"), "would both be written");
  places.add("all.npy", "x/all.npy", true);
  places.add("all.npy", "x/all.npy", true);
  EXPECT_ERROR(places.add("all.npy", "y/all.npy", true), "would both be written");
}

TEST(OutputPlaces, AreNoFilesThatAreRead) {
  Scratch scratch;
  const fs::path a = scratch.put("data/a.wav", "a"), b = scratch.put("data/b.wav", "b");
  EXPECT_ERROR(OutputPlaces("sounds", a.string()), "expected a folder");
  OutputPlaces same("sounds", a.parent_path().string());
  same.add("a.wav", a.string());
  EXPECT_ERROR(same.check_sources(), "a.wav would be overwritten");
  // The file of another source, behind a link, or of one of which nothing is made.
  const fs::path out = a.parent_path().parent_path() / "out";
  fs::create_directory(out);
  fs::create_symlink(b, out / "c.wav");
  OutputPlaces link("sounds", out.string());
  link.add("c.wav", a.string());
  link.check_sources();
  link.protect(b.string());
  EXPECT_ERROR(link.check_sources(), "c.wav would be overwritten");
}

}  // namespace
}  // namespace recur
