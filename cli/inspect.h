// The things that can be inspected.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recur/data/audio/transcripts.h"
#include "recur/data/files/data_file.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/text/text_pairs.h"
#include "recur/data/text/text_rows.h"

namespace recur::cli {

struct InspectOptions {
  bool json = false;
  bool baselines = false;
};

void inspect_text(const std::vector<DataFile>& data, const InspectOptions& options);     // files and folders
void inspect_tensors(const std::filesystem::path& path, const InspectOptions& options);  // a file of tensors
void inspect_run(const std::filesystem::path& folder, const InspectOptions& options);

// Data for tasks: series of numbers, labelled texts, tagged sentences.
void inspect_series(const SequenceSet& set, const InspectOptions& options);
void inspect_text_rows(const std::vector<DataFile>& files, const TextRowOptions& reading,
                       const InspectOptions& options);
void inspect_pairs(const std::vector<DataFile>& files, const TextPairOptions& reading, const InspectOptions& options);
// Sounds, with their texts or without.
void inspect_sounds(const std::vector<DataFile>& files, const TranscriptOptions& reading,
                    const InspectOptions& options);
void inspect_tagged(const std::vector<DataFile>& files, const std::string& format, const InspectOptions& options);

}  // namespace recur::cli
