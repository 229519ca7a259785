#include "recur/data/clip_shape.h"

#include <fmt/format.h>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

constexpr int64_t kMostNumbers = int64_t{1} << 24;  // of a frame

bool is_sound(const ClipShape& shape) {
  const auto within = [](int64_t size, int64_t most) { return size >= 1 && size <= most; };
  switch (shape.kind) {
    case ClipKind::kSensors:
      return within(shape.channels, kMostNumbers);
    case ClipKind::kSkeleton:
      return within(shape.joints, 1 << 16) && within(shape.dimensions, 3);
    case ClipKind::kFrames:
      return (shape.channels == 1 || shape.channels == 3) && within(shape.height, 1 << 12) &&
             within(shape.width, 1 << 12) && shape.numbers() <= kMostNumbers;
  }
  return false;
}

}  // namespace

std::string_view clip_kind_name(ClipKind kind) {
  return kind == ClipKind::kSensors ? "sensors" : kind == ClipKind::kSkeleton ? "skeleton" : "frames";
}

int64_t ClipShape::numbers() const {
  if (kind == ClipKind::kSkeleton) return joints * dimensions;
  return kind == ClipKind::kFrames ? height * width * channels : channels;
}

std::string ClipShape::text() const {
  if (kind == ClipKind::kSensors) return counted(channels, "channel", "channels");
  if (kind == ClipKind::kSkeleton) {
    return fmt::format("{} in {}", counted(joints, "joint", "joints"), counted(dimensions, "dimension", "dimensions"));
  }
  return fmt::format("pictures of {} x {} in {}", height, width, channels == 1 ? "grey" : "colour");
}

std::string ClipShape::to_text() const {
  return Json{{"kind", std::string(clip_kind_name(kind))},
              {"channels", channels},
              {"joints", joints},
              {"dimensions", dimensions},
              {"height", height},
              {"width", width}}
      .dump();
}

ClipShape ClipShape::from_text(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("expected a JSON object");
  ClipShape shape;
  try {
    const auto kind = json->at("kind").get<std::string>();
    shape.kind = kind == "skeleton" ? ClipKind::kSkeleton : kind == "frames" ? ClipKind::kFrames : ClipKind::kSensors;
    shape.channels = json->at("channels").get<int64_t>();
    shape.joints = json->at("joints").get<int64_t>();
    shape.dimensions = json->at("dimensions").get<int64_t>();
    shape.height = json->at("height").get<int64_t>();
    shape.width = json->at("width").get<int64_t>();
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
  if (!is_sound(shape)) fail("expected the sizes of a frame, got {}", shape.text());
  return shape;
}

}  // namespace recur
