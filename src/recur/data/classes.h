// Labels as written, and the numbers of their classes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "recur/data/text/vocabulary.h"

namespace recur {

// The distinct labels, missing ones ("") aside: in order of their numbers when all are numbers, else of their bytes.
Vocabulary fit_classes(std::span<const std::string> labels);

// The class of a label; `place` begins the message of the Error for one that is not among them.
int32_t class_of(const Vocabulary& classes, std::string_view label, std::string_view place);

}  // namespace recur
