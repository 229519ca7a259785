#include "recur/tasks/adapt/adapt_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/image.h"

namespace recur {
namespace {

bool is_array_name(const DataFile& file) {
  constexpr std::array kArrays{".npy", ".npz", ".idx"};
  return std::ranges::count(kArrays, file.extension()) > 0 ||
         file.name().find("-ubyte") != std::string::npos;  // IDX files have no extension of their own
}

bool is_picture(const DataFile& file) {
  if (is_folder(file)) return is_image_name(read_class_folder(file).files.front().file.name());
  return is_image_name(file.name());
}

// Arrays of pictures are read as series of their rows, so that labels may stand in a file of their own.
bool reads_pictures(const DataFiles& files, const AdaptDataOptions& options, bool arrays_too) {
  if (files.empty()) return false;
  if (options.input == "auto") return is_picture(files.front());
  return options.input == "pictures" && (arrays_too || !is_array_name(files.front()));
}

}  // namespace

bool is_sinusoids(const DataFiles& files) {
  std::error_code ignored;
  return files.size() == 1 && files[0].name() == "sinusoids" && files[0].memory() == nullptr &&
         !std::filesystem::exists("sinusoids", ignored);
}

std::string files_text_of(const DataFiles& files) {
  std::vector<std::string> names;
  for (const DataFile& file : files) names.push_back(file.name());
  return files_text(names);
}

ClassifyDataOptions reading_options(const AdaptDataOptions& options) {
  ClassifyDataOptions out;
  out.input = options.input == "pictures" ? "series" : options.input;
  out.text = options.text;
  out.label = options.label;
  out.series = options.series;
  out.most_steps = options.most_steps;
  out.keep = "ends";
  out.tokens = options.tokens;
  out.scaler = options.scaler == "each" || options.input == "pictures" ? "none" : options.scaler;
  return out;
}

AdaptSource AdaptSource::read(const DataFiles& files, const AdaptDataOptions& options, const AdaptUseOptions& use,
                              const Reading& how) {
  AdaptSource source;
  if (reads_pictures(files, options, how.pictures && use.labels_file.empty())) {
    const auto set = std::make_shared<const ImageSet>(ImageSet::read(files));
    set->log_all();
    source.pictures_ = set;
    return source;
  }
  const ClassifyDataOptions reading = reading_options(options);
  const bool text =
      recur::is_text(files, {.input = reading.input, .text_column = reading.text, .tokens = reading.tokens.kind});
  if (text && options.target != "auto" && options.target != "class") {
    fail_usage("target: expected class, since the data are texts, got {}", options.target);
  }
  const auto read_with = [&](bool need_labels) {
    return ClassifySource::read(files, reading,
                                {.columns = how.columns,
                                 .labels_file = use.labels_file,
                                 .chosen = how.chosen,
                                 .need_labels = need_labels,
                                 .text_columns = how.text_columns,
                                 .may_lack = how.may_lack});
  };
  if (options.target != "auto") {
    source.sequences_ = read_with(how.need_labels && options.target == "class");
    return source;
  }
  try {
    source.sequences_ = read_with(true);
  } catch (const UsageError&) {
    throw;
  } catch (const Error&) {
    if (text) throw;
    source.sequences_ = read_with(false);  // throws again where labels are not what is amiss
  }
  return source;
}

AdaptSource AdaptSource::sinusoids() {
  ClassifyDataOptions options;
  options.input = "series";
  options.series.values = {"x", "y"};
  AdaptSource source;
  source.sequences_ = ClassifySource::read({DataFile::from_memory("sinusoids.csv", "x,y\n1,0\n-1,0\n0,0\n")}, options,
                                           {.need_labels = false});
  return source;
}

bool AdaptSource::has_labels() const {
  for (int64_t i = 0; i < size(); ++i) {
    if (!label(i).empty()) return true;
  }
  return false;
}

std::string AdaptSource::label(int64_t i) const { return pictures_ ? pictures_->item(i).label : sequences_->label(i); }

std::string AdaptSource::name(int64_t i) const { return pictures_ ? pictures_->item(i).id : sequences_->name(i); }

std::string AdaptSource::where(int64_t i) const { return pictures_ ? pictures_->item(i).file : sequences_->where(i); }

std::string AdaptSource::where_label(int64_t i) const { return pictures_ ? where(i) : sequences_->where_label(i); }

int64_t AdaptSource::file(int64_t i) const {
  if (pictures_) return pictures_->item(i).source;
  if (sequences_->is_text()) return sequences_->texts().load(i)->place.file;
  return sequences_->series().sequences[static_cast<size_t>(i)].place.file;
}

std::string AdaptSource::file_name(int64_t file) const {
  const std::vector<std::string>& names = pictures_               ? pictures_->files()
                                          : sequences_->is_text() ? sequences_->texts().files
                                                                  : sequences_->series().files;
  const auto at = static_cast<size_t>(file);
  return at < names.size() ? std::filesystem::path(names[at]).filename().string() : "";
}

std::string AdaptSource::taken() const {
  if (!pictures_) return sequences_->taken();
  return fmt::format("{}: {} pictures", files_text(pictures_->files()), pictures_->size());
}

}  // namespace recur
