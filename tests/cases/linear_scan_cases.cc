// Gradients and second derivatives of the linear scan over packed sequences.
#include "recur/nn/linear_scan.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase linear_scan_case(const std::string& name, const LinearScanOptions& options, bool constant) {
  const Packing packing(4, 3, {2, 4, 0});
  const int64_t N = packing.packed_rows(), W = 4;
  return {.name = "linear_scan_" + name,
          .f = [packing, options](const Tensors& in) { return linear_scan(in[0], in[1], in[2], packing, options); },
          .inputs = {normal(constant ? Shape{W} : Shape{N, W}, 1), normal({N, W}, 2), normal({3, W}, 3)},
          .traced = false};
}

OpCase gated_scan_case(const std::string& name, kernels::ScanGates gates, bool reverse) {
  const Packing packing(4, 3, {2, 4, 0});
  const int64_t N = packing.packed_rows(), H = 3;
  return {.name = "gated_scan_" + name,
          .f = [=](const Tensors& in) { return gated_scan(gates, in[0], in[1], packing, reverse); },
          .inputs = {normal({N, kernels::gates_of(gates) * H}, 1), normal({3, H}, 2)},
          .traced = false};
}

const Register gated_scans({gated_scan_case("min_gru", kernels::ScanGates::kMinGru, false),
                            gated_scan_case("min_gru_reverse", kernels::ScanGates::kMinGru, true),
                            gated_scan_case("min_lstm", kernels::ScanGates::kMinLstm, false),
                            gated_scan_case("min_lstm_reverse", kernels::ScanGates::kMinLstm, true)});

const Register linear_scans(
    {linear_scan_case("forward", {}, false), linear_scan_case("reverse", {.reverse = true}, false),
     linear_scan_case("constant", {}, true), linear_scan_case("complex", {.is_complex = true}, false),
     linear_scan_case("complex_constant_reverse", {.reverse = true, .is_complex = true}, true)});

}  // namespace
}  // namespace recur::testing
