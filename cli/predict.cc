// recur predict: the predictions of a model, one row each.
#include <algorithm>
#include <memory>
#include <string>

#include "cli/arguments.h"
#include "cli/byte_source.h"
#include "cli/command.h"
#include "cli/file_sink.h"
#include "cli/line_source.h"
#include "cli/table_name.h"
#include "cli/use.h"
#include "recur/base/error.h"
#include "recur/tasks/session.h"

namespace recur::cli {
namespace {

// Rows as soon as the lines or bytes that they come from are there, where the task has it.
void predict_input(const Trained& trained, FileSink& out) {
  const std::unique_ptr<Session> session = trained.session();
  if (session == nullptr) return trained.predict({DataFile::standard_input()}, out);
  const auto source = session->takes_bytes() ? std::unique_ptr<ChunkSource>(std::make_unique<ByteSource>())
                                             : std::unique_ptr<ChunkSource>(std::make_unique<LineSource>());
  while (const auto chunk = source->next()) {
    session->take(*chunk, out);
    out.flush();
  }
  session->finish(out);
}

}  // namespace

int run_predict(const Words& words) {
  UseCommand use(
      words, "recur predict MODEL DATA... [options]",
      "Writes a model's prediction for each record: CSV with a header, or JSON lines. MODEL is a .recur file\n"
      "or a run folder. With - as DATA, the standard input is predicted as it arrives: line by line with detect,\n"
      "recognize, translate and imported networks, and as sound with transcribe if the model is unidirectional.");
  bool json = false;
  std::string out;
  use.arguments.text("--out", out, "FILE", "Output file, written whole or not at all (default: the standard output)");
  use.arguments.flag("--json", json, "Write JSON lines");
  if (!use.parse(words)) return kDone;

  const bool streams = std::ranges::count(use.data, "-") > 0;
  if (streams && use.data.size() > 1) fail_usage("DATA: expected files or - (the standard input), got both");
  use.check_outputs({{"--out", out}});
  check_table_name("--out", out);
  FileSink sink(out, json, use.inputs());
  if (streams) {
    predict_input(*use.trained, sink);
  } else {
    use.trained->predict(use.files(), sink);
  }
  sink.commit();
  return kDone;
}

}  // namespace recur::cli
