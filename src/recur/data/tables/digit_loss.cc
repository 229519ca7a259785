#include "recur/data/tables/digit_loss.h"

#include <fmt/format.h>

#include "recur/data/files/plain_text.h"

namespace recur {

std::string offset_note(const std::string& file, const std::string& channel, std::optional<double> offset) {
  if (offset) {
    return fmt::format("{}: channel {} is stored minus {}, so that its last digits are not lost", file,
                       quoted_cell(channel), *offset);
  }
  return fmt::format("{}: the last digits of channel {} are lost: values are stored with about 7", file,
                     quoted_cell(channel));
}

}  // namespace recur
