// Folders and lists of clips.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/clip_readers.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/video.h"
#include "recur/data/tables/csv_reader.h"

namespace recur::internal {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHeadOfPicture = 16, kHeadOfList = 1 << 12;
constexpr std::array<std::string_view, 10> kPathNames{"path",     "file",      "clip",  "frames", "folder",
                                                      "filename", "clip_path", "video", "image",  "picture"};
constexpr std::array<std::string_view, 6> kLabelNames{"label", "class", "action", "gesture", "activity", "y"};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::ranges::find(names, lower_ascii(name)) != names.end();
}

bool is_frame(const DataFile& file) {
  return is_image_name(file.name()) || image_format(file.head(kHeadOfPicture)) != ImageFormat::kNone;
}

bool is_clip_file(const DataFile& file) {
  constexpr std::array<std::string_view, 9> kEndings{".npy", ".npz", ".csv",   ".tsv",     ".txt",
                                                     ".ts",  ".idx", ".jsonl", ".skeleton"};
  return std::ranges::find(kEndings, file.extension()) != kEndings.end();
}

ClipSource clip_of_file(const DataFile& file, std::string id, std::string label) {
  return {.id = std::move(id),
          .label = std::move(label),
          .place = file.name(),
          .frames = {},
          .file = {file},
          .video = is_video(file)};
}

// The number at the end of a file's name without its ending; nothing where there is none.
std::optional<int64_t> number_of(const std::string& path) {
  const std::string stem = fs::path(path).stem().string();
  size_t begin = stem.size();
  while (begin > 0 && stem[begin - 1] >= '0' && stem[begin - 1] <= '9') --begin;
  if (begin == stem.size() || stem.size() - begin > 15) return {};
  return std::stoll(stem.substr(begin));
}

// Frames that the numbers of the others leave room for: where most follow each other by the same step. The first gap in
// words.
void find_missing_frames(const ClipSource& clip, std::vector<std::string>& out) {
  std::vector<int64_t> numbers;
  for (const DataFile& frame : clip.frames) {
    const auto number = number_of(frame.name());
    if (!number) return;
    numbers.push_back(*number);
  }
  std::map<int64_t, int64_t> steps;
  for (size_t i = 1; i < numbers.size(); ++i) ++steps[numbers[i] - numbers[i - 1]];
  if (steps.empty()) return;
  const int64_t usual = std::ranges::max_element(steps, {}, [](const auto& step) { return step.second; })->first;
  if (usual < 1) return;
  int64_t missing = 0, before = 0, after = 0;
  for (size_t i = 1; i < numbers.size(); ++i) {
    const int64_t step = numbers[i] - numbers[i - 1];
    if (step <= usual) continue;
    if (missing == 0) before = numbers[i - 1], after = numbers[i];
    missing += step / usual - (step % usual == 0 ? 1 : 0);
  }
  if (missing == 0) return;
  out.push_back(fmt::format("{}: {} missing by the numbers, first between {} and {}", shortened(clip.place),
                            counted(missing, "frame is", "frames are"), before, after));
}

void note_missing_frames(const std::vector<ClipSource>& clips, ClipSet& to) {
  constexpr size_t kShown = 3;
  std::vector<std::string> gaps;
  for (const ClipSource& clip : clips) find_missing_frames(clip, gaps);
  if (gaps.empty()) return;
  std::string text = fmt::format(
      "{} gaps in the numbering of their frames; what is there is read as one frame after "
      "the other: ",
      counted(std::ssize(gaps), "clip has", "clips have"));
  for (size_t i = 0; i < std::min(gaps.size(), kShown); ++i) text += (i > 0 ? "; " : "") + gaps[i];
  if (gaps.size() > kShown) text += fmt::format(" and {} more", gaps.size() - kShown);
  to.warnings.push_back(text);
}

ClipSource clip_of_folder(const fs::path& folder) {
  ClipSource clip{.id = folder.filename().string(), .label = {}, .place = folder.string(), .frames = {}, .file = {}};
  for (LabelledFile& each : read_class_folder(DataFile(folder)).files) {
    if (is_frame(each.file)) clip.frames.push_back(std::move(each.file));
  }
  return clip;
}

// The columns of a list.
struct ListColumns {
  size_t path = 0;
  std::optional<size_t> label = 1;
  bool header = false;
};

using Cells = std::span<const std::string_view>;

