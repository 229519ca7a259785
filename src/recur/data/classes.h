// Labels as written, and the numbers of their classes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/string_map.h"
#include "recur/data/text/vocabulary.h"

namespace recur {

// How often each label is there.
using LabelCounts = std::map<std::string, int64_t, std::less<>>;

// The distinct labels, missing ones ("") aside: in order of their numbers when all are numbers, else of their bytes.
Vocabulary fit_classes(std::span<const std::string> labels);

// The class of a label; `place` begins the message of the Error for one that is not among them.
int32_t class_of(const Vocabulary& classes, std::string_view label, std::string_view place);

// The classes of a model and, behind them, the labels of other data that it lacks, numbered as they appear.
class OpenClasses {
 public:
  explicit OpenClasses(const Vocabulary& classes) : classes_(classes) {}

  // The number of a label, which is counted if the model lacks it. Throws Error beginning with `place` for a missing
  // one.
  int32_t number(std::string_view label, std::string_view place);

  bool is_known(int64_t number) const { return number < classes_.size(); }
  int64_t size() const { return classes_.size() + std::ssize(lacking_); }
  const std::vector<std::string>& lacking() const { return lacking_; }
  Vocabulary names() const;  // of all

  // What to warn of, in words: "2 of 30 tokens have tags that ...: 'I-LST' (2)"; nothing where the model lacks none.
  // `of` says what they are: "30 tokens have tags".
  std::string warning(std::string_view of) const;

 private:
  const Vocabulary& classes_;
  std::vector<std::string> lacking_;
  internal::StringMap<int32_t> numbers_;  // of these
  LabelCounts counts_;
};

// "'I-LST' (2), 'X' (1)", the most frequent first, and how many more there are.
std::string labels_text(const LabelCounts& counts);

// Says which labels validation data have and training data lack: the model gets a class for them that it cannot learn.
// Nothing where there are none. `one` and `many` say what is labelled: "tag", "tags".
std::string validation_alone_text(const LabelCounts& train, const LabelCounts& valid, std::string_view one,
                                  std::string_view many);

}  // namespace recur
