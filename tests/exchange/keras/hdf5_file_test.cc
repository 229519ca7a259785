#include "recur/exchange/keras/hdf5_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::string golden_hdf5(const char* name) { return read_file(std::string(RECUR_TEST_DATA) + "/golden/import/" + name); }

TEST(Hdf5File, HasDatasetsAndTheAttributesOfKeras) {
  const auto file = keras::Hdf5File::from_memory("gru.h5", golden_hdf5("keras_gru.h5"));
  ASSERT_FALSE(file.datasets().empty());
  EXPECT_GT(file.read(file.datasets()[0]).numel(), 0);
  EXPECT_THAT(file.attribute("model_config").value_or(""), ::testing::HasSubstr("GRU"));
  EXPECT_FALSE(file.attribute("other").has_value());
  EXPECT_ERROR(file.read("nowhere"), "gru.h5: nowhere: there is no dataset");
}

// On some such files, which libFuzzer finds, libhdf5 itself crashes.
TEST(Hdf5File, DamagedFilesAreErrorsAndCrashNothing) {
  const std::string whole = golden_hdf5("keras_gru.h5");
  Random random(3);
  int refused = 0;
  for (int i = 0; i < 150; ++i) {
    std::string bytes = whole;
    for (uint64_t k = 0, many = 1 + random.below(30); k < many; ++k) {
      // Half of them where the structure of the file lies, which is mostly at its begin.
      const size_t at = random.below(random.bernoulli(0.5) ? 4096 : bytes.size());
      bytes[at] = static_cast<char>(random.below(256));
    }
    if (random.bernoulli(0.2)) bytes.resize(random.below(bytes.size()));
    try {
      const auto file = keras::Hdf5File::from_memory("damaged.h5", bytes);
      for (const std::string& path : file.datasets()) static_cast<void>(file.read(path));
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace recur
