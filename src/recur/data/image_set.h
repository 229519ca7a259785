// Pictures of folders, lists and arrays, decoded once: what tasks on images learn from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/number_array.h"
#include "recur/data/images/image.h"
#include "recur/data/row_store.h"

namespace recur {

struct ImageItem {
  std::string id = {};     // its path from the folder given, or as the list has it; of an array "name.npy[12]"
  std::string label = {};  // the folder it lies in or the list's second column; "" without
  std::string file = {};   // where it is; of an array its file
  int source = 0;          // the number of the folder, list, array or file given
  int64_t height = 0, width = 0, channels = 1;
  int bits = 8;                             // as in Image
  ImageFormat format = ImageFormat::kNone;  // of its file; kNone of an array
  bool had_alpha = false;
};

// An array of pictures: its shape and what its elements are.
struct ImageArray {
  int source = 0;
  std::vector<int64_t> shape;
  ArrayElement element;
  bool channels_first = false;
  int64_t first = 0, count = 0;  // its pictures
};

struct ImageFault {
  std::string file, message;
};

struct ImageSetOptions {
  int64_t most_pixels = kMostPixels;  // of a picture
  int64_t memory_bytes = 0;           // more values than this lie on disk; 0: usual_memory_bytes()
};

// Any number of threads may read one.
class ImageSet {
 public:
  // Each of `files` is a picture, a folder of pictures (whose folders are classes), a list with a path a line and
  // behind a tab or comma a class, or an .npy or IDX array [N, H, W], [N, H, W, C], [N, C, H, W] or [H, W] with C 1 or
  // 3. Integers of 8 and 16 bits are scaled to 0 .. 1, all other numbers are what they are. Files that cannot be read
  // are left out (faults()); throws Error where none is left, UsageError for an array whose shape has two readings.
  static ImageSet read(std::span<const DataFile> files, const ImageSetOptions& options = {});

  int64_t size() const { return std::ssize(items_); }
  const ImageItem& item(int64_t i) const { return items_[static_cast<size_t>(i)]; }
  Image load(int64_t i) const;
  bool in_memory() const { return values_.in_memory(); }

  const std::vector<ImageArray>& arrays() const { return arrays_; }
  const std::vector<ImageFault>& faults() const { return faults_; }
  const std::vector<std::string>& notes() const { return notes_; }  // choices and what was passed over, in words
  const std::vector<std::string>& files() const { return files_; }  // as they were given

  // Writes notes and faults to the log.
  void log_all() const;

 private:
  explicit ImageSet(const ImageSetOptions& options);
  void add_folder(const DataFile& folder, int source);
  void add_list(const DataFile& list, int source);
  void add_array(const DataFile& file, int source);
  void add_picture(const DataFile& file, ImageItem item);

  ImageSetOptions options_;
  std::vector<std::string> files_, notes_;
  std::vector<ImageItem> items_;
  std::vector<int64_t> first_;  // value of each
  std::vector<ImageArray> arrays_;
  std::vector<ImageFault> faults_;
  RowStore<float> values_;  // of all, one after another
};

// Whether an .npy or IDX array is [N, H, W, C] or [N, C, H, W]: of bytes, or square. Clips of joints are neither.
bool is_array_of_pictures(const DataFile& file);

// The bytes of an .npy file of such an array, with these values, scaled as ImageSet scales them. Of an array that was
// IDX too.
std::string npy_bytes(const ImageArray& array, std::span<const Image> images);

}  // namespace recur
