// The program `recur`. Exit codes: 0 done, 1 failed, 2 wrong usage. An error is one line on the standard error output.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/base/error.h"

namespace {

int report(std::string_view message, int code) {
  std::string text(message);
  std::ranges::replace(text, '\n', ' ');
  const std::string line = "recur: error: " + recur::cli::harmless(std::move(text)) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace recur::cli;
  // A reader that goes away, as in `recur generate RUN | head`, shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int code = dispatch(Words(argv + (argc > 0 ? 1 : 0), argv + argc));
    flush_output();
    return code;
  } catch (const OutputClosed&) {
    return kDone;
  } catch (const recur::UsageError& error) {
    return report(error.what(), kWrongUsage);
  } catch (const std::bad_alloc&) {
    return report("out of memory", kFailed);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(error.path1().string() + ": " + error.code().message(), kFailed);
  } catch (const std::exception& error) {
    return report(error.what(), kFailed);
  }
}
