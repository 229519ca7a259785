#include "recur/data/dataset_of.h"

#include <utility>

namespace recur {
namespace {

// Of anything with size(), load(i) and in_memory().
template <class Example, class Set>
class Held : public Dataset<Example> {
 public:
  Held(std::shared_ptr<const Set> set, std::vector<int64_t> lengths)
      : set_(std::move(set)), lengths_(std::move(lengths)) {}

  int64_t size() const override { return set_->size(); }
  int64_t length(int64_t i) const override { return lengths_[static_cast<size_t>(i)]; }
  Loaded<Example> load(int64_t i, Random&) const override { return set_->load(i); }
  bool in_memory() const override { return set_->in_memory(); }

 private:
  std::shared_ptr<const Set> set_;
  std::vector<int64_t> lengths_;
};

template <class Example, class Set>
DatasetPtr<Example> held(std::shared_ptr<const Set> set, std::vector<int64_t> lengths) {
  return std::make_shared<Held<Example, Set>>(std::move(set), std::move(lengths));
}

}  // namespace

DatasetPtr<Sequence> dataset_of(std::shared_ptr<const SequenceSet> set) {
  std::vector<int64_t> lengths;
  for (const Sequence& s : set->sequences) lengths.push_back(set->length(s));
  return held<Sequence>(std::move(set), std::move(lengths));
}

DatasetPtr<TaggedSentence> dataset_of(std::shared_ptr<const TaggedText> text) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < text->size(); ++i) lengths.push_back(text->length(i));
  return held<TaggedSentence>(std::move(text), std::move(lengths));
}

DatasetPtr<TextRow> dataset_of(std::shared_ptr<const TextRows> rows, std::vector<int64_t> lengths) {
  return held<TextRow>(std::move(rows), std::move(lengths));
}

}  // namespace recur