CsvReader list_reader(const DataFile& list) {
  const char delimiter = guess_delimiter(list);
  return {list, delimiter == ' ' ? '\t' : delimiter};  // paths have spaces
}

ListColumns columns_of(Cells first) {
  ListColumns out;
  const auto path = std::ranges::find_if(first, [](std::string_view cell) { return is_one_of(cell, kPathNames); });
  if (path == first.end()) return out;
  out.header = true;
  out.path = static_cast<size_t>(path - first.begin());
  const auto label = std::ranges::find_if(first, [](std::string_view cell) { return is_one_of(cell, kLabelNames); });
  out.label = label == first.end() ? std::nullopt : std::optional(static_cast<size_t>(label - first.begin()));
  return out;
}

// A clip that a list names; "" where there is none such, and then a fault.
std::optional<ClipSource> listed_clip(const std::string& path, const std::string& label, const fs::path& folder,
                                      const std::string& place, ClipSet& to) {
  std::error_code ignored;
  const fs::path own = folder / path;
  const fs::path at = fs::exists(own, ignored) ? own : fs::path(path);
  if (path.empty() || !fs::exists(at, ignored)) {
    to.faults.push_back(fmt::format("{}: no such clip: {}", place, quoted_cell(path)));
    return {};
  }
  if (fs::is_other(at, ignored)) {
    to.faults.push_back(fmt::format("{}: not a regular file: {}", place, quoted_cell(path)));
    return {};
  }
  ClipSource clip{.id = path, .label = label, .place = at.string(), .frames = {}, .file = {}};
  if (!fs::is_directory(at, ignored)) {
    const DataFile file(at);
    if (!is_frame(file)) return clip_of_file(file, path, label);
    clip.frames = {file};
    return clip;
  }
  clip.frames = clip_of_folder(at).frames;
  if (clip.frames.empty()) {
    to.faults.push_back(fmt::format("{}: no pictures in {}", place, at.string()));
    return {};
  }
  return clip;
}

// Whether a cell is the path of a clip: a folder or file there is, or, where a header says that it is a path, looks
// like one. Ids, and lists of sounds and pictures, look alike: `pictures` says whether a picture is a clip.
bool names_clip(std::string_view cell, const DataFile& list, bool said, bool pictures) {
  constexpr size_t kLongestPath = 4096;
  std::error_code ignored;
  if (cell.empty() || cell.size() > kLongestPath || parse_number(cell)) return false;
  const fs::path own(cell), near = fs::path(list.name()).parent_path() / own;
  const fs::path& at = fs::exists(near, ignored) ? near : own;
  if (fs::is_other(at, ignored)) {
    fail("{}: expected paths of files or folders, got {}: a pipe or a device", list.name(), quoted_cell(at.string()));
  }
  if (fs::is_directory(at, ignored)) return true;
  if (fs::exists(at, ignored)) {
    const DataFile file(at);
    return is_clip_file(file) || is_video(file) || (pictures && is_frame(file));
  }
  if (pictures && is_image_name(cell)) return true;
  return said && (is_clip_file(DataFile(own)) || is_video_name(cell) ||
                  (!own.has_extension() && cell.find('/') != std::string::npos));
}

// Of paths and labels alone.
constexpr size_t kColumnsOfLabelled = 2;

bool is_json_list(const DataFile& file, bool pictures) {
  try {
    if (!begins_json_objects(file.head(kHeadOfList))) return false;
    JsonLines lines(file);
    if (!lines.next()) return false;
    const auto key = lines.first_key(kPathNames);
    if (!key || !lines.object().at(*key).is_text()) return false;
    const bool labelled = lines.first_key(kLabelNames) && lines.object().size() == kColumnsOfLabelled;
    return names_clip(lines.object().at(*key).get<std::string_view>(), file, true, pictures || labelled);
  } catch (const Error&) {
    return false;
  }
}

// The path in the first row of a list that may be one of clips; nothing where it is no table.
struct ListFront {
  std::string path;
  bool header = false, labelled = false;  // it has a path and a label, by a header, and nothing else
};

std::optional<ListFront> front_of_list(const DataFile& file) {
  try {
    CsvReader rows = list_reader(file);
    if (!rows.next()) return {};
    const ListColumns columns = columns_of(rows.cells());
    const bool labelled = columns.header && columns.label && rows.cells().size() == kColumnsOfLabelled;
    // A header alone may be that of a table of numbers: the first path decides.
    if (columns.header && !rows.next()) return {};
    if (columns.path >= rows.cells().size()) return {};
    return ListFront{std::string(trimmed(rows.cells()[columns.path])), columns.header, labelled};
  } catch (const Error&) {
    return {};
  }
}

