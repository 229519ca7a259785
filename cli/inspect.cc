// recur inspect: what is in a model, a run, or data.
#include "cli/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "recur/base/error.h"
#include "recur/data/audio/sound_survey.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/foreign_file.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/pipe.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/image_set.h"
#include "recur/data/images/image.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/guess_columns.h"
#include "recur/data/tables/table.h"
#include "recur/data/text/tagged_text.h"
#include "recur/tasks/classify/classify_source.h"
#include "recur/tasks/series_options.h"

namespace recur::cli {
namespace fs = std::filesystem;

namespace {

// How data are read, as the options of tasks have it.
struct DataOptions {
  SeriesOptions series;
  std::string label, text, tokens, labels_file;
  std::vector<std::string> past, future;
  std::string source, target_column;
  std::vector<std::string> target;
  std::string audio, speaker;
  std::string image;
  std::vector<std::string> captions;
  std::string input = "auto", events_file;
  int64_t joints = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    series.visit(v, "Series: ");
    v("label_column", label, "Column of the label; empty: inferred from the data");
    v("text_column", text, "Text: column of the text; empty: inferred from the data");
    v("tokens", tokens, "Text: symbols that a task would split it into; if set, the data are read as texts");
    v("labels_file", labels_file, "Series: table with the label of each sequence, if the data contain none");
    v("past_columns", past, "Series: columns of past covariates, known up to the start of a forecast");
    v("future_columns", future, "Series: columns of future covariates, known ahead of time");
    v("source_column", source, "Parallel text: column of the source, by name or number (#1)");
    v("target_column", target_column, "Parallel text: column of the target");
    v("target", target, "Parallel text: file with the targets of DATA, line by line, where DATA are the sources");
    v("audio_column", audio, "Sounds: column of their paths, by name or number (#1)");
    v("speaker_column", speaker, "Sounds: column of the speakers");
    v("image_column", image, "Captions: column of the pictures, by name or number (#1)");
    v("caption_columns", captions, "Captions: columns of the captions");
    v("input", input, "Clips: what a frame is: sensors, skeleton or frames; set, the data are read as clips",
      OneOf{"auto", "sensors", "skeleton", "frames"});
    v("joints", joints, "Clips: joints of a skeleton; 0: inferred", Range{0, 1 << 16});
    v("events_file", events_file, "Clips: table of events, with clip, start, end and label");
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

// JSON of objects, whatever the name; documents of other kinds are texts.
bool holds_objects(const DataFile& file) {
  constexpr std::size_t kHead = 1 << 12;
  try {
    return begins_json_objects(file.head(kHead)) && JsonLines(file).next();
  } catch (const Error&) {
    return false;
  }
}

// Whether a pipe, which has no name that tells, begins with a header of texts.
bool is_piped_text(const DataFile& file) {
  constexpr std::size_t kHead = 1 << 12;
  if (!is_pipe(file.name())) return false;
  const std::string head = file.head(kHead);
  const std::string first = head.substr(0, head.find_first_of("\r\n"));
  std::size_t cells = 0, named = 0;
  for (std::size_t at = 0; at <= first.size(); ++cells) {
    const std::size_t end = std::min(first.find_first_of(",;\t|", at), first.size());
    named += names_text(first.substr(at, end - at)) ? 1 : 0;
    at = end + 1;
  }
  return cells > 1 && named > 0;
}

// Most of the first rows have as many cells, more than one, and numbers or dates are among them.
bool looks_like_table(const DataFile& file) {
  constexpr std::size_t kRows = 50;
  try {
    const OpenTable table = open_csv(file, {});
    const std::size_t width = table.head.names.size();
    const auto rows = std::span(table.head.rows).first(std::min(kRows, table.head.rows.size()));
    if (width < 2 || rows.empty() || table.head.ragged) return false;
    const CellRules rules{TableOptions{}};
    std::size_t values = 0;
    for (const auto& row : rows) {
      const bool any = std::ranges::any_of(row, [&](const std::string& cell) {
        return rules.kind(cell) == CellKind::kNumber || rules.kind(cell) == CellKind::kDate;
      });
      values += row.size() == width && any ? 1 : 0;
    }
    return values * 10 >= rows.size() * 9;
  } catch (const Error&) {
    return false;  // texts are inspected whatever they hold
  }
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

// A list whose first line names a picture that is there.
bool lists_pictures(const DataFile& file) {
  constexpr std::size_t kHead = 1 << 12;
  const std::string head = file.head(kHead);
  const fs::path path(trimmed(std::string_view(head).substr(0, head.find_first_of("\t,;\r\n"))));
  std::error_code ignored;
  return head.find('\0') == std::string::npos && is_image_name(path.string()) &&
         (fs::is_regular_file(fs::path(file.name()).parent_path() / path, ignored) ||
          fs::is_regular_file(path, ignored));
}

// A picture, an array or a list of them, or a folder with any, as tasks on pictures read it. Sounds may have pictures
// beside them.
bool holds_pictures(const DataFile& file) {
  constexpr std::size_t kHead = 16;
  if (!is_folder(file)) {
    if (image_format(file.head(kHead)) != ImageFormat::kNone) return true;
    const std::string format = array_format(file);
    return format.empty() ? lists_pictures(file) : format != "npz" && is_array_of_pictures(file);
  }
  const auto is_picture = [](const LabelledFile& each) {
    return is_image_name(each.file.name()) || image_format(each.file.head(kHead)) != ImageFormat::kNone;
  };
  const ClassFolder folder = read_class_folder(file);
  if (is_picture(folder.files.front())) return true;
  return std::ranges::any_of(folder.files, is_picture) && !looks_like_sounds(file);
}

// A table with a column of texts whose first row names a picture: lines of writing and what they say.
bool lists_texts_of_pictures(const DataFile& file) {
  try {
    CsvReader rows(file, guess_delimiter(file));
    if (!rows.next() || !std::ranges::any_of(rows.cells(), [](std::string_view cell) { return names_text(cell); })) {
      return false;
    }
    return rows.next() && std::ranges::any_of(rows.cells(), [](std::string_view cell) { return is_image_name(cell); });
  } catch (const Error&) {
    return false;
  }
}

// A list whose first line names captions.
bool names_captions(const DataFile& file) {
  constexpr std::size_t kHead = 1 << 12;
  const std::string extension = file.extension();
  const bool objects = extension == ".jsonl" || extension == ".ndjson";
  if (extension != ".csv" && extension != ".tsv" && !objects) return false;
  const std::string head = lower_ascii(file.head(kHead));
  const std::string_view first = std::string_view(head).substr(0, head.find('\n'));
  if (first.find(objects ? "\"caption" : "caption") != std::string::npos) return true;
  return !objects && lists_texts_of_pictures(file);
}

// Whether the options say of what kind the columns are, as only series have them.
bool declares_series(const DataOptions& data) {
  const SeriesOptions& series = data.series;
  const auto given = [](const auto&... options) { return (!options.empty() || ...); };
  return series.layout != "auto" || series.sort_time || series.repeats != "fail" ||
         given(series.values, series.time, series.statics, series.decimal, series.thousands, series.time_format,
               data.labels_file, data.past, data.future);
}

// Whether they say that the data are a table, of texts or series.
bool declares_table(const DataOptions& data) {
  const SeriesOptions& series = data.series;
  return series.header != "auto" || !series.format.empty() || !series.id.empty() || !series.delimiter.empty() ||
         !data.label.empty();
}

void inspect_series_folders(const std::vector<std::string>& paths, const DataOptions& data,
                            const InspectOptions& options) {
  ClassifyDataOptions reading;
  reading.input = "series";
  reading.series = data.series;
  const ClassifySource source = ClassifySource::read({paths.begin(), paths.end()}, reading, {});
  inspect_series(source.series(), options);
}

enum class DataKind {
  kPlainText,
  kTextRows,
  kPairs,
  kTagged,
  kSeries,
  kSeriesFolder,
  kPictures,
  kClips,
  kSounds,
  kCaptions
};

// By what the options say, else by the name of the first file, and by its content where tables may hold texts or
// series.
DataKind kind_of(const DataFile& file, const DataOptions& data) {
  const std::string& format = data.series.format;
  if (!data.source.empty() || !data.target_column.empty() || !data.target.empty()) return DataKind::kPairs;
  if (format == "conll" || format == "conllu") return DataKind::kTagged;
  if (!data.audio.empty() || !data.speaker.empty()) return DataKind::kSounds;
  if (format == "lines" || format == "plain" || !data.text.empty() || !data.tokens.empty()) {
    return DataKind::kTextRows;
  }
  if (data.input != "auto" || !data.events_file.empty() || holds_clips(file)) return DataKind::kClips;
  if (holds_pictures(file)) return DataKind::kPictures;
  if (!data.image.empty() || !data.captions.empty()) return DataKind::kCaptions;
  if (!declares_series(data) && !declares_table(data) && !is_folder(file) && names_captions(file)) {
    return DataKind::kCaptions;
  }
  if (!declares_series(data) && !declares_table(data) && looks_like_sounds(file)) return DataKind::kSounds;
  if (is_folder(file)) {
    return declares_series(data) || holds_series(file) ? DataKind::kSeriesFolder : DataKind::kPlainText;
  }
  if (declares_series(data)) return DataKind::kSeries;
  const std::string extension = file.extension();
  const auto is = [&extension](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, extension) != names.end();
  };
  if (is({".conllu", ".conllup", ".conll", ".iob", ".iob2", ".bio"})) return DataKind::kTagged;
  if (declares_table(data)) return looks_like_text({file}) ? DataKind::kTextRows : DataKind::kSeries;
  if (is({".txt", ".tsv", ".tag", ".data", ".train", ".test", ""}) && is_plain(file) && looks_tagged(file)) {
    return DataKind::kTagged;
  }
  if (is({".csv", ".tsv", ".jsonl", ".ndjson"}) || holds_objects(file)) {
    return looks_like_text({file}) ? DataKind::kTextRows : DataKind::kSeries;
  }
  if (is({".ts", ".tsf"}) || !array_format(file).empty()) return DataKind::kSeries;
  if (const std::string_view what = foreign_format(file.head(kForeignHead)); !what.empty()) {
    fail("{}: this is {}", file.name(), what);
  }
  if (is_piped_text(file)) return DataKind::kTextRows;
  return looks_like_table(file) ? DataKind::kSeries : DataKind::kPlainText;
}

// `detect` takes a channel called as anomalies are for the label of each step; other tasks do not.
void add_note_of_detect(SequenceSet& set, const DataFile& file, const SequenceOptions& reading) {
  const std::string format = reading.format.empty() ? sequence_format(file) : reading.format;
  if (!set.columns.step_labels.empty() || !set.columns.labels.empty() || (format != "csv" && format != "tsv")) return;
  SequenceOptions own = reading;
  own.find_anomalies = true;
  const Columns columns = guess_columns(open_csv(file, own).head, own, file.name()).columns;
  if (columns.step_labels.empty()) return;
  set.notes.push_back(fmt::format("detect takes column {} for the label of each step, not for a channel",
                                  quoted_cell(columns.step_labels[0])));
}

void inspect_data(const std::vector<std::string>& paths, const DataOptions& data, const InspectOptions& options) {
  std::vector<DataFile> files(paths.begin(), paths.end());
  switch (kind_of(files[0], data)) {
    case DataKind::kPlainText:
      return inspect_text(files, options);
    case DataKind::kPairs:
      return inspect_pairs(files,
                           {.source = data.source,
                            .target = data.target_column,
                            .header = data.series.header,
                            .target_files = DataFiles(data.target.begin(), data.target.end())},
                           options);
    case DataKind::kSounds:
      return inspect_sounds(files,
                            {.file = data.audio,
                             .text = data.text,
                             .speaker = data.speaker,
                             .header = data.series.header,
                             .keep_textless = true},
                            options);
    case DataKind::kCaptions:
      return inspect_captions(files, {.image = data.image, .captions = data.captions, .header = data.series.header},
                              options);
    case DataKind::kTagged:
      return inspect_tagged(files, data.series.format, options);
    case DataKind::kTextRows:
      return inspect_text_rows(files,
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
    case DataKind::kPictures:
      return inspect_pictures(files, options);
    case DataKind::kClips: {
      ClipOptions clips{.input = data.input,
                        .joints = data.joints,
                        .events_file = data.events_file,
                        .series = data.series.sequence_options(nullptr, false)};
      if (!data.label.empty()) clips.series.columns.labels = {data.label};
      clips.series.side_table = data.labels_file;
      return inspect_clips(read_clips(files, clips), options);
    }
    case DataKind::kSeries:
      break;
  }
  SequenceOptions reading = data.series.sequence_options(nullptr, true);
  if (!data.label.empty()) reading.columns.labels = {data.label};
  reading.columns.past = data.past;
  reading.columns.future = data.future;
  reading.side_table = data.labels_file;
  SequenceSet set = read_sequences(files, reading);
  add_note_of_detect(set, files[0], reading);
  inspect_series(set, options);
}

void check_card(const CardOptions& card, const InspectOptions& options, bool is_model, const std::string& path) {
  const bool any = !(card.data.empty() && card.groups.empty() && card.positive.empty() && card.label.empty());
  if (!card.wanted && any) {
    fail_usage("--data, --groups, --positive, --label: expected together with --card");
  }
  if (!card.wanted) return;
  if (card.data.empty() && !card.groups.empty()) fail_usage("--groups: expected together with --data");
  if (card.groups.empty() && !(card.positive.empty() && card.label.empty())) {
    fail_usage("--positive, --label: expected together with --groups");
  }
  if (options.json) fail_usage("--card: writes Markdown; expected without --json");
  if (!is_model) fail_usage("--card: expected a model or the folder of a run, got {}", path);
}

}  // namespace

int run_inspect(const Words& words) {
  std::vector<std::string> paths;
  InspectOptions options;
  Arguments arguments(
      "recur inspect MODEL|RUN|DATA... [options]",
      "Describes a model file, a run folder or data: text, series of numbers, tagged sentences, parallel text,\n"
      "pictures, clips, sounds.");
  arguments.positionals("MODEL|RUN|DATA", paths);
  arguments.flag("--baselines", options.baselines,
                 "Text: cross-entropy of n-gram models on its last tenth, trained on the rest");
  arguments.flag("--json", options.json, "Print one JSON object");
  CardOptions card;
  arguments.flag("--card", card.wanted, "Model: a model card (Markdown): data, figures, groups, limits");
  arguments.texts("--data", card.data, "FILE", "With --card: test data to measure the model on; may be repeated");
  arguments.texts("--groups", card.groups, "COLUMN",
                  "With --card and --data: column whose values are groups to compare; may be repeated");
  arguments.text("--positive", card.positive, "CLASS",
                 "With --groups: class whose decisions are compared (default: 1, true or yes)");
  arguments.text("--label", card.label, "LABEL", "With --groups: label of a diagnosis to compare");
  DataOptions data;
  Config config(data);
  arguments.config(config);
  if (!arguments.parse(words)) return kDone;

  for (const std::string& path : paths) {
    if (path.empty()) fail_usage("MODEL|RUN|DATA: expected a path, got ''");
    if (!fs::exists(path)) fail("{}: no such file or folder", path);
    if (paths.size() > 1 && (is_run(path) || holds_tensors(path)))
      fail_usage("{}: a model or a run is inspected by itself, not together with other files", path);
  }
  const bool is_model = is_run(paths[0]) || holds_tensors(paths[0]);
  check_card(card, options, is_model, paths[0]);
  if (card.wanted) {
    inspect_card(paths[0], card, config);
  } else if (is_run(paths[0])) {
    inspect_run(paths[0], options);
  } else if (holds_tensors(paths[0])) {
    inspect_tensors(paths[0], options);
  } else {
    inspect_data(paths, data, options);
  }
  return kDone;
}

}  // namespace recur::cli
