// Metrics that are tables rather than single numbers.
#pragma once

#include <string>
#include <vector>

#include "recur/data/text/vocabulary.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/sink.h"

namespace recur {

// A row per class: its name, examples, precision, recall and f1.
Table class_table(std::string name, const std::vector<BinaryCounts>& counts, const Vocabulary& classes);

// "confusion", a row an actual class, a column a predicted one.
Table confusion_table(const ConfusionMatrix& matrix, const Vocabulary& classes);

}  // namespace recur
