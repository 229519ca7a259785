#include "cli/build_text.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/commit.h"
#include "cli/table.h"
#include "recur/base/version.h"
#include "recur/kernels/kernels.h"

namespace recur::cli {
namespace {

#if defined(__clang__)
constexpr std::string_view kCompiler = "clang " __clang_version__;
#elif defined(__GNUC__)
constexpr std::string_view kCompiler = "g++ " __VERSION__;
#else
constexpr std::string_view kCompiler = "unknown";
#endif

}  // namespace

std::string build_text() {
  Facts facts;
  facts.add("commit", commit());
  facts.add("compiler", fmt::format("{}, {}", kCompiler, RECUR_BUILD_TYPE));
  facts.add("kernels", kernels::description());
  // Those that it was built with; CMake knows them.
  facts.add("libraries", RECUR_LIBRARIES);
  facts.add("optional", RECUR_OPTIONAL_LIBRARIES);
  return fmt::format("recur {}\n{}", version(), facts.text());
}

}  // namespace recur::cli
