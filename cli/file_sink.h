// The output of a task: rows and text go to a file or the standard output, pictures and sound to files of their own.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/clipped_share.h"
#include "cli/outputs.h"
#include "cli/row_writer.h"
#include "recur/base/file.h"
#include "recur/tasks/sink.h"

namespace recur::cli {

class FileSink : public Sink {
 public:
  // path "": the standard output. Rows are CSV, or with `json` an object a line.
  // Throws UsageError for a picture or a sound that would replace one of `inputs` or another output.
  FileSink(const std::string& path, bool json, Inputs inputs = {});

  void columns(const std::vector<std::string>& names) override;
  void row(std::span<const TableCell> cells) override { rows_->row(cells); }
  bool text(std::string_view piece) override;
  void picture(const Picture& picture) override;
  void sound(const Sound& sound) override;  // a wave file

  void flush();   // so that a reader of the standard output sees what is there
  void commit();  // the file is complete; without it, it never was

 private:
  void write(std::string_view text);
  void prepare(const std::string& path);  // a file of its own
  void check_rows() const;                // that their file is none of those read

  Inputs inputs_;
  std::set<std::string> written_;  // where, links seen through
  std::string path_;               // of the rows; "": the standard output
  std::unique_ptr<AtomicFile> file_;
  std::unique_ptr<Sink> rows_;
  ClippedShare clipped_;  // of all sounds
};

}  // namespace recur::cli
