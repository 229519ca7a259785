#include "recur/kernels/kernels.h"

#include <cstdlib>
#include <string_view>

#include "recur/base/error.h"
#include "recur/kernels/cpu/cpu_table.h"

namespace recur::kernels {
namespace {

bool reference_is_forced() {
  const char* choice = std::getenv("RECUR_KERNELS");
  if (choice == nullptr || *choice == '\0' || std::string_view(choice) == "cpu") return false;
  if (std::string_view(choice) == "ref") return true;
  fail_usage("RECUR_KERNELS: expected ref or cpu, got '{}'", choice);
}

}  // namespace

bool use_reference() {
  apply_target_from_environment();
  static const bool forced = reference_is_forced();
  return forced;
}

template <>
const Table<float>& table<float>() {
  static const Table<float> chosen = use_reference() ? reference_table<float>() : cpu_table();
  return chosen;
}

// Doubles serve gradient checks: the reference is all they need.
template <>
const Table<double>& table<double>() {
  return reference_table<double>();
}

std::string description() { return table<float>().name; }

}  // namespace recur::kernels
