#include "recur/data/tables/usual_names.h"

#include <algorithm>
#include <string>

#include "recur/data/files/plain_text.h"

namespace recur::internal {

bool has_word(std::string_view name, Names words) {
  const std::string small = lower_ascii(name);
  for (size_t at = 0; at <= small.size();) {
    const size_t end = std::min(small.find_first_of(" _-./()[]", at), small.size());
    if (std::ranges::find(words, std::string_view(small).substr(at, end - at)) != words.end()) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace recur::internal
