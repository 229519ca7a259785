// The things that can be inspected.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recur/base/config.h"
#include "recur/data/audio/transcripts.h"
#include "recur/data/caption_list.h"
#include "recur/data/clip_set.h"
#include "recur/data/files/data_file.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/text/text_pairs.h"
#include "recur/data/text/text_rows.h"

namespace recur::cli {

struct InspectOptions {
  bool json = false;
  bool baselines = false;
};

// What a model card is made from, beside the model.
struct CardOptions {
  bool wanted = false;
  std::vector<std::string> data, groups;  // test data, and its columns whose values are groups
  std::string positive, label;            // the class or label that is compared between groups
};

// `reading`: options of evaluation among those of inspect.
void inspect_card(const std::string& path, const CardOptions& card, const Config& reading);

void inspect_text(const std::vector<DataFile>& data, const InspectOptions& options);     // files and folders
void inspect_tensors(const std::filesystem::path& path, const InspectOptions& options);  // a file of tensors
void inspect_run(const std::filesystem::path& folder, const InspectOptions& options);

// Data for tasks: series of numbers, labelled texts, tagged sentences.
void inspect_series(const SequenceSet& set, const InspectOptions& options);
void inspect_text_rows(const std::vector<DataFile>& files, const TextRowOptions& reading,
                       const InspectOptions& options);
void inspect_pairs(const std::vector<DataFile>& files, const TextPairOptions& reading, const InspectOptions& options);
void inspect_pictures(const std::vector<DataFile>& files, const InspectOptions& options);
void inspect_clips(const ClipSet& clips, const InspectOptions& options);
void inspect_captions(const std::vector<DataFile>& files, const CaptionListOptions& reading,
                      const InspectOptions& options);
// Sounds, with their texts or without.
void inspect_sounds(const std::vector<DataFile>& files, const TranscriptOptions& reading,
                    const InspectOptions& options);
void inspect_tagged(const std::vector<DataFile>& files, const std::string& format, const InspectOptions& options);

}  // namespace recur::cli
