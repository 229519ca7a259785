// Sounds, or pictures of lines, and what is said or written in them: lists and folders of files with their texts.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/audio/sound_file.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/place.h"

namespace recur {

struct Transcript {
  DataFile file;        // the sound
  std::string name;     // as the list has it, or its path
  std::string text;     // UTF-8, one space between words; "" where texts are not read
  std::string speaker;  // "": not known
  Place place;
};

struct Transcripts {
  std::vector<Transcript> items;
  std::vector<std::string> files;     // lists and folders
  std::vector<std::string> notes;     // choices made for the data, in words
  std::vector<std::string> warnings;  // what was left out: how many, and the first of them by name
  bool has_speakers = false;          // of every item

  std::string where(const Transcript& item) const { return place_text(files, item.place); }
};

struct TranscriptOptions {
  // Columns by name or "#2"; "": those with usual names, or the only two. Of speakers "": one with a usual name.
  std::string file{}, text{}, speaker{};
  std::string header{};  // "yes", "no"; "" or "auto": found out
  bool need_texts = true;
  bool keep_textless = false;  // with need_texts: a sound without a text stays, and is warned of
  bool (*is_kind)(std::string_view name) = is_sound_name;  // by its name, a file is such a sound
};

// Of each file given: a list of paths and texts, between tabs, as .csv or as JSON lines; a folder of sounds, each with
// a .txt of the same name beside it or a line in an ID.trans.txt; or a sound itself, known by its name or its first
// bytes. Paths in lists are relative to the list's folder, or else to the working folder. Left out and warned of: files
// that are not there, sounds without a text and texts without a sound. Throws Error for what cannot be read and where
// nothing is left; UsageError where it is not clear which columns are meant.
Transcripts read_transcripts(std::span<const DataFile> files, const TranscriptOptions& options = {});

}  // namespace recur
