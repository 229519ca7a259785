#include "recur/tasks/denoise/unread_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/tasks/given_options.h"

namespace recur {
namespace {

using Keys = std::vector<std::string_view>;

bool is_of_series(const ConfigField& field) { return field.section == "Series"; }

bool is_of_pictures(const ConfigField& field) {
  static const Keys keys{"channels", "low", "high", "augment", "cut"};
  return std::ranges::count(keys, field.key) > 0;
}

bool is_of_mixed_noise(const ConfigField& field) { return field.key == "impulses"; }

bool is_of_convolutions(const ConfigField& field) {
  static const Keys keys{"width", "blocks", "shrink"};
  return std::ranges::count(keys, field.key) > 0;
}

bool is_of_patches(const ConfigField& field) { return field.key == "block_side"; }

}  // namespace

void refuse_unread_options(const DenoiseOptions& options, const DenoiseOptions& usual) {
  const auto refuse = [&](auto&& is_foreign, std::string_view whose, std::string_view got) {
    const std::vector<std::string> keys = given_options(options, usual, is_foreign);
    if (keys.empty()) return;
    fail_usage("{}: {} of {}, got {}", fmt::join(keys, ", "), keys.size() == 1 ? "an option" : "options", whose, got);
  };
  const std::string& network = options.model.network;
  if (!is_series(options)) refuse(is_of_series, "series", "pictures");
  if (is_series(options)) refuse(is_of_pictures, "pictures", "series");
  if (options.noise.kind != "mixed") refuse(is_of_mixed_noise, "noise = mixed", options.noise.kind);
  if (network != "conv") refuse(is_of_convolutions, "network = conv", network);
  if (network != "patches") refuse(is_of_patches, "network = patches", network);
}

}  // namespace recur