std::vector<ClipSource> clips_of_folder(const DataFile& folder, ClipSet& to) {
  ClassFolder found = read_class_folder(folder);
  std::vector<ClipSource> clips;
  std::map<std::string, size_t> by_folder;
  int64_t others = 0;
  std::string first_other;
  for (LabelledFile& each : found.files) {
    const std::string parent = fs::path(each.id).parent_path().string();
    if (is_frame(each.file)) {
      const auto [at, is_new] = by_folder.emplace(parent, clips.size());
      if (is_new) {
        // Pictures right in the outer folder, or in a folder in it, are a clip without a class.
        const bool has_class = parent != each.label;
        clips.push_back({.id = parent.empty() ? fs::path(folder.name()).filename().string() : parent,
                         .label = has_class ? each.label : "",
                         .place = (fs::path(folder.name()) / parent).string(),
                         .frames = {},
                         .file = {}});
      }
      clips[at->second].frames.push_back(std::move(each.file));
    } else if (is_clip_file(each.file) || is_video(each.file)) {
      clips.push_back(clip_of_file(each.file, each.id, each.label));
    } else if (others++ == 0) {
      first_other = each.id;
    }
  }
  if (clips.empty()) {
    fail(
        "{}: no clips: neither pictures (PNG, JPEG, PGM, PPM) nor videos, arrays or tables; expected "
        "CLASS/CLIP/0001.png, CLASS/CLIP.mp4 or CLASS/CLIP.npy",
        folder.name());
  }
  if (others > 0) {
    to.set.notes.push_back(fmt::format("{}: {} passed over, the first of them {}", folder.name(),
                                       counted(others, "file that is no clip is", "files that are no clips are"),
                                       shortened(first_other)));
  }
  note_missing_frames(clips, to);
  return clips;
}

std::vector<ClipSource> clips_of_list(const DataFile& list, ClipSet& to) {
  const fs::path folder = fs::path(list.name()).parent_path();
  std::vector<ClipSource> clips;
  const auto add = [&](const std::string& path, const std::string& label, int64_t line) {
    if (auto clip = listed_clip(path, label, folder, fmt::format("{}:{}", list.name(), line), to)) {
      clips.push_back(*std::move(clip));
    }
  };
  if (begins_json_objects(list.head(kHeadOfList))) {
    for (JsonLines lines(list); lines.next();) {
      const auto path = lines.first_key(kPathNames), label = lines.first_key(kLabelNames);
      if (!path) lines.fail_here("expected a key path");
      add(lines.scalar(*path).value_or(""), label ? lines.scalar(*label).value_or("") : "", lines.line());
    }
  } else {
    std::optional<ListColumns> columns;
    CsvReader rows = list_reader(list);
    while (rows.next()) {
      const Cells cells = rows.cells();
      if (!columns) {
        columns = columns_of(cells);
        if (columns->header) continue;
      }
      if (columns->path >= cells.size()) {
        fail("{}:{}: expected a path in column {}", list.name(), rows.line(), columns->path + 1);
      }
      const bool labelled = columns->label && *columns->label < cells.size();
      add(std::string(trimmed(cells[columns->path])), labelled ? std::string(trimmed(cells[*columns->label])) : "",
          rows.line());
    }
    std::ranges::move(rows.encoding_notes(), std::back_inserter(to.set.notes));
  }
  note_missing_frames(clips, to);
  return clips;
}

}  // namespace

bool is_clip_list(const DataFile& file, bool pictures) {
  if (is_folder(file) || !array_format(file).empty()) return false;
  if (is_json_list(file, pictures)) return true;
  const auto front = front_of_list(file);
  return front && names_clip(front->path, file, front->header, pictures || front->labelled);
}

std::vector<ClipSource> clip_sources(const DataFile& file, ClipSet& to) {
  if (is_folder(file)) return clips_of_folder(file, to);
  const std::string name = fs::path(file.name()).filename().string();
  if (is_video(file)) return {clip_of_file(file, name, "")};
  if (is_frame(file)) return {{.id = name, .label = {}, .place = file.name(), .frames = {file}, .file = {}}};
  return clips_of_list(file, to);
}

}  // namespace recur::internal
