#include "recur/autograd/size.h"

#include <gtest/gtest.h>

#include "recur/autograd/attributes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

const AxisSizes kSizes{{"T", 7}, {"B", 3}};

Size product(int64_t number) { return {number, {{.coefficient = 2, .factors = {{.axis = "T"}, {.axis = "B"}}}}}; }

TEST(Size, IsANumberOrASumOfProductsOfAxes) {
  EXPECT_EQ(Size(5).at({}), 5);
  EXPECT_EQ(Size("T").at(kSizes), 7);
  EXPECT_EQ(product(-1).at(kSizes), 41);
  EXPECT_EQ(Size(0, {{.coefficient = 1, .factors = {{.axis = "T", .shift = -1, .divisor = 4}}}}).at(kSizes), 2);
}

TEST(Size, IsWrittenAsItIsRead) {
  EXPECT_EQ(product(-1).str(), "2*T*B - 1");
  EXPECT_EQ(Size(3, {{.coefficient = -1, .factors = {{.axis = "T"}}}}).str(), "-T + 3");
  EXPECT_EQ(Size(0, {{.coefficient = 1, .factors = {{.axis = "T", .shift = -1, .divisor = 4}}}}).str(),
            "ceil((T - 1) / 4)");
  EXPECT_EQ(to_string(std::vector<Size>{"T", "B", 8}), "[T, B, 8]");
  EXPECT_EQ(to_string(kSizes), "T = 7, B = 3");
}

TEST(Size, KnowsAPlainAxis) {
  EXPECT_EQ(Size("T").axis(), "T");
  EXPECT_EQ(Size(3).axis(), "");
  EXPECT_EQ(product(0).axis(), "");
}

TEST(Size, AnOpenOneHasNoNumberAndAnUnknownAxisNoSize) {
  EXPECT_ERROR(Size("T").number(), "T is variable");
  EXPECT_ERROR(Size("S").at(kSizes), "the size of axis S is not known");
}

const Attributes kAll{{"flag", true}, {"axis", 2}, {"eps", 1e-5}, {"kind", "mean"}, {"shape", Shape{3, 4}}};

TEST(Attributes, AreReadByNameAndType) {
  EXPECT_TRUE(kAll.flag("flag"));
  EXPECT_EQ(kAll.integer("axis"), 2);
  EXPECT_EQ(kAll.real("eps"), 1e-5);
  EXPECT_EQ(kAll.text("kind"), "mean");
  EXPECT_EQ(kAll.shape("shape"), (Shape{3, 4}));
  EXPECT_EQ(kAll.pair("shape"), (std::array<int64_t, 2>{3, 4}));
  EXPECT_EQ(Attributes({{"dtype", DType::kBF16}}).dtype("dtype"), DType::kBF16);
  EXPECT_EQ(kAll.str(), "{flag: true, axis: 2, eps: 1e-05, kind: 'mean', shape: [3, 4]}");
}

TEST(Attributes, MissingOnesAndOtherTypesAreErrors) {
  EXPECT_FALSE(kAll.has("axes"));
  EXPECT_ERROR(kAll.integer("axes"), "attribute 'axes' is missing");
  EXPECT_ERROR(kAll.integer("eps"), "attribute 'eps': expected integer, got real number");
  EXPECT_ERROR(kAll.dtype("kind"), "attribute 'kind': expected a dtype, got 'mean'");
}

TEST(Attributes, OpenOnesGetTheirNumbersAtASize) {
  const Attributes open{{"n", Size("T")}, {"shape", std::vector<Size>{"T", 2}}, {"eps", 0.5}};
  const Attributes at = open.at(kSizes);
  EXPECT_EQ(at.integer("n"), 7);
  EXPECT_EQ(at.integers("shape"), (std::vector<int64_t>{7, 2}));
  EXPECT_EQ(at.real("eps"), 0.5);
}

}  // namespace
}  // namespace recur
