// recur inspect: what is in a model, a run, or data.
#include "cli/inspect.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "recur/base/error.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/number_array.h"
#include "recur/data/text/tagged_text.h"
#include "recur/tasks/classify/classify_source.h"
#include "recur/tasks/series_options.h"

namespace recur::cli {
namespace fs = std::filesystem;

namespace {

// How data are read, as the options of tasks have it.
struct DataOptions {
  SeriesOptions series;
  std::string label, text, labels_file;
  std::vector<std::string> past, future;

  template <class Visitor>
  void visit(Visitor& v) {
    series.visit(v, "Series: ");
    v("label_column", label, "Column of the label; empty: inferred from the data");
    v("text_column", text, "Text: column of the text; empty: inferred from the data");
    v("labels_file", labels_file, "Series: table with the label of each sequence, if the data contain none");
    v("past_columns", past, "Series: columns of past covariates, known up to the start of a forecast");
    v("future_columns", future, "Series: columns of future covariates, known ahead of time");
  }
};

bool is_run(const fs::path& path) { return fs::is_directory(path) && fs::exists(path / "config.toml"); }

bool holds_tensors(const fs::path& path) {
  const fs::path extension = path.extension();
  return extension == ".recur" || extension == ".safetensors" || extension == ".ckpt";
}

// Not of bytes that are no text, which readers of lines refuse.
bool is_plain(const DataFile& file) {
  constexpr std::size_t kHead = 1 << 16;
  return file.head(kHead).find('\0') == std::string::npos;
}

// A folder of classes with tables, arrays or lines of numbers; other folders are of plain text.
bool holds_series(const DataFile& folder) {
  const ClassFolder classes = read_class_folder(folder);
  const LabelledFile& first = classes.files.front();
  const std::string extension = first.file.extension();
  const bool may_be =
      std::ranges::count(std::array{".csv", ".tsv", ".npy", ".npz", ".ts", ".jsonl", ".txt"}, extension) > 0;
  return may_be && !first.label.empty() && !looks_like_text({folder});
}

void inspect_series_folders(const std::vector<std::string>& paths, const DataOptions& data,
                            const InspectOptions& options) {
  ClassifyDataOptions reading;
  reading.input = "series";
  reading.series = data.series;
  const ClassifySource source = ClassifySource::read({paths.begin(), paths.end()}, reading, {});
  inspect_series(source.series(), options);
}

enum class DataKind { kPlainText, kTextRows, kTagged, kSeries, kSeriesFolder };

// By what the options say, else by the name of the first file, and by its content where tables may hold texts or
// series.
DataKind kind_of(const std::vector<std::string>& paths, const DataOptions& data) {
  const std::string& format = data.series.format;
  if (format == "conll" || format == "conllu") return DataKind::kTagged;
  if (format == "lines" || format == "plain" || !data.text.empty()) return DataKind::kTextRows;
  if (data.series.layout != "auto" || !format.empty() || !data.series.values.empty()) return DataKind::kSeries;
  const DataFile file(paths[0]);
  if (is_folder(file)) return holds_series(file) ? DataKind::kSeriesFolder : DataKind::kPlainText;
  const std::string extension = file.extension();
  const auto is = [&extension](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, extension) != names.end();
  };
  if (is({".conllu", ".conllup", ".conll", ".iob", ".iob2", ".bio"})) return DataKind::kTagged;
  if (is({".txt", ".tsv", ".tag", ".data", ".train", ".test", ""}) && is_plain(file) && looks_tagged(file)) {
    return DataKind::kTagged;
  }
  if (is({".csv", ".tsv", ".jsonl", ".ndjson"})) {
    return looks_like_text({file}) ? DataKind::kTextRows : DataKind::kSeries;
  }
  const bool packed = fs::path(paths[0]).extension() != extension;
  if (is({".ts", ".tsf"}) || packed || !array_format(file).empty()) return DataKind::kSeries;
  return DataKind::kPlainText;
}

void inspect_data(const std::vector<std::string>& paths, const DataOptions& data, const InspectOptions& options) {
  switch (kind_of(paths, data)) {
    case DataKind::kPlainText:
      return inspect_text(paths, options);
    case DataKind::kTagged:
      return inspect_tagged(paths, data.series.format, options);
    case DataKind::kTextRows:
      return inspect_text_rows(paths,
                               {.format = data.series.format,
                                .text = data.text,
                                .label = data.label,
                                .id = data.series.id,
                                .header = data.series.header,
                                .delimiter = data.series.delimiter,
                                .need_labels = !data.label.empty() || data.series.format == "lines"},
                               options);
    case DataKind::kSeriesFolder:
      return inspect_series_folders(paths, data, options);
    case DataKind::kSeries:
      break;
  }
  SequenceOptions reading = data.series.sequence_options(nullptr, true);
  if (!data.label.empty()) reading.columns.labels = {data.label};
  reading.columns.past = data.past;
  reading.columns.future = data.future;
  reading.side_table = data.labels_file;
  inspect_series(read_sequences(std::vector<fs::path>(paths.begin(), paths.end()), reading), options);
}

}  // namespace

int run_inspect(const Words& words) {
  std::vector<std::string> paths;
  InspectOptions options;
  Arguments arguments("recur inspect MODEL|RUN|DATA... [options]",
                      "Describes a model file, a run folder or data: text, series of numbers, tagged sentences.");
  arguments.positionals("MODEL|RUN|DATA", paths);
  arguments.flag("--baselines", options.baselines,
                 "Text: cross-entropy of n-gram models on its last tenth, trained on the rest");
  arguments.flag("--json", options.json, "Print one JSON object");
  DataOptions data;
  Config config(data);
  arguments.config(config);
  if (!arguments.parse(words)) return kDone;

  for (const std::string& path : paths) {
    if (!fs::exists(path)) fail("{}: no such file or folder", path);
    if (paths.size() > 1 && (is_run(path) || holds_tensors(path)))
      fail_usage("{}: a model or a run is inspected by itself, not together with other files", path);
  }
  if (is_run(paths[0])) {
    inspect_run(paths[0], options);
  } else if (holds_tensors(paths[0])) {
    inspect_tensors(paths[0], options);
  } else {
    inspect_data(paths, data, options);
  }
  return kDone;
}

}  // namespace recur::cli
