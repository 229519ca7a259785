// What a model writes, kept in memory: for an audit or a report, which go on with it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/sink.h"

namespace recur {

class KeptRows final : public Sink {
 public:
  void columns(const std::vector<std::string>& names) override { names_ = names; }
  void row(std::span<const TableCell> cells) override { rows_.emplace_back(cells.begin(), cells.end()); }
  void picture(const Picture& picture) override { pictures_.push_back(picture); }

  std::optional<size_t> find(std::string_view name) const {
    const auto at = std::ranges::find(names_, name);
    if (at == names_.end()) return {};
    return static_cast<size_t>(at - names_.begin());
  }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::vector<TableCell>>& rows() const { return rows_; }
  const std::vector<Picture>& pictures() const { return pictures_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<TableCell>> rows_;
  std::vector<Picture> pictures_;
};

std::string text_of(const TableCell& cell);
std::optional<double> number_of(const TableCell& cell);  // nothing of a text

}  // namespace recur
