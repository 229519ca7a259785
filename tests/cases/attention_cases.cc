#include "recur/ops/attend.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

// [Q 3, B 4], [S 5], D 6 and E 7; one sequence is full, one of one step, one empty.
OpCase attend_case(const char* name, bool ragged, bool additive) {
  Tensors inputs{normal({3, 4, 6}), normal({4, 5, 6}, 2), normal({4, 5, 7}, 3)};
  if (additive) inputs.push_back(normal({6}, 4));
  const Tensor lengths = ragged ? Tensor::from(std::vector<int32_t>{5, 1, 0, 3}, {4}) : Tensor();
  return {.name = name,
          .f =
              [lengths](const Tensors& in) {
                return attend(in[0], {in[1], in[2], lengths}, in.size() > 3 ? in[3] : Tensor());
              },
          .inputs = std::move(inputs)};
}

const Register attentions({
    attend_case("attend", false, false),
    attend_case("attend_ragged", true, false),
    attend_case("attend_additive", false, true),
    attend_case("attend_additive_ragged", true, true),
});

}  // namespace
}  // namespace recur::testing
