#include "recur/data/value_parts.h"

namespace recur {

PartSource value_parts(const SequenceSet& set, std::span<const int64_t> which) {
  return [&set, which](const PartVisitor& visit) {
    for (const int64_t i : which) {
      for_each_part(set, set.sequences[static_cast<size_t>(i)],
                    [&](const Sequence& part, int64_t) { visit(part.values); });
    }
  };
}

}  // namespace recur
