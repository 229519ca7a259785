#include "recur/data/files/npy_element.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/data/array_bytes.h"

namespace recur {
namespace {

// What a reader of arrays makes of the value as such an element.
double written(double value, const ArrayElement& element) {
  std::string bytes = npy_header({1}, element);
  append_element(bytes, value, element);
  return read_array(DataFile::from_memory("x.npy", bytes)).values.at(0);
}

TEST(AppendElement, ComesBackAsTheNearestThatThereIs) {
  EXPECT_EQ(written(1.1, {'f', 8}), 1.1);
  EXPECT_EQ(written(1.1, {'f', 4}), static_cast<double>(1.1f));
  for (const int bytes : {1, 2, 4, 8}) {
    EXPECT_EQ(written(-7.4, {'i', bytes}), -7);
    EXPECT_EQ(written(7.6, {'u', bytes}), 8);
    EXPECT_EQ(written(-1, {'u', bytes}), 0);
    EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN(), {'i', bytes}), 0);
  }
  EXPECT_EQ(written(300, {'u', 1}), 255);
  EXPECT_EQ(written(300, {'i', 1}), 127);
  EXPECT_EQ(written(-300, {'i', 1}), -128);
  EXPECT_EQ(written(1e30, {'i', 4}), 2147483647);
  EXPECT_GT(written(1e30, {'i', 8}), 9.2e18);
  EXPECT_GT(written(1e30, {'u', 8}), 1.8e19);
  EXPECT_EQ(written(0.7, {'b', 1}), 1);
}

TEST(NpyName, OfWhateverTheArrayWas) {
  EXPECT_EQ(npy_name("a/b.npy"), "b.npy");
  EXPECT_EQ(npy_name("a/b.npy.gz"), "b.npy");
  EXPECT_EQ(npy_name("a/t10k-images-idx3-ubyte"), "t10k-images-idx3-ubyte.npy");
  EXPECT_EQ(written_element({'f', 2}).bytes, 4);
}

}  // namespace
}  // namespace recur
