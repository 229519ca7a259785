// recur predict: what a model says of data, a row for each thing predicted.
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/row_writer.h"
#include "cli/use.h"
#include "recur/base/file.h"

namespace recur::cli {

int run_predict(const Words& words) {
  UseCommand use(
      words, "recur predict MODEL DATA... [options]",
      "Writes what a model says of data: CSV with a header, or lines of JSON. MODEL is a .recur file or a run\n"
      "folder.");
  bool json = false;
  std::string out;
  use.arguments.text("--out", out, "FILE", "Write there, whole or not at all, instead of to the standard output");
  use.arguments.flag("--json", json, "Write a JSON object a line");
  if (!use.parse(words)) return kDone;

  std::unique_ptr<AtomicFile> file;
  if (!out.empty()) file = std::make_unique<AtomicFile>(out);
  const TextWriter write = [&](std::string_view text) { file ? file->write(text) : print(text); };
  const std::unique_ptr<RowSink> rows = make_row_writer(write, json);
  use.task->predict(use.paths(), *rows);
  if (file) file->commit();
  return kDone;
}

}  // namespace recur::cli
