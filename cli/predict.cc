// recur predict: what a model says of data, a row for each thing predicted.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/row_writer.h"
#include "cli/use.h"
#include "recur/base/error.h"
#include "recur/base/file.h"

namespace recur::cli {

namespace {

// The next line of the standard input, without its end; false behind the last.
bool next_line(std::string& line) {
  constexpr std::size_t kLongest = std::size_t{1} << 24;
  line.clear();
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return true;
    if (line.size() == kLongest) fail("standard input: a line is longer than {} bytes", kLongest);
    line += static_cast<char>(c);
  }
  if (std::ferror(stdin) != 0) fail("cannot read the standard input: {}", std::strerror(errno));
  return !line.empty();
}

// A row for each line as soon as it is there.
void predict_stream(Task& task, RowSink& rows, const std::function<void()>& flush) {
  const std::unique_ptr<LineStream> stream = task.stream();
  for (std::string line; next_line(line); flush()) stream->line(line, rows);
}

}  // namespace

int run_predict(const Words& words) {
  UseCommand use(
      words, "recur predict MODEL DATA... [options]",
      "Writes what a model says of data: CSV with a header, or lines of JSON. MODEL is a .recur file or a run\n"
      "folder. With - as DATA, the standard input is predicted line by line, as it arrives.");
  bool json = false;
  std::string out;
  use.arguments.text("--out", out, "FILE", "Write there, whole or not at all, instead of to the standard output");
  use.arguments.flag("--json", json, "Write a JSON object a line");
  if (!use.parse(words)) return kDone;

  std::unique_ptr<AtomicFile> file;
  if (!out.empty()) file = std::make_unique<AtomicFile>(out);
  const TextWriter write = [&](std::string_view text) { file ? file->write(text) : print(text); };
  const std::unique_ptr<RowSink> rows = make_row_writer(write, json);
  const bool streams = std::ranges::count(use.data, "-") > 0;
  if (streams && use.data.size() > 1) fail_usage("DATA: expected files or - (the standard input), got both");
  if (streams) {
    predict_stream(*use.task, *rows, [&] {
      if (!file) flush_output();
    });
  } else {
    use.task->predict(use.paths(), *rows);
  }
  if (file) file->commit();
  return kDone;
}

}  // namespace recur::cli
