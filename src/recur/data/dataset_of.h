// What readers give, in memory or on disk, as data sets.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "recur/data/dataset.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/data/text/tagged_text.h"
#include "recur/data/text/text_rows.h"

namespace recur {

// load(i) refers to what is in memory, and reads what is on disk. Lengths are steps and tokens; those of texts follow
// from how they are encoded, and are the caller's to give.
DatasetPtr<Sequence> dataset_of(std::shared_ptr<const SequenceSet> set);
DatasetPtr<TaggedSentence> dataset_of(std::shared_ptr<const TaggedText> text);
DatasetPtr<TextRow> dataset_of(std::shared_ptr<const TextRows> rows, std::vector<int64_t> lengths);

}  // namespace recur
