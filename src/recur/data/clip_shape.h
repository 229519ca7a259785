// What a frame of a clip is: readings of sensors, the joints of a body or hand, or a picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace recur {

enum class ClipKind { kSensors, kSkeleton, kFrames };

struct ClipShape {
  ClipKind kind = ClipKind::kSensors;
  int64_t channels = 0;                // of sensors, or of a picture: 1 or 3
  int64_t joints = 0, dimensions = 0;  // of a skeleton, [J, D] row-major
  int64_t height = 0, width = 0;       // of a picture, [H, W, C] row-major

  bool operator==(const ClipShape&) const = default;

  int64_t numbers() const;   // of a frame
  std::string text() const;  // "20 joints in 3 dimensions"

  std::string to_text() const;                        // JSON
  static ClipShape from_text(std::string_view text);  // throws Error: it is untrusted input
};

std::string_view clip_kind_name(ClipKind kind);  // "sensors", "skeleton", "frames"

}  // namespace recur
