// Records as read, before they are encoded: texts, series or pictures, each with the class that it belongs to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recur/data/image_set.h"
#include "recur/tasks/adapt/adapt_options.h"
#include "recur/tasks/classify/classify_source.h"

namespace recur {

class AdaptSource {
 public:
  struct Reading {
    const Columns* columns = nullptr;  // of the training data: series are read the same way; null: by the options
    TextColumns text_columns = {};     // the same of texts
    bool chosen = true;                // the options name columns of these files
    bool need_labels = true;           // of target = class
    std::string may_lack = {};         // a channel that is to be predicted
    bool pictures = false;             // the training data were files of pictures: arrays are read likewise
  };
  // Throws Error for what cannot be read. `options.target` may be "auto".
  static AdaptSource read(const DataFiles& files, const AdaptDataOptions& options, const AdaptUseOptions& use,
                          const Reading& how);
  // Of the built-in sinusoids: one series of the columns x and y.
  static AdaptSource sinusoids();

  bool has_pictures() const { return pictures_ != nullptr; }
  bool has_labels() const;
  const ImageSet& pictures() const { return *pictures_; }
  const ClassifySource& sequences() const { return *sequences_; }

  int64_t size() const { return pictures_ ? pictures_->size() : sequences_->size(); }
  std::string label(int64_t i) const;  // "" without one
  std::string name(int64_t i) const;
  std::string where(int64_t i) const;        // "train.csv:12"
  std::string where_label(int64_t i) const;  // its label, which may stand elsewhere
  int64_t file(int64_t i) const;             // of those that were given, or of the pictures' folders
  std::string file_name(int64_t file) const;
  std::string taken() const;

 private:
  std::shared_ptr<const ImageSet> pictures_;  // one of the two
  std::optional<ClassifySource> sequences_;
};

// Whether DATA names the built-in sinusoids, and no file that is called so.
bool is_sinusoids(const DataFiles& files);

// The name of the only file, or how many there are.
std::string files_text_of(const DataFiles& files);

// Options of reading as the task classify has them.
ClassifyDataOptions reading_options(const AdaptDataOptions& options);

}  // namespace recur
