// Pictures with captions, as a network reads them: pixels, or features that were computed before.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/caption_list.h"
#include "recur/data/row_store.h"

namespace recur {

// What the values of an image are: its pixels [side, side, 3], or features [regions, features].
struct CaptionShape {
  int64_t side = 0;  // 0: features
  int64_t regions = 1, features = 0;

  bool has_pictures() const { return side > 0; }
  int64_t values() const { return has_pictures() ? side * side * 3 : regions * features; }
};

struct CaptionSetOptions {
  CaptionListOptions list{};
  std::string features{};  // an .npy array in the place of pictures, [N, D] or [N, regions, D]; "": pictures are read
  int64_t side = 64;       // pictures are resized to side x side
};

// Any number of threads may read one.
class CaptionSet {
 public:
  // Files are lists; where captions are not needed, also pictures and folders of them. Pictures that cannot be read,
  // and images without a caption where these are needed, are left out (log_all() says so). Throws Error where none is
  // left, and for an array of another shape than the list has images.
  static CaptionSet read(std::span<const DataFile> files, const CaptionSetOptions& options);

  int64_t size() const { return static_cast<int64_t>(images_.size()); }
  const CaptionedImage& image(int64_t i) const { return images_[static_cast<size_t>(i)]; }
  const CaptionShape& shape() const { return shape_; }
  std::vector<float> values(int64_t i) const;  // 0 .. 1 of pixels
  bool in_memory() const { return values_.in_memory(); }
  int64_t captions() const;
  const std::vector<std::string>& files() const { return files_; }

  // Writes notes and what was left out to the log.
  void log_all() const;

 private:
  explicit CaptionSet(const CaptionShape& shape);
  void add(CaptionedImage image, std::span<const float> values);
  void read_pictures(CaptionList list, bool need_captions);
  void read_features(CaptionList list, const CaptionSetOptions& options);

  CaptionShape shape_;
  std::vector<CaptionedImage> images_;
  std::vector<std::string> files_, notes_, warnings_;
  RowStore<float> values_;
};

}  // namespace recur
