// Lists of pictures and their captions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/files/place.h"

namespace recur {

struct CaptionedImage {
  std::string id;                     // its path, as the list has it
  std::string path;                   // from the list's folder, or else the working folder
  std::vector<std::string> captions;  // UTF-8, not empty texts; none where captions are not read
  Place place;                        // of its first row
};

// A row, or several, for each picture: in the order of their first rows.
struct CaptionList {
  std::vector<CaptionedImage> images;
  std::vector<std::string> files, notes;
  std::vector<std::string> warnings;  // of empty captions: how many, and the first

  std::string where(const CaptionedImage& image) const { return place_text(files, image.place); }
};

struct CaptionListOptions {
  // By name or "#2". Empty: columns of usual names (image, path, file; caption, captions, caption_1, text, sentence),
  // or of two columns the first and the second.
  std::string image{};
  std::vector<std::string> captions{};
  std::string header{};  // "yes", "no"; "" or "auto": found out
  bool need_captions = true;
};

// CSV (.csv), tables between tabs, and JSON lines (.jsonl, .ndjson), in which a caption may be an array of texts.
// Throws Error for what cannot be read and for a list without rows; UsageError where it is not clear which columns are
// meant.
CaptionList read_caption_list(std::span<const DataFile> files, const CaptionListOptions& options = {});

}  // namespace recur
