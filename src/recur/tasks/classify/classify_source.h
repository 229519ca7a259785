// The sequences of files as read, before encoding: texts or series, each with its label, in memory or, if they do not
// fit, on disk. Copies share them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "recur/data/sequences/sequence_set.h"
#include "recur/data/text/text_rows.h"
#include "recur/tasks/classify/classify_options.h"
#include "recur/tasks/trained.h"

namespace recur {

class ClassifySource {
 public:
  struct Reading {
    const Columns* columns = nullptr;  // of an earlier file: series are read the same way; null: by the options
    std::filesystem::path labels_file = {};
    bool chosen = true;                          // the options name columns of these files; false: of earlier ones
    bool need_labels = true;                     // false: files may have none
    std::vector<std::string> known_labels = {};  // tell, where labels are not needed, whether lines begin with one
    TextColumns text_columns = {};               // of the training data
    std::string may_lack = {};                   // as in SequenceOptions
  };
  // Folders hold a folder for each class, and in it files of a text or series each. Throws Error for what cannot be
  // read.
  static ClassifySource read(const DataFiles& files, const ClassifyDataOptions& options, const Reading& how);

  bool is_text() const { return texts_ != nullptr; }
  const TextRows& texts() const { return *texts_; }
  const SequenceSet& series() const { return *series_; }

  bool in_memory() const { return is_text() ? texts_->in_memory() : series_->in_memory(); }
  int64_t size() const { return is_text() ? texts_->size() : series_->size(); }
  std::string label(int64_t i) const;        // as written, "" without one
  std::string name(int64_t i) const;         // its id, or its number from 1 where the data have none
  std::string where(int64_t i) const;        // "train.csv:12"
  std::string where_label(int64_t i) const;  // its label: elsewhere where labels stand apart
  // The same texts, each as `edit` makes it. Throws UsageError where they are series.
  ClassifySource edited(const std::function<std::string(const std::string&)>& edit) const;
  // What was taken for what, and how much there is, in words.
  std::string taken() const;

 private:
  explicit ClassifySource(TextRows rows) : texts_(std::make_shared<const TextRows>(std::move(rows))) {}
  explicit ClassifySource(SequenceSet set);

  std::shared_ptr<const TextRows> texts_;  // one of the two
  std::shared_ptr<const SequenceSet> series_;
};

// Whether files hold texts rather than series, inferred from their names and first lines.
bool looks_like_text(const DataFiles& files);

// The options that say so.
struct TextChoice {
  std::string input = "auto", text_column = {}, tokens = "auto";
};
bool is_text(const DataFiles& files, const TextChoice& choice);

}  // namespace recur
